import { expect, test } from 'bun:test';
import { playHistory } from '../testing/apply-oracle.ts';

/** `npm run soak -- apply-oracle` plays 10,000. */
const HISTORIES = 200;

test('[AP1.10] over random histories of two documents a simple model agrees with every Apply of a part', () => {
  const total = { applies: 0, published: 0, refused: 0 };
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const { applies, published, refused } = playHistory(seed);
    total.applies += applies;
    total.published += published;
    total.refused += refused;
  }
  expect(total.published).toBeGreaterThan(HISTORIES * 2);
  expect(total.refused).toBeGreaterThan(HISTORIES * 2);
});
