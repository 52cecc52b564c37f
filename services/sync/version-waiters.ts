// Requests that name a version which has not arrived yet: its edits may still be on their way to the server.
import type { Version } from '@hakiri/config-doc/version';
import type { Clock, Timer } from '@hakiri/substrate/clock';

type Waiter = { version: Version; timer: Timer; settle(arrived: boolean): void };

const WAITERS_LIMIT = 1_000;

export class VersionWaiters {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** False when the time is over, or when too many wait already. */
  wait(version: Version, timeoutMs: number): Promise<boolean> {
    if (this.#waiters.size >= WAITERS_LIMIT) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (arrived: boolean): void => {
        this.#waiters.delete(waiter);
        waiter.timer.cancel();
        resolve(arrived);
      };
      const waiter: Waiter = { version, timer: this.#clock.after(timeoutMs, () => settle(false)), settle };
      this.#waiters.add(waiter);
    });
  }

  /** After every change. */
  look(document: { includes(version: Version): boolean }): void {
    for (const waiter of [...this.#waiters]) if (document.includes(waiter.version)) waiter.settle(true);
  }

  close(): void {
    for (const waiter of [...this.#waiters]) waiter.settle(false);
  }
}
