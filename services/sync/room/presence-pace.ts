// When what a socket says of itself is told: the first time at once, from then on at most once in PACE_MS and never more than
// PACE_MS late, whatever it says in between. Pure; whoever uses it keeps the timer, and needs one only while something waits.

/** A hundred moves of a cursor in a second are ten broadcasts. */
export const PACE_MS = 100;

export type Due = { socket: number; keys: Iterable<string> };

type Waiting = { keys: Set<string>; sinceMs: number };

export class PresencePace {
  /** When each socket was told of last; forgotten with the socket. */
  readonly #toldAtMs = new Map<number, number>();
  /** In the order in which they began to wait. */
  readonly #waiting = new Map<number, Waiting>();

  /** True when they are to be told now. Else they are `due` in time. */
  offer(socket: number, keys: readonly string[], nowMs: number): boolean {
    if (keys.length === 0) return false;
    const waiting = this.#waiting.get(socket);
    if (waiting !== undefined) for (const key of keys) waiting.keys.add(key);
    else if (this.#isRested(socket, nowMs)) {
      this.#toldAtMs.set(socket, nowMs);
      return true;
    } else this.#waiting.set(socket, { keys: new Set(keys), sinceMs: nowMs });
    return false;
  }

  /**
   * Each socket waits as long as it may, so that more of them come together; those that may be told by then go along.
   * Undefined when nothing waits.
   */
  nextDueMs(): number | undefined {
    for (const { sinceMs } of this.#waiting.values()) return sinceMs + PACE_MS;
    return undefined;
  }

  due(nowMs: number): Due[] {
    const due: Due[] = [];
    for (const [socket, { keys }] of this.#waiting) {
      if (!this.#isRested(socket, nowMs)) continue;
      this.#waiting.delete(socket);
      this.#toldAtMs.set(socket, nowMs);
      due.push({ socket, keys });
    }
    return due;
  }

  forget(socket: number): void {
    this.#waiting.delete(socket);
    this.#toldAtMs.delete(socket);
  }

  #isRested(socket: number, nowMs: number): boolean {
    const toldAtMs = this.#toldAtMs.get(socket);
    // A clock that went back must not silence anybody.
    return toldAtMs === undefined || nowMs - toldAtMs >= PACE_MS || nowMs < toldAtMs;
  }
}
