// A policy that is saved while what waits is being looked at, with rows that are told from here.
import { expect, test } from 'bun:test';
import { silentLogger } from '@hakiri/service/logger';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { createReconsidering } from './reconsidering.ts';

test('[AP12.21] what is saved while others are looked at is looked at behind them, once however often it was saved', async () => {
  const gate = Promise.withResolvers<void>();
  let looks = 0;
  const reconsidering = createReconsidering({
    rows: {
      approvedBy: async () => [],
      outdatedTeams: async () => ['ours'],
      outdatedOf: async () => {
        looks += 1;
        if (looks === 1) await gate.promise;
        return [];
      },
    },
    clock: createSimulatedClock(),
    logger: silentLogger,
    againMs: 1_000,
    reconsider: async () => 'waits',
    settled: async () => undefined,
  });
  await reconsidering.start();
  await until(() => looks === 1);
  for (let save = 0; save < 3; save++) reconsidering.saved('ours');
  gate.resolve();
  await until(() => looks === 2);
  await reconsidering.stop();
  expect(looks).toBe(2);
});
