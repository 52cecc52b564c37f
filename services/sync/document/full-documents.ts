// Documents whose log had no room for what was written. They are opened again after a pause only: each opening reads the log, and
// whoever was put out sends again at once what does not fit.
import type { Clock } from '@hakiri/substrate/clock';
import { DocumentLogError } from '@hakiri/substrate/document-log';
import type { PassingCause } from './document-errors.ts';

export type FullLimits = {
  /** From the failure until it is opened again. */
  pauseMs: number;
  /** From the failure until it counts as a matter of the past. */
  rememberMs: number;
};

export class FullDocuments {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #limits: FullLimits;
  /** When each stopped. */
  readonly #stopped = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonic'>, limits: FullLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** It could not be opened or written to. Says why, as those who are put out are told. */
  stopped(key: string, error: unknown): PassingCause {
    if (!(error instanceof DocumentLogError) || error.kind !== 'full') return 'unavailable';
    this.#stopped.set(key, this.#clock.monotonic());
    return 'storage_full';
  }

  /** Not to be opened now. */
  has(key: string): boolean {
    const atMs = this.#stopped.get(key);
    return atMs !== undefined && this.#clock.monotonic() - atMs < this.#limits.pauseMs;
  }

  /** Of the recent past: those that were opened again and have not failed yet are among them. */
  get size(): number {
    const nowMs = this.#clock.monotonic();
    for (const [key, atMs] of this.#stopped)
      if (nowMs - atMs >= this.#limits.rememberMs) this.#stopped.delete(key);
    return this.#stopped.size;
  }
}
