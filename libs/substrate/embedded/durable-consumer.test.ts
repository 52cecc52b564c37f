// One durable consumer on a real store, where something happens while it reads.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { utf8 } from '@hakiri/base/bytes';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import type { ConsumeOptions, Verdict } from '../bus.ts';
import { openClient } from '../libsql/database.ts';
import { DurableConsumer, type Member } from './durable-consumer.ts';
import { openQueueStore } from './queue-store.ts';

const options: ConsumeOptions = { durable: 'd', ackWaitMs: 1_000, maxInFlight: 1, from: 'beginning' };

function member(handler: () => Promise<Verdict>): Member {
  return { options, handler, running: new Set() };
}

test('[BU20] a consumer that closes while a retry is read back leaves the message to the next one', async () => {
  const directory = await makeTempDirectory();
  const clock = createSimulatedClock();
  const store = await openQueueStore(await openClient(`file:${join(directory.path, 'bus.db')}`));
  const errors: unknown[] = [];
  let whileRead = () => {};
  const consumer = new DurableConsumer(
    { name: 'd', pattern: 'q.*', floor: 0, progress: new Map() },
    {
      ...store,
      get: async (sequence) => {
        const found = await store.get(sequence);
        whileRead();
        return found;
      },
    },
    clock,
    (error) => errors.push(error),
  );
  await store.add('q.x', 'a', utf8('a'), clock.now());

  let given = 0;
  const first = member(async () => {
    given += 1;
    return { kind: 'retry', delayMs: 10 };
  });
  consumer.members.add(first);
  consumer.nudge();
  await until(() => given === 1 && first.running.size === 0);

  const read = Promise.withResolvers<void>();
  whileRead = () => {
    consumer.members.delete(first);
    read.resolve();
  };
  await clock.advance(10);
  await read.promise;
  whileRead = () => {};

  const taken = Promise.withResolvers<void>();
  consumer.members.add(
    member(async () => {
      taken.resolve();
      return { kind: 'ack' };
    }),
  );
  consumer.nudge();
  await taken.promise;
  expect(errors).toEqual([]);
  expect(given).toBe(1);
  consumer.stop();
  await store.close();
  await directory.remove();
});
