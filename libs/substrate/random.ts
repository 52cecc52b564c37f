// Port: randomness, and the ids made of it.
import { monotonicFactory } from 'ulid';

export interface Random {
  bytes(length: number): Uint8Array;
  /** A ULID of the given time: sorts by time, never twice the same. */
  ulid(nowMs: number): string;
}

/** `fill` gives uniform values in [0, 1). */
export function randomFrom(fill: () => number, bytes: (length: number) => Uint8Array): Random {
  const next = monotonicFactory(fill);
  return { bytes, ulid: (nowMs) => next(nowMs) };
}

/** Its ids never go back in time, so whoever stands on a clock of its own has one of its own. */
export function createSystemRandom(): Random {
  return randomFrom(
    () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
    (length) => crypto.getRandomValues(new Uint8Array(length)),
  );
}
