import { expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { Deadlines } from './deadlines.ts';

test('[SY12.3] each of many deadlines is met at its moment, and none of those that were withdrawn', async () => {
  const clock = createSimulatedClock(0);
  const deadlines = new Deadlines(clock);
  const prng = createPrng(11);
  const met: number[] = [];
  const all = Array.from({ length: 200 }, () => {
    const expiresAtMs = prng.below(1_000);
    return { expiresAtMs, expire: () => void met.push(expiresAtMs) };
  });
  for (const one of all) deadlines.add(one);
  const withdrawn = all.filter((_, index) => index % 3 === 0);
  for (const one of withdrawn) deadlines.delete(one);
  const expected = all.filter((one) => !withdrawn.includes(one)).map(({ expiresAtMs }) => expiresAtMs);
  for (let atMs = 0; atMs <= 1_000; atMs++) {
    await clock.advance(atMs - clock.now());
    expect(met.length).toBe(expected.filter((expiresAtMs) => expiresAtMs <= atMs).length);
  }
});
