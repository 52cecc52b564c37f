// Says when something was not used for a while: one timer while it is watched, that looks whether it was used meanwhile, so
// that use costs no timer.
import type { Clock, Timer } from '@hakiri/substrate/clock';

export class IdleWatch {
  readonly #clock: Clock;
  readonly #idleMs: number;
  #usedAtMs: number;
  #timer: Timer | undefined;

  constructor(clock: Clock, idleMs: number) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#usedAtMs = clock.now();
  }

  get usedAtMs(): number {
    return this.#usedAtMs;
  }

  used(): void {
    this.#usedAtMs = this.#clock.now();
  }

  /** `onIdle` once; watching ends with it. */
  start(onIdle: () => void): void {
    this.stop();
    const restMs = this.#usedAtMs + this.#idleMs - this.#clock.now();
    this.#timer = this.#clock.after(Math.max(1, restMs), () => {
      if (this.#clock.now() - this.#usedAtMs < this.#idleMs) this.start(onIdle);
      else onIdle();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
