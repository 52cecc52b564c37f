// Who is where in a document, as the server lets it be said: a key belongs to the user who wrote it first, values carry the
// server's identity and clock, and everything goes when its socket goes or after the TTL. In memory only; time comes in.
import { utf8 } from '@hakiri/base/bytes';
import type { PresenceLimits } from '../config.ts';
import {
  type EphemeralEntry,
  type EphemeralValue,
  encodeEntry,
  joinEntries,
} from '../socket/ephemeral-codec.ts';

/** Who writes: one socket of one user. */
export type Writer = { socket: number; user: string; name: string };

export type PresenceRefusal = 'not_yours' | 'too_large' | 'too_many';
export type WriteOutcome = {
  /** Keys whose value is new: `entry` has what the others are to be told of each. */
  written: string[];
  /** What the others are to be told is gone. */
  removed: Uint8Array[];
  /** Why some of what came was left out. */
  refusal: PresenceRefusal | undefined;
};

type Held = {
  writer: Writer;
  /** Of what the client said, to tell a repetition from news. */
  said: string;
  activeAtMs: number;
  expiresAtMs: number;
  /** The entry as it is told, stamped. */
  entry: Uint8Array;
  /** Somebody may have heard of it: they have to hear when it goes. */
  isKnown: boolean;
};

export class Presence {
  readonly #limits: PresenceLimits;
  /** In the order in which they expire: what is written goes to the end. */
  readonly #held = new Map<string, Held>();
  readonly #sockets = new Map<number, { keys: Set<string>; bytes: number }>();
  /** Receivers keep the newest stamp of a key, so stamps never repeat. */
  #lastStampMs = 0;
  #lastNowMs = 0;
  #all: Uint8Array | undefined;

  constructor(limits: PresenceLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Each entry for itself: a stock client sends all it knows after a join, others' keys among its own. */
  write(writer: Writer, entries: readonly EphemeralEntry[], nowMs: number): WriteOutcome {
    const written = new Set<string>();
    const removed: Uint8Array[] = [];
    let refusal: PresenceRefusal | undefined;
    for (const { key, value } of entries) {
      const refused =
        this.#refusal(writer, key, value) ??
        (value === undefined ? undefined : this.#put(writer, key, value, nowMs));
      refusal ??= refused;
      if (refused !== undefined) continue;
      if (value !== undefined) written.add(key);
      else {
        written.delete(key);
        removed.push(...this.#remove([key], nowMs));
      }
    }
    return { written: [...written], removed, refusal };
  }

  /** The last value of `key` as it is to be told, when it is still this socket's. Whoever asks tells it. */
  entry(key: string, socket: number): Uint8Array | undefined {
    const held = this.#held.get(key);
    if (held === undefined || held.writer.socket !== socket) return undefined;
    held.isKnown = true;
    return held.entry;
  }

  /** What the others are to be told when a socket leaves. */
  leave(socket: number, nowMs: number): Uint8Array[] {
    return this.#remove([...(this.#sockets.get(socket)?.keys ?? [])], nowMs);
  }

  /** What the others are to be told because its time is over. */
  expire(nowMs: number): Uint8Array[] {
    const gone: string[] = [];
    for (const [key, { expiresAtMs }] of this.#held) {
      if (expiresAtMs > nowMs) break;
      gone.push(key);
    }
    return this.#remove(gone, nowMs);
  }

  /** When `expire` has something to do next; undefined when nobody is here. */
  nextExpiryMs(): number | undefined {
    for (const { expiresAtMs } of this.#held.values()) return expiresAtMs;
    return undefined;
  }

  /** Everybody, for somebody who joins; undefined when nobody is here. Made once for all who join meanwhile. */
  all(): Uint8Array | undefined {
    if (this.#held.size === 0) return undefined;
    if (this.#all === undefined) {
      const entries: Uint8Array[] = [];
      for (const held of this.#held.values()) {
        held.isKnown = true;
        entries.push(held.entry);
      }
      this.#all = joinEntries(entries);
    }
    return this.#all;
  }

  #refusal(writer: Writer, key: string, value: EphemeralValue | undefined): PresenceRefusal | undefined {
    const held = this.#held.get(key);
    if (held !== undefined && held.writer.user !== writer.user) return 'not_yours';
    // Stamped with somebody else: it was heard here and is said again.
    if (isFields(value) && typeof value.user === 'string' && value.user !== writer.user) return 'not_yours';
    if (utf8(key).length > this.#limits.keyBytes) return 'too_large';
    if (value === undefined || held?.writer.socket === writer.socket) return undefined;
    if ((this.#sockets.get(writer.socket)?.keys.size ?? 0) >= this.#limits.keysPerSocket) return 'too_many';
    return held === undefined && this.#held.size >= this.#limits.keys ? 'too_many' : undefined;
  }

  /** The newest socket of a user takes the key over: the one before may be half dead. */
  #put(writer: Writer, key: string, value: EphemeralValue, nowMs: number): PresenceRefusal | undefined {
    const before = this.#held.get(key);
    const said = fingerprint(value);
    const activeAtMs = before?.said === said ? before.activeAtMs : nowMs;
    const atMs = this.#stamp(nowMs);
    const entry = encodeEntry({ key, value: stamped(value, writer, activeAtMs), atMs });
    const isOwn = before?.writer.socket === writer.socket;
    const bytes = (this.#sockets.get(writer.socket)?.bytes ?? 0) - (isOwn ? before.entry.length : 0);
    if (bytes + entry.length > this.#limits.frameBytes) return 'too_large';
    this.#drop(key);
    const socket = this.#sockets.get(writer.socket) ?? { keys: new Set(), bytes: 0 };
    this.#sockets.set(writer.socket, socket);
    socket.keys.add(key);
    socket.bytes += entry.length;
    // A clock that goes back must not bring the order of expiry into disorder.
    this.#lastNowMs = Math.max(this.#lastNowMs, nowMs);
    const expiresAtMs = this.#lastNowMs + this.#limits.ttlMs;
    const isKnown = before?.isKnown ?? false;
    this.#held.set(key, { writer, said, activeAtMs, expiresAtMs, entry, isKnown });
    return undefined;
  }

  #drop(key: string): Held | undefined {
    this.#all = undefined;
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    const socket = this.#sockets.get(held.writer.socket);
    if (socket !== undefined) {
      socket.keys.delete(key);
      socket.bytes -= held.entry.length;
      if (socket.keys.size === 0) this.#sockets.delete(held.writer.socket);
    }
    this.#held.delete(key);
    return held;
  }

  /** Of what nobody has heard yet, nobody hears that it is gone. */
  #remove(keys: readonly string[], nowMs: number): Uint8Array[] {
    return keys
      .filter((key) => this.#drop(key)?.isKnown)
      .map((key) => encodeEntry({ key, value: undefined, atMs: this.#stamp(nowMs) }));
  }

  #stamp(nowMs: number): number {
    this.#lastStampMs = Math.max(nowMs, this.#lastStampMs + 1);
    return this.#lastStampMs;
  }
}

/** The server's fields, over whatever the client said there. */
function stamped(value: EphemeralValue, { user, name }: Writer, activeAtMs: number): EphemeralValue {
  return isFields(value) ? { ...value, user, name, activeAt: activeAtMs } : value;
}

/** Without the server's fields: a client may repeat them, as it heard them. */
function fingerprint(value: EphemeralValue): string {
  if (!isFields(value)) return JSON.stringify(value);
  const { user, name, activeAt, ...said } = value;
  return JSON.stringify(said);
}

function isFields(value: EphemeralValue | undefined): value is { [key: string]: EphemeralValue } {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}
