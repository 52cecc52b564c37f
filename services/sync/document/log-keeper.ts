// Keeps a document's log short and its history bounded, beside the live document: bases and compactions of the history are made
// in the scratch host from what the log says, so nobody who edits waits. History is compacted while the document sleeps: then
// nothing can be written meanwhile that builds on what is dropped, and whoever wakes it takes the log over, which ends the
// attempt. Archive and root are stored and read back before the base that names them replaces the old one.
import { compareVersions, encodeVersion, type Version } from '@hakiri/config-doc/version';
import type { DocVersion } from '@hakiri/contracts/names';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import type { Clock } from '@hakiri/substrate/clock';
import { type DocumentId, type DocumentLog, DocumentLogError } from '@hakiri/substrate/document-log';
import type { Random } from '@hakiri/substrate/random';
import type { SyncConfig } from '../config.ts';
import { EMPTY_HISTORY, type HistoryIndex, isCompactionDue, withCompaction } from '../history/archives.ts';
import type { Reply } from '../host/protocol.ts';
import type { Query } from '../host/queries.ts';
import type { ReadAt, RescueOutcome } from '../host/scratch-protocol.ts';
import type { SyncMetrics } from '../metrics.ts';
import {
  type AskScratch,
  ScratchEnded,
  ScratchFailed,
  type ScratchHost,
  ScratchLost,
} from '../pool/scratch-host.ts';
import { DocumentArchive } from './document-archive.ts';
import { CommandHarmful } from './document-errors.ts';
import type { MadeBase } from './persisted-document.ts';
import type { AppliedNote } from './record.ts';

export type LogKeeperDeps = {
  log: DocumentLog;
  scratch: ScratchHost;
  blobs: BlobStore;
  clock: Clock;
  random: Random;
  logger: Logger;
  metrics: SyncMetrics;
  config: SyncConfig;
};

export type LogKeeperHooks = {
  /** What the document is told to hold. */
  counters(): Version;
  /** What a base has to carry beside what the log says. */
  applied(): AppliedNote | undefined;
  looked(): Promise<void>;
};

/** The document sleeps: its log is at `position`, and nobody writes to it under this epoch any more. */
export type Nap = { epoch: number; position: number; isOver(): boolean };

export type Due = 'no' | 'due' | 'overdue';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A document that never sleeps by itself is made to when its compaction is due for that long. */
const OVERDUE_MS = 2 * DAY_MS;
const OVERDUE_FACTOR = 2;
/** After a failure. */
const RETRY_MS = 60 * 60 * 1000;
/** Most who need a rescue were away for little longer than the history that is kept. */
const FIRST_ARCHIVES = 2;

export class LogKeeper {
  readonly #id: DocumentId;
  readonly #deps: LogKeeperDeps;
  readonly #hooks: LogKeeperHooks;
  readonly #archive: DocumentArchive;
  #history: HistoryIndex = EMPTY_HISTORY;
  #begunMs: number | undefined;
  /** Where its log ended when it fell asleep. */
  #sleptAt: number | undefined;
  #failedMs = Number.NEGATIVE_INFINITY;

  constructor(id: DocumentId, deps: LogKeeperDeps, hooks: LogKeeperHooks) {
    this.#id = id;
    this.#deps = deps;
    this.#hooks = hooks;
    this.#archive = new DocumentArchive(id, deps);
  }

  opened({ history, begunMs }: Pick<Reply<'open'>, 'history' | 'begunMs'>): void {
    this.#sleptAt = undefined;
    this.#history = history;
    // A new one begins now, and may have to be compacted before it is opened again.
    this.#begunMs = begunMs ?? this.#deps.clock.now();
  }

  /** All that it holds is in the log, up to `position`. */
  slept(position: number): void {
    this.#sleptAt = position;
  }

