// Many deadlines and one timer: each socket has some, and a timer of its own for each costs as much as everything else of it.
import type { Clock, Timer } from '@hakiri/substrate/clock';

export interface Expiring {
  /** Does not change while it is among them. */
  readonly expiresAtMs: number;
  /** Once, when it is time; it is not among them any more. */
  expire(): void;
}

/** The longest delay a timer takes. */
const TIMER_LIMIT_MS = 2 ** 31 - 1;

export class Deadlines {
  readonly #clock: Clock;
  readonly #all = new Set<Expiring>();
  #next: { atMs: number; timer: Timer } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(one: Expiring): void {
    this.#all.add(one);
    this.#watch(one.expiresAtMs);
  }

  delete(one: Expiring): void {
    // The timer may come too early then, and only looks; without anything to look for it would come for nothing.
    if (this.#all.delete(one) && this.#all.size === 0) this.#cancel();
  }

  #watch(atMs: number): void {
    if (this.#next !== undefined && this.#next.atMs <= atMs) return;
    this.#cancel();
    const restMs = Math.min(Math.max(0, atMs - this.#clock.now()), TIMER_LIMIT_MS);
    this.#next = { atMs, timer: this.#clock.after(restMs, () => this.#look()) };
  }

  #look(): void {
    this.#next = undefined;
    const nowMs = this.#clock.now();
    const due: Expiring[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (const one of this.#all)
      if (one.expiresAtMs <= nowMs) due.push(one);
      else nextMs = Math.min(nextMs, one.expiresAtMs);
    if (nextMs < Number.POSITIVE_INFINITY) this.#watch(nextMs);
    // One may take others along.
    for (const one of due) if (this.#all.delete(one)) one.expire();
  }

  #cancel(): void {
    this.#next?.timer.cancel();
    this.#next = undefined;
  }
}
