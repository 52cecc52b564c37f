// Has a large document warmed up that was loaded for people who only read so far: a moment after the first of them came, so that
// those who come with them do not wait for it, and before anybody has found something to edit.
import type { Clock } from '@hakiri/substrate/clock';
import type { DocumentLife } from './document-life.ts';

const DELAY_MS = 1_000;

export class WarmUpTimer {
  readonly #life: Pick<DocumentLife, 'isAwake' | 'perform'>;
  readonly #clock: Clock;
  #isSet = false;

  constructor(life: Pick<DocumentLife, 'isAwake' | 'perform'>, clock: Clock) {
    this.#life = life;
    this.#clock = clock;
  }

  soon(): void {
    if (this.#isSet) return;
    this.#isSet = true;
    this.#clock.after(DELAY_MS, () => {
      this.#isSet = false;
      if (this.#life.isAwake)
        this.#life.perform<'warmUp'>(
          { kind: 'warmUp', input: undefined },
          () => {},
          () => {},
        );
    });
  }
}