  /** Of a document that sleeps, without waking it; undefined when another process has written to its log since, or nobody knows. */
  async versionAsleep(): Promise<DocVersion | undefined> {
    const sleptAt = this.#sleptAt;
    if (sleptAt === undefined) return undefined;
    const version = encodeVersion(this.#hooks.counters());
    // When the log does not answer, whoever opens the document is told.
    const position = await this.#deps.log.position(this.#id).catch(() => undefined);
    return position === sleptAt ? version : undefined;
  }

  /** Whether history is to be compacted: long enough ago, and a revision was applied since. */
  due(historyBytes: number): Due {
    const { clock, config } = this.#deps;
    const nowMs = clock.now();
    const lastMs = this.#history.roots.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
    const applied = this.#hooks.applied();
    if (applied === undefined || Date.parse(applied.publishedAt) <= lastMs) return 'no';
    if (nowMs - this.#failedMs < RETRY_MS) return 'no';
    const facts = { nowMs, sinceMs: this.#begunMs ?? nowMs, historyBytes };
    const { history } = config;
    if (!isCompactionDue(this.#history, facts, history)) return 'no';
    const patient = {
      ...history,
      historyMs: history.historyMs + OVERDUE_MS,
      historyBytes: history.historyBytes * OVERDUE_FACTOR,
    };
    return isCompactionDue(this.#history, facts, patient) ? 'overdue' : 'due';
  }

  /** Of a document that is awake. `durable`: false when what was submitted could not be stored. Undefined: not this time. */
  async makeBase(durable: () => Promise<boolean>): Promise<MadeBase | undefined> {
    try {
      return await this.#deps.scratch.run(async (ask) => {
        const least = new Map(this.#hooks.counters());
        if (!(await durable())) return undefined;
        const content = await this.#deps.log.read(this.#id);
        // What a base replaces is not looked at again: all of it was, and what was found is stored behind it.
        await this.#hooks.looked();
        if (!(await durable())) return undefined;
        const { counters } = await ask('read', content);
        this.#expect(least, counters);
        this.#expect(counters, this.#hooks.counters());
        return { content, base: await this.#baseOf(ask, counters, undefined) };
      });
    } catch (error) {
      this.#failed('base_failed', error);
      return undefined;
    }
  }

  /** A base of a document that fell asleep, with less history when that is due. */
  async tidy(nap: Nap, isDue: boolean): Promise<void> {
    const { scratch, log, metrics } = this.#deps;
    try {
      await scratch.run(async (ask) => {
        if (nap.isOver()) return;
        const held = new Map(this.#hooks.counters());
        const content = await log.read(this.#id);
        if (nap.isOver() || content.position !== nap.position) return;
        const { counters, history } = await ask('read', content);
        this.#expect(held, counters);
        this.#expect(counters, held);
        const next = isDue ? await this.#compacted(ask, history) : undefined;
        const base = await this.#baseOf(ask, counters, next);
        if (nap.isOver()) return;
        await log.compact(this.#id, nap.epoch, content.position, base);
        if (next === undefined) return;
        this.#history = next;
        metrics.historyCompacted();
        await this.#archive.sweep(next, this.#deps.clock.now(), this.#deps.config.history);
      });
    } catch (error) {
      // Somebody woke it.
      if (nap.isOver() || (error instanceof DocumentLogError && error.kind === 'stale_epoch')) return;
      if (isDue) this.#failedMs = this.#deps.clock.now();
      this.#failed(isDue ? 'history_compaction_failed' : 'base_failed', error);
    }
  }

  /** What becomes of old work in the document as its log has it. @throws CommandHarmful when the work made Loro trap or hang */
  async rescue(update: Uint8Array, user: string, fresh: `${number}`): Promise<RescueOutcome> {
    const { scratch, log, clock } = this.#deps;
    return scratch.run(async (ask): Promise<RescueOutcome> => {
      const { history } = await ask('read', await log.read(this.#id));
      const { archives } = history;
      let outcome: RescueOutcome = { kind: 'too_old' };
      try {
        for (const count of new Set([FIRST_ARCHIVES, archives.length])) {
          const read = await this.#archive.readNewest(archives.slice(-count));
          outcome = await ask('rescue', { update, user, atMs: clock.now(), archives: read, fresh });
          if (outcome.kind !== 'too_old' || count >= archives.length) break;
        }
      } catch (error) {
        if (error instanceof ScratchLost && !(error instanceof ScratchEnded))
          throw new CommandHarmful(error.message);
        if (!(error instanceof ScratchFailed)) throw error;
        this.#deps.metrics.rescueFailed();
        this.#deps.logger.error('rescue_failed', { ...this.#id, user, ...errorFields(error) });
        return { kind: 'too_old' };
      }
      return outcome;
    });
  }

  /** @throws ScratchFailed, ScratchLost, DocumentBusy */
  readAt(version: Version, query: Query): Promise<ReadAt> {
    const { scratch, log } = this.#deps;
    return scratch.run(async (ask) => {
      await ask('read', await log.read(this.#id));
      return ask('readAt', { version, query });
    });
  }

  /** The archive and the root are stored when it resolves. */
  async #compacted(ask: AskScratch, history: HistoryIndex): Promise<HistoryIndex> {
    const roots = await this.#archive.readNewest(history.roots);
    const made = await ask('compact', { roots });
    const { archive, root, keptRoots, rootVersion, tipVersion } = made;
    const atMs = this.#deps.clock.now();
    const archiveBlob = await this.#archive.write('archive', archive, atMs);
    const rootBlob = await this.#archive.write('root', root, atMs);
    return withCompaction(
      history,
      {
        archive: { ...archiveBlob, rootVersion, tipVersion },
        root: { ...rootBlob, version: tipVersion },
        keptRoots,
      },
      this.#deps.config.history,
    );
  }

  /** Read back: what it replaces is gone then. */
  async #baseOf(ask: AskScratch, counters: Version, history: HistoryIndex | undefined): Promise<Uint8Array> {
    const { base } = await ask('base', { history });
    const read = await ask('check', { base });
    this.#expect(counters, read.counters);
    this.#expect(read.counters, counters);
    return base;
  }

  #expect(less: Version, more: Version): void {
    if (!['equal', 'before'].includes(compareVersions(less, more)))
      throw new Error('the base is at another version than the document');
  }

  /** A base was made and could not be written: the next one is tried when the tail has grown. */
  baseFailed(error: unknown): void {
    this.#failed('base_failed', error);
  }

  #failed(event: string, error: unknown): void {
    if (error instanceof ScratchEnded) return;
    this.#deps.metrics.logNotKept(event);
    this.#deps.logger.error(event, { ...this.#id, ...errorFields(error) });
  }
}
