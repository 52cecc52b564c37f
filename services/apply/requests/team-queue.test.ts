// Serial for a team, parallel over teams; and the bell that wakes those who wait.
import { expect, test } from 'bun:test';
import { createBell } from '@hakiri/service/bell';
import { systemClock } from '@hakiri/substrate/clock';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { createTeamQueue } from './team-queue.ts';

test('[AP4.4] one at a time for a team, in order, past one that fails; teams do not wait for each other', async () => {
  const queue = createTeamQueue();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = queue.run('a', async () => {
    await gate.promise;
    seen.push('a1');
    throw new Error('a1');
  });
  const second = queue.run('a', async () => seen.push('a2'));
  await queue.run('b', async () => seen.push('b1'));
  expect(seen).toEqual(['b1']);
  gate.resolve();
  expect(first).rejects.toThrow('a1');
  await second;
  await queue.idle();
  expect(seen).toEqual(['b1', 'a1', 'a2']);
});

test('[AP6.1] a ring before the wait is heard, others are not, and a wait ends', async () => {
  const bell = createBell(systemClock);
  const listener = bell.listen('a');
  bell.ring('a');
  expect(await listener.rung(60_000)).toBe(true);
  bell.ring('b');
  const clock = createSimulatedClock();
  const timed = createBell(clock);
  const waiting = timed.listen('a').rung(1_000);
  await clock.advance(1_000);
  expect(await waiting).toBe(false);
  const later = listener.rung(60_000);
  bell.ringAll();
  expect(await later).toBe(true);
  expect(bell.listeners()).toBe(1);
  listener.close();
  listener.close();
  expect(bell.listeners()).toBe(0);
});
