// When a document is warmed up: once, a moment after the first who came, and not when it has left memory.
import { expect, test } from 'bun:test';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { WarmUpTimer } from './warm-up-timer.ts';

test('[SY8.7] it is warmed up a moment after people came, once for all of them, and not when it sleeps', async () => {
  const clock = createSimulatedClock();
  const asked: string[] = [];
  const life = {
    isAwake: true,
    perform: ({ kind }: { kind: string }) => {
      asked.push(kind);
    },
  };
  const timer = new WarmUpTimer(life, clock);
  timer.soon();
  timer.soon();
  expect(asked).toEqual([]);
  await clock.advance(1_000);
  expect(asked).toEqual(['warmUp']);
  life.isAwake = false;
  timer.soon();
  await clock.advance(1_000);
  expect(asked).toEqual(['warmUp']);
});
