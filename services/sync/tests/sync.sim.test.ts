// All of sync's core from seeds: see testing/simulated-sync.ts. `SIM_SEED=7 npx bun test sync.sim` repeats exactly that one;
// `npm run soak -- sync` plays many more.
import { describe, expect, test } from 'bun:test';
import { simulate } from '../testing/simulated-sync.ts';

const SEEDS = 120;
const BATCH = 10;
/** These failed once. */
const PINNED: readonly number[] = [11, 30, 37, 122, 1_780, 10_146, 10_647, 20_639, 447_513, 525_887];

const only = process.env.SIM_SEED;

async function play(seed: number): Promise<void> {
  try {
    await simulate({ seed });
  } catch (cause) {
    throw new Error(`SIM_SEED=${seed} npx bun test services/sync/tests/sync.sim.test.ts`, { cause });
  }
}

describe('simulated sync', () => {
  if (only !== undefined) test(`[SY3.11] seed ${only}`, () => play(Number(only)));
  else {
    for (let from = 1; from <= SEEDS; from += BATCH)
      test(`[SY3.11] seeds ${from} to ${from + BATCH - 1}`, async () => {
        for (let seed = from; seed < from + BATCH; seed++) await play(seed);
      });
    for (const seed of PINNED) test(`[SY3.11] seed ${seed}, which failed once`, () => play(seed));
    test('[SY3.11] one seed is one history', async () => {
      expect(await simulate({ seed: 3 })).toEqual(await simulate({ seed: 3 }));
    });
  }
});
