// The conflict notices of one document: looked for a moment after the edits that ask for it, kept in the log, told to the people
// concerned, and kept no more when they dismiss them.
import type { Notice } from '@hakiri/contracts/notice';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { Reply } from '../host/protocol.ts';
import type { SyncMetrics } from '../metrics.ts';
import { askHost, type Hosting } from '../pool/host-pool.ts';
import type { NewsRoom } from '../room/news-room.ts';
import type { DocumentLife } from './document-life.ts';
import type { NoticeNote } from './record.ts';

export type DocumentNoticesDeps = {
  id: DocumentId;
  life: DocumentLife;
  news(): NewsRoom;
  clock: Clock;
  logger: Logger;
  metrics: SyncMetrics;
};

/** At most. A person does not miss it, and under load many edits share one look. */
export const LOOK_AFTER_MS = 25;
/** Of the time, at most one part in so many is spent looking: edits come first. */
const LOOK_SHARE = 5;

/** Dismissals that are remembered. */
const DISMISSED_LIMIT = 10_000;
const NOTHING_TO_LOOK_AT: Promise<void> = Promise.resolve();

export class DocumentNotices {
  readonly #deps: DocumentNoticesDeps;
  /** Dismissed since it was opened first here: the log may not say so yet. */
  #dismissed: Set<string> | undefined;
  #timer: Timer | undefined;
  #isClosed = false;
  #delayMs = LOOK_AFTER_MS;
  #looking = NOTHING_TO_LOOK_AT;

  constructor(deps: DocumentNoticesDeps) {
    this.#deps = deps;
  }

  /** Somebody wrote without knowing of all else. */
  lookSoon(): void {
    const { clock } = this.#deps;
    // All documents at the same moments: what wakes the threads for one serves the others.
    this.#timer ??= clock.after(this.#delayMs - (clock.now() % LOOK_AFTER_MS), () => this.lookNow());
  }

  /** When something waits for it. */
  lookNow(): void {
    const { clock, life, metrics } = this.#deps;
    if (!this.#takeDue()) return;
    // Asleep it is left asleep: what is opened again is looked at again.
    if (!life.isAwake) return;
    const begunMs = clock.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#looking = promise;
    life.perform<'look'>(
      { kind: 'look', input: { atMs: begunMs } },
      (found) => {
        this.#delayMs = Math.max(LOOK_AFTER_MS, (clock.now() - begunMs) * LOOK_SHARE);
        this.#found(found);
        resolve();
      },
      () => {
        metrics.undetected('failed');
        resolve();
      },
    );
  }

  /** The document goes to sleep there. False: it is looked at when the document is opened again. */
  async lookIn(hosting: Hosting): Promise<boolean> {
    if (!this.#takeDue()) return true;
    const found = await askHost(hosting, 'look', { atMs: this.#deps.clock.now() });
    if (found === undefined || this.#isClosed) return false;
    this.#found(found);
    return true;
  }

  #takeDue(): boolean {
    const isDue = this.#timer !== undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    return isDue;
  }

  #found({ notices, undetected }: Reply<'look'>): void {
    if (undetected !== undefined) this.#deps.metrics.undetected(undetected);
    for (const notice of notices) this.notify(notice);
  }

  /** Resolves when what came until now was looked at. */
  looked(): Promise<void> {
    this.lookNow();
    return this.#looking;
  }

  /** To the people concerned, now or when they come back. */
  notify(notice: Notice): void {
    const { clock, life, metrics, news } = this.#deps;
    // Whose an operation was that came before the record began is not known.
    const users = [...new Set([notice.won.user, notice.lost.user])].filter((user) => user !== '');
    const actor = { kind: 'service', id: 'sync' } as const;
    life.submit({ kind: 'notice', actor, receivedAtMs: clock.now(), note: { users, notice } });
    metrics.noticed(notice.kind);
    for (const user of users) news().notify(user, notice);
  }

  /** What the log has kept; not what was dismissed while it could not be written there. */
  restore(notes: readonly NoticeNote[]): void {
    const { news } = this.#deps;
    for (const { users, notice } of notes)
      for (const user of users)
        if (!this.#dismissed?.has(keyOf(user, notice.id))) news().notify(user, notice);
  }

  /** It is gone for the user already; this keeps it gone. */
  dismissed(user: string, id: string): void {
    const { clock, life, logger } = this.#deps;
    this.#dismissed ??= new Set();
    if (this.#dismissed.size >= DISMISSED_LIMIT) this.#dismissed.clear();
    this.#dismissed.add(keyOf(user, id));
    const actor = { kind: 'user', id: user } as const;
    life.perform<'query'>(
      { kind: 'query', input: { name: 'version', input: undefined } },
      () => life.submit({ kind: 'dismissed', actor, receivedAtMs: clock.now(), note: { user, id } }),
      (error) => logger.warn('dismissal_not_recorded', { ...this.#deps.id, ...errorFields(error) }),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#takeDue();
  }
}

function keyOf(user: string, id: string): string {
  return `${user} ${id}`;
}
