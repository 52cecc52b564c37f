// Which documents leave memory of those that people only read.
import { expect, test } from 'bun:test';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { Unwritten } from './unwritten.ts';

type Fake = { isUnwritten: boolean; life: { usedAtMs: number; sleep(): Promise<void> } };

const LIMITS = { count: 2, restMs: 1_000 };

function setUp() {
  const clock = createSimulatedClock();
  const unwritten = new Unwritten(clock, LIMITS);
  const slept: string[] = [];
  const open = (name: string) => {
    const document: Fake = {
      isUnwritten: true,
      life: {
        usedAtMs: clock.now(),
        sleep: async (): Promise<void> => {
          document.isUnwritten = false;
          slept.push(name);
        },
      },
    };
    unwritten.opened(document);
    return document;
  };
  return { clock, unwritten, slept, open };
}

test('[SY8.3] of documents that are only read those used longest ago leave memory, however they were opened', async () => {
  const { clock, slept, open } = setUp();
  const [first] = [open('first'), open('second'), open('third')];
  await clock.advance(LIMITS.restMs / 2);
  first.life.usedAtMs = clock.now();
  open('fourth');
  await clock.advance(LIMITS.restMs);
  expect(slept).toEqual(['second', 'third']);
  await clock.advance(LIMITS.restMs * 5);
  expect(slept).toEqual(['second', 'third']);
});

test('[SY8.3] those that are read in turn stay, however many; when nobody reads them any more they leave', async () => {
  const { clock, slept, open } = setUp();
  const documents = Array.from({ length: 9 }, (_, index) => open(`doc-${index}`));
  for (let round = 0; round < 20; round++)
    for (const { life } of documents) {
      life.usedAtMs = clock.now();
      await clock.advance(LIMITS.restMs / 10);
    }
  expect(slept).toEqual([]);
  await clock.advance(LIMITS.restMs * 3);
  expect(slept.sort()).toEqual(documents.slice(0, -LIMITS.count).map((_, index) => `doc-${index}`));
});

test('[SY8.3] one that was written to counts no more, nor one that is not held', async () => {
  const { clock, unwritten, slept, open } = setUp();
  const [first, second] = [open('first'), open('second'), open('third')];
  first.isUnwritten = false;
  unwritten.forget(second);
  await clock.advance(LIMITS.restMs * 3);
  expect(slept).toEqual([]);
  open('fourth');
  open('fifth');
  unwritten.close();
  expect(clock.nextDue()).toBeUndefined();
});
