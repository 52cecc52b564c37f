import { expect, test } from 'bun:test';
import { silentLogger } from '@hakiri/service/logger';
import { BusError } from '@hakiri/substrate/bus';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { createPlaces } from './places.ts';

const CAUSE = { actor: { kind: 'service', id: 'apply' } } as const;

test('[AP2.11] a scheduler that did not answer in time is left in peace for five seconds; one that is nowhere is asked again', async () => {
  const clock = createSimulatedClock();
  const faults: ('timeout' | 'no_responder')[] = ['timeout', 'no_responder'];
  let asked = 0;
  const messaging = {
    request: async () => {
      asked += 1;
      throw new BusError(faults.shift() ?? 'no_responder', 'nobody');
    },
  };
  const places = createPlaces({ messaging, clock, logger: silentLogger });
  expect(await places('t', CAUSE)).toBeUndefined();
  expect(await places('t', CAUSE)).toBeUndefined();
  expect(asked).toBe(1);
  await clock.advance(5_000);
  await places('t', CAUSE);
  await places('t', CAUSE);
  expect(asked).toBe(3);
});
