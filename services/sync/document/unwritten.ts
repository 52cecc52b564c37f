// Of small documents that nobody has written to since they were opened few stay in memory, those used last, as opening one
// again costs little. One that was asked for a moment ago stays all the same: whoever reads many in turn asks for it again.
import type { Clock, Timer } from '@hakiri/substrate/clock';

export type Readable = {
  readonly isUnwritten: boolean;
  readonly life: { readonly usedAtMs: number; sleep(): Promise<void> };
};

/** `restMs`: not asked for as long. */
export type UnwrittenLimits = { count: number; restMs: number };

export class Unwritten {
  readonly #clock: Clock;
  readonly #limits: UnwrittenLimits;
  /** Some were written to since, or sleep. */
  readonly #opened = new Set<Readable>();
  #timer: Timer | undefined;

  constructor(clock: Clock, limits: UnwrittenLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  opened(document: Readable): void {
    if (document.isUnwritten) this.#opened.add(document);
    this.#sweepSoon();
  }

  forget(document: Readable): void {
    this.#opened.delete(document);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#opened.clear();
  }

  #sweepSoon(): void {
    const { count, restMs } = this.#limits;
    if (this.#opened.size > count) this.#timer ??= this.#clock.after(restMs, () => this.#sweep());
  }

  #sweep(): void {
    this.#timer = undefined;
    const { count, restMs } = this.#limits;
    for (const one of this.#opened) if (!one.isUnwritten) this.#opened.delete(one);
    const usedLast = [...this.#opened].sort((a, b) => b.life.usedAtMs - a.life.usedAtMs);
    for (const one of usedLast.slice(count)) {
      if (this.#clock.now() - one.life.usedAtMs < restMs) continue;
      this.#opened.delete(one);
      void one.life.sleep();
    }
    this.#sweepSoon();
  }
}
