// Requests that name a version which has not arrived yet: its edits may still be on their way to the server.
import type { Version } from '@hakiri/config-doc/version';
import type { Clock, Timer } from '@hakiri/substrate/clock';

type Waiter = { version: Version; timer: Timer; settle(arrived: boolean): void; fail(error: unknown): void };

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
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#waiters.delete(waiter);
        waiter.timer.cancel();
      };
      const settle = (arrived: boolean): void => {
        done();
        resolve(arrived);
      };
      const fail = (error: unknown): void => {
        done();
        reject(error);
      };
      const timer = this.#clock.after(timeoutMs, () => settle(false));
      const waiter: Waiter = { version, timer, settle, fail };
      this.#waiters.add(waiter);
    });
  }

  /** After every change. */
  look(document: { includes(version: Version): boolean }): void {
    for (const waiter of [...this.#waiters]) if (document.includes(waiter.version)) waiter.settle(true);
  }

  /** Nobody knows any more whether it would have arrived. */
  close(error: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.fail(error);
  }
}
