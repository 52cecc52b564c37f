// Puts updates together that came in fragments. One per socket; everything is bounded, because nothing has been checked yet:
// how many batches are open, how many fragments, how many bytes, for how long. Time comes in.
import { concatBytes, copyBytes } from '@hakiri/base/bytes';
import { type HexString, UpdateStatusCode } from 'loro-protocol';
import type { FragmentLimits } from '../config.ts';
import type { Address } from './frames.ts';

/** What a client calls a batch, in one of its rooms. */
export type BatchRef = { address: Address; batchId: HexString };

export type FragmentRefusal = 'too_large' | 'too_many' | 'malformed' | 'repeated' | 'late';
export type FragmentOutcome =
  | { kind: 'waiting' }
  | { kind: 'complete'; update: Uint8Array }
  | { kind: 'refused'; reason: FragmentRefusal }
  /** A fragment of a batch that was refused before: answered already. */
  | { kind: 'ignored' };

type Batch<Ref> = {
  ref: Ref;
  count: number;
  totalBytes: number;
  deadlineMs: number;
  parts: Map<number, Uint8Array>;
  bytes: number;
};

/** Refused batches whose remaining fragments may still be on their way. */
const REFUSED_REMEMBERED = 32;

/** `Ref` is what the caller wants back when a batch is over time. */
export class Fragments<Ref> {
  readonly #limits: FragmentLimits;
  readonly #updateBytes: number;
  readonly #open = new Map<string, Batch<Ref>>();
  readonly #refused = new Set<string>();

  /** `updateBytes` bounds one batch, the limits all of a socket's. */
  constructor(limits: FragmentLimits, updateBytes: number) {
    this.#limits = limits;
    this.#updateBytes = updateBytes;
  }

  begin(key: string, ref: Ref, count: number, totalBytes: number, nowMs: number): FragmentOutcome {
    if (this.#open.delete(key)) return this.#refuse(key, 'repeated');
    if (totalBytes > this.#updateBytes) return this.#refuse(key, 'too_large');
    if (count < 1 || count > this.#limits.count || totalBytes < count) return this.#refuse(key, 'malformed');
    const promised = [...this.#open.values()].reduce((sum, batch) => sum + batch.totalBytes, totalBytes);
    if (this.#open.size >= this.#limits.batches || promised > this.#limits.bytes)
      return this.#refuse(key, 'too_many');
    const deadlineMs = nowMs + this.#limits.timeoutMs;
    this.#open.set(key, { ref, count, totalBytes, deadlineMs, parts: new Map(), bytes: 0 });
    return { kind: 'waiting' };
  }

  add(key: string, index: number, fragment: Uint8Array): FragmentOutcome {
    const batch = this.#open.get(key);
    if (batch === undefined) return this.#refused.has(key) ? { kind: 'ignored' } : this.#refuse(key, 'late');
    const misfit = misfitOf(batch, index, fragment);
    if (misfit !== undefined) {
      this.#open.delete(key);
      return this.#refuse(key, misfit);
    }
    // The frame's buffer is the socket's: what is kept is copied.
    batch.parts.set(index, copyBytes(fragment));
    batch.bytes += fragment.length;
    if (batch.parts.size < batch.count) return { kind: 'waiting' };
    this.#open.delete(key);
    if (batch.bytes !== batch.totalBytes) return this.#refuse(key, 'malformed');
    const parts = [...batch.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
    return { kind: 'complete', update: concatBytes(parts) };
  }

  /** Refused for another reason than its size or shape: its fragments are ignored. */
  refuse(key: string): void {
    this.#refuse(key, 'late');
  }

  /** The batches whose time is over; they are refused from now on. */
  expire(nowMs: number): Ref[] {
    const late = [...this.#open].filter(([, batch]) => batch.deadlineMs <= nowMs);
    for (const [key] of late) {
      this.#open.delete(key);
      this.#refuse(key, 'late');
    }
    return late.map(([, { ref }]) => ref);
  }

  nextDeadlineMs(): number | undefined {
    const deadlines = [...this.#open.values()].map(({ deadlineMs }) => deadlineMs);
    return deadlines.length === 0 ? undefined : Math.min(...deadlines);
  }

  #refuse(key: string, reason: FragmentRefusal): FragmentOutcome {
    this.#refused.delete(key);
    this.#refused.add(key);
    const [oldest] = this.#refused;
    if (this.#refused.size > REFUSED_REMEMBERED && oldest !== undefined) this.#refused.delete(oldest);
    return { kind: 'refused', reason };
  }
}

function misfitOf<Ref>(batch: Batch<Ref>, index: number, fragment: Uint8Array): FragmentRefusal | undefined {
  if (index >= batch.count || fragment.length === 0) return 'malformed';
  if (batch.parts.has(index)) return 'repeated';
  return batch.bytes + fragment.length > batch.totalBytes ? 'malformed' : undefined;
}

export const FRAGMENT_STATUS = {
  too_large: UpdateStatusCode.PayloadTooLarge,
  too_many: UpdateStatusCode.RateLimited,
  malformed: UpdateStatusCode.InvalidUpdate,
  repeated: UpdateStatusCode.InvalidUpdate,
  late: UpdateStatusCode.FragmentTimeout,
} as const satisfies Record<FragmentRefusal, UpdateStatusCode>;

export function batchKey({ address: { crdt, roomId }, batchId }: BatchRef): string {
  return `${crdt}${roomId} ${batchId}`;
}
