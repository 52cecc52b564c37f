// The frames of the last snapshot: whoever joins without a version gets these, and what came since in a frame behind them. They
// are kept in this thread alone, as they are large, and only while people join.
import { assert } from '@hakiri/base/assert';

/** After the last join. */
const KEEP_MS = 60_000;

export class SharedSnapshot {
  readonly #now: () => number;
  #kept: { number: number; frames: readonly Uint8Array[] } | undefined;
  #dropped = 0;
  /** Joins that were asked for and not answered: what they are told to be kept has to be kept. */
  #asked = 0;
  #usedMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Up to which number none is kept: what the host has to be told with a join. */
  asked(): number {
    this.#asked += 1;
    this.#usedMs = this.#now();
    return this.#dropped;
  }

  answered(): void {
    this.#asked -= 1;
  }

  keep(number: number, frames: readonly Uint8Array[]): void {
    this.#kept = { number, frames };
  }

  frames(number: number): readonly Uint8Array[] {
    assert(
      this.#kept?.number === number,
      'the host gives each snapshot once, and it is kept until nobody asks',
    );
    return this.#kept.frames;
  }

  /** Only when the host has forgotten that it gave it, too. */
  drop(): void {
    this.#dropped = this.#kept?.number ?? this.#dropped;
    this.#kept = undefined;
  }

  /** The document changed: a good moment to see whether anybody joins any more. */
  dropUnused(): void {
    if (this.#asked === 0 && this.#now() - this.#usedMs > KEEP_MS) this.drop();
  }
}
