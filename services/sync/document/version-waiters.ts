// What a document holds, as every answer tells it, and requests that name a version which has not arrived yet: its edits may
// still be on their way to the server.
import type { Version } from '@hakiri/config-doc/version';
import type { Clock, Timer } from '@hakiri/substrate/clock';

type Waiter = { version: Version; timer: Timer; settle(arrived: boolean): void; fail(error: unknown): void };

const WAITERS_LIMIT = 1_000;

export class VersionWaiters {
  readonly #clock: Clock;
  #counters = new Map<`${number}`, number>();
  #waiters: Set<Waiter> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get counters(): Version {
    return this.#counters;
  }

  /** It was opened anew. */
  opened(counters: Version): void {
    this.#counters = new Map(counters);
  }

  changed(ends: Iterable<readonly [`${number}`, number]>): void {
    for (const [peer, end] of ends) this.#counters.set(peer, end);
    for (const waiter of [...(this.#waiters ?? [])]) if (this.includes(waiter.version)) waiter.settle(true);
  }

  includes(version: Version): boolean {
    return [...version].every(([peer, counter]) => (this.#counters.get(peer) ?? 0) >= counter);
  }

  /** False when the time is over, or when too many wait already. */
  wait(version: Version, timeoutMs: number): Promise<boolean> {
    this.#waiters ??= new Set();
    const waiters = this.#waiters;
    if (waiters.size >= WAITERS_LIMIT) return Promise.resolve(false);
    return new Promise((resolve, reject) => {
      const done = (): void => {
        waiters.delete(waiter);
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
      waiters.add(waiter);
    });
  }

  /** Nobody knows any more whether it would have arrived. */
  close(error: unknown): void {
    for (const waiter of [...(this.#waiters ?? [])]) waiter.fail(error);
  }
}
