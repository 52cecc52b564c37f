// Long work on the event loop in slices, so that something huge delays neither another team nor, in one process, anybody's edits.
import type { Clock } from '@hakiri/substrate/clock';
import { nextTurn } from '@hakiri/substrate/next-turn';

/** About as long as an edit may wait without anybody noticing. */
const SLICE_MS = 3;

export type Slices = {
  /** Performs the pieces, which are small: others go first whenever a slice of them is over. */
  perform<Result>(pieces: Generator<undefined, Result>): Promise<Result>;
};

export function createSlices(clock: Clock): Slices {
  let begunMs = clock.now();

  async function turn(): Promise<void> {
    await new Promise<void>(nextTurn);
    begunMs = clock.now();
  }

  return {
    perform: async (pieces) => {
      await turn();
      for (;;) {
        const piece = pieces.next();
        if (piece.done) return piece.value;
        if (clock.now() - begunMs >= SLICE_MS) await turn();
      }
    },
  };
}
