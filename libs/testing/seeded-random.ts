// Random from one seed: the same ids and bytes in every run.
import { createPrng } from '@hakiri/base/prng';
import { type Random, randomFrom } from '@hakiri/substrate/random';

export function seededRandom(seed: number): Random {
  const prng = createPrng(seed);
  return randomFrom(prng.next, prng.bytes);
}
