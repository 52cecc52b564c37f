// Who is where in a document, as the server lets it be said: a key belongs to the user who wrote it first, values carry the
// server's identity and clock, and everything goes when its socket goes or after the TTL. In memory only; time comes in.
import { utf8 } from '@hakiri/base/bytes';
import type { PresenceLimits } from './config.ts';
import { type EphemeralEntry, type EphemeralValue, encodeEphemeral } from './ephemeral-codec.ts';

/** Who writes: one socket of one user. */
export type Writer = { socket: number; user: string; name: string };

export type PresenceRefusal = 'not_yours' | 'too_large' | 'too_many';
/** `entries` is what the others are to be told; `refusal` is why some of what came was left out. */
export type WriteOutcome = { entries: EphemeralEntry[]; refusal: PresenceRefusal | undefined };

type Held = { writer: Writer; value: EphemeralValue; stampMs: number; expiresAtMs: number };

export class Presence {
  readonly #limits: PresenceLimits;
  readonly #held = new Map<string, Held>();
  /** Keys of each socket. */
  readonly #counts = new Map<number, number>();
  /** Receivers keep the newest stamp of a key, so stamps never repeat. */
  #lastStampMs = 0;

  constructor(limits: PresenceLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Each entry for itself: a stock client sends all it knows after a join, others' keys among its own. */
  write(writer: Writer, entries: readonly EphemeralEntry[], nowMs: number): WriteOutcome {
    const told: EphemeralEntry[] = [];
    let refusal: PresenceRefusal | undefined;
    for (const { key, value } of entries) {
      const refused = this.#refusal(writer, key, value);
      refusal ??= refused;
      if (refused !== undefined) continue;
      if (value !== undefined) told.push(this.#put(writer, key, value, nowMs));
      else if (this.#drop(key)) told.push({ key, value: undefined, atMs: this.#stamp(nowMs) });
    }
    return { entries: told, refusal };
  }

  /** What the others are to be told when a socket leaves. */
  leave(socket: number, nowMs: number): EphemeralEntry[] {
    return this.#remove((held) => held.writer.socket === socket, nowMs);
  }

  /** What the others are to be told because its time is over. */
  expire(nowMs: number): EphemeralEntry[] {
    return this.#remove((held) => held.expiresAtMs <= nowMs, nowMs);
  }

  /** When `expire` has something to do next; undefined when nobody is here. */
  nextExpiryMs(): number | undefined {
    let next: number | undefined;
    for (const { expiresAtMs } of this.#held.values())
      if (next === undefined || expiresAtMs < next) next = expiresAtMs;
    return next;
  }

  /** Everybody, for somebody who joins; undefined when nobody is here. */
  all(): Uint8Array | undefined {
    if (this.#held.size === 0) return undefined;
    return encodeEphemeral(
      [...this.#held].map(([key, { value, stampMs }]) => ({ key, value, atMs: stampMs })),
    );
  }

  #refusal(writer: Writer, key: string, value: EphemeralValue | undefined): PresenceRefusal | undefined {
    const held = this.#held.get(key);
    if (held !== undefined && held.writer.user !== writer.user) return 'not_yours';
    // Stamped with somebody else: it was heard here and is said again.
    if (isFields(value) && typeof value.user === 'string' && value.user !== writer.user) return 'not_yours';
    if (utf8(key).length > this.#limits.keyBytes) return 'too_large';
    if (value === undefined || held?.writer.socket === writer.socket) return undefined;
    if ((this.#counts.get(writer.socket) ?? 0) >= this.#limits.keysPerSocket) return 'too_many';
    return held === undefined && this.#held.size >= this.#limits.keys ? 'too_many' : undefined;
  }

  /** The newest socket of a user takes the key over: the one before may be half dead. */
  #put(writer: Writer, key: string, value: EphemeralValue, nowMs: number): EphemeralEntry {
    const stamped = stampIdentity(value, writer);
    const stampMs = this.#stamp(nowMs);
    this.#drop(key);
    this.#counts.set(writer.socket, (this.#counts.get(writer.socket) ?? 0) + 1);
    this.#held.set(key, { writer, value: stamped, stampMs, expiresAtMs: nowMs + this.#limits.ttlMs });
    return { key, value: stamped, atMs: stampMs };
  }

  #drop(key: string): boolean {
    const held = this.#held.get(key);
    if (held === undefined) return false;
    const { socket } = held.writer;
    const rest = (this.#counts.get(socket) ?? 1) - 1;
    if (rest > 0) this.#counts.set(socket, rest);
    else this.#counts.delete(socket);
    return this.#held.delete(key);
  }

  #remove(which: (held: Held) => boolean, nowMs: number): EphemeralEntry[] {
    const gone = [...this.#held].filter(([, held]) => which(held)).map(([key]) => key);
    for (const key of gone) this.#drop(key);
    return gone.map((key) => ({ key, value: undefined, atMs: this.#stamp(nowMs) }));
  }

  #stamp(nowMs: number): number {
    this.#lastStampMs = Math.max(nowMs, this.#lastStampMs + 1);
    return this.#lastStampMs;
  }
}

function stampIdentity(value: EphemeralValue, { user, name }: Writer): EphemeralValue {
  return isFields(value) ? { ...value, user, name } : value;
}

function isFields(value: EphemeralValue | undefined): value is { [key: string]: EphemeralValue } {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}
