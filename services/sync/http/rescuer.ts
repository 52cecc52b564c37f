// Takes old work in: what becomes of it is found out in the scratch host, from the log; what the document gets of it goes through
// the live host as any update does, and into the log in one entry with what makes handing it in again do nothing.
import { createSerial } from '@hakiri/base/serial';
import type { DocVersion } from '@hakiri/contracts/names';
import type { Notice } from '@hakiri/contracts/notice';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import { RESCUE_DEVICE } from '../config.ts';
import type { Settled } from '../document/commit-group.ts';
import { CommandHarmful, DocumentBusy } from '../document/document-errors.ts';
import type { AdmissionRefusal } from '../document/persisted-document.ts';
import type { LogRecord, RescueNote } from '../document/record.ts';
import { NO_CONNECTION } from '../host/leases.ts';
import type { CommandKind, CommandOf, Ends, Reply, UpdateReply } from '../host/protocol.ts';
import type { RescueOutcome } from '../host/scratch-protocol.ts';
import type { ImportRefusal } from '../host/update-check.ts';
import { freshPeers } from '../socket/fresh-peers.ts';

export type Rescued =
  | { kind: 'rebased'; version: DocVersion; changed: number }
  | { kind: 'nothing'; version: DocVersion }
  | { kind: 'missing' | 'too_old' }
  | { kind: 'refused'; reason: ImportRefusal | AdmissionRefusal | 'cooling' };

/** The live document. */
export type Rescuable = {
  /** Resolves when what it answered is durable. */
  ask<K extends CommandKind>(command: CommandOf<K>, onReply?: (reply: Reply<K>) => void): Promise<Reply<K>>;
  refusal(): AdmissionRefusal | undefined;
  /** The user made others start anew too often. */
  isCooling(user: string): boolean;
  /** From the log; nothing of it is in the document yet. */
  rescue(update: Uint8Array, user: string, fresh: `${number}`): Promise<RescueOutcome>;
  submit(record: LogRecord, settled: Settled): void;
  announce(update: Uint8Array): void;
  onNotice(notice: Notice): void;
  onConcurrent(): void;
  onHealed(update: Uint8Array): void;
  onChanged(ends: Ends): void;
  onSpoilt(): void;
  /** Loro failed at it, or trapped. */
  onHarmful(work: { update: Uint8Array; user: string; error: string }): void;
};

type Got = Extract<RescueOutcome, { kind: 'merged' | 'rebased' }>;

export class Rescuer {
  readonly #document: Rescuable;
  readonly #deps: { clock: Clock; random: Random };
  /** The same work twice at once is one after the other. */
  readonly #serial = createSerial();

  constructor(document: Rescuable, deps: { clock: Clock; random: Random }) {
    this.#document = document;
    this.#deps = deps;
  }

  /** What was taken in is durable. @throws DocumentBusy, DocumentStopped: nothing was, or it may be asked again */
  rescue(update: Uint8Array, user: string): Promise<Rescued> {
    return this.#serial.run(async (): Promise<Rescued> => {
      // Also when it waited behind what made the user cool.
      if (this.#document.isCooling(user)) return { kind: 'refused', reason: 'cooling' };
      // The log has everything that was answered.
      await this.#version();
      const refusal = this.#document.refusal();
      if (refusal !== undefined) return { kind: 'refused', reason: refusal };
      try {
        const outcome = await this.#outcomeOf(update, user);
        if (outcome.kind === 'merged' || outcome.kind === 'rebased') return await this.#take(outcome, user);
        if (outcome.kind === 'broken') throw new CommandHarmful(outcome.error);
        if (outcome.kind === 'nothing') return { kind: 'nothing', version: await this.#version() };
        return outcome.kind === 'refused' ? outcome : { kind: outcome.kind };
      } catch (error) {
        if (!(error instanceof CommandHarmful)) throw error;
        this.#document.onHarmful({ update, user, error: error.message });
        return { kind: 'refused', reason: 'malformed' };
      }
    });
  }

  #outcomeOf(update: Uint8Array, user: string): Promise<RescueOutcome> {
    const [fresh = '0'] = freshPeers(this.#deps.random);
    return this.#document.rescue(update, user, fresh);
  }

  async #take(outcome: Got, user: string): Promise<Rescued> {
    const atMs = this.#deps.clock.now();
    const { update } = outcome;
    if (update === undefined) {
      await this.#document.ask<'query'>(VERSION, () => this.#log(outcome, new Uint8Array(), user, atMs));
      return { kind: 'rebased', version: await this.#version(), changed: 0 };
    }
    let refusal: UpdateReply['refusal'];
    const { ends } = await this.#document.ask<'update'>(
      { kind: 'update', input: { updates: [update], user, connection: NO_CONNECTION, atMs } },
      (reply) => {
        ({ refusal } = reply);
        this.#publish(outcome, update, reply, user, atMs);
      },
    );
    await this.#document.ask<'left'>({ kind: 'left', input: { connection: NO_CONNECTION } });
    if (refusal === 'too_large') return { kind: 'refused', reason: refusal };
    // The document went on meanwhile to where it does not fit: from there it is looked at again.
    if (refusal !== undefined) throw new DocumentBusy();
    return { kind: 'rebased', version: await this.#version(), changed: ends.length };
  }

  #publish(outcome: Got, sent: Uint8Array, reply: UpdateReply, user: string, atMs: number): void {
    const { onChanged, onConcurrent, onHealed, onNotice, onSpoilt } = this.#document;
    for (const { update, user: owner } of reply.news) {
      const bytes = typeof update === 'number' ? sent : update;
      if (owner === user && reply.refusal === undefined) this.#log(outcome, bytes, user, atMs);
      else this.#log({ kind: 'merged', update: bytes }, bytes, owner, atMs);
    }
    if (reply.healed !== undefined) onHealed(reply.healed);
    const notices = outcome.kind === 'rebased' && reply.news.length > 0 ? outcome.notices : [];
    for (const notice of notices) onNotice(notice);
    if (reply.isConcurrent) onConcurrent();
    onChanged(reply.ends);
    if (reply.isSpoilt || reply.broken !== undefined) onSpoilt();
  }

  /** Others hear of it when it is durable: with its line, or not at all. */
  #log(outcome: Got, update: Uint8Array, user: string, receivedAtMs: number): void {
    const note: RescueNote | undefined = outcome.kind === 'rebased' ? outcome.note : undefined;
    const header = { actor: { kind: 'user', id: user }, receivedAtMs } as const;
    const record: LogRecord =
      note === undefined
        ? { ...header, kind: 'update', update }
        : { ...header, kind: 'rescued', note, update };
    // Before anything that was written under it: the first lease of an id stays.
    if (outcome.kind === 'rebased' && update.length > 0)
      this.#document.submit(
        { ...header, kind: 'lease', note: { peer: outcome.peer, user, device: RESCUE_DEVICE } },
        () => {},
      );
    this.#document.submit(record, (stored) => {
      if (stored && update.length > 0) this.#document.announce(update);
    });
  }

  async #version(): Promise<DocVersion> {
    return (await this.#document.ask<'query'>(VERSION)).version;
  }
}

const VERSION = { kind: 'query', input: { name: 'version', input: undefined } } as const;
