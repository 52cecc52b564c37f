// The durable queue by a clock that the test moves: what is remembered, what is removed, and that nothing ticks when idle.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { utf8 } from '@hakiri/base/bytes';
import { createSimulatedClock, type SimulatedClock } from '@hakiri/testing/simulated-clock';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { type Bus, DEDUPE_WINDOW_MS } from '../bus.ts';
import { openClient } from '../libsql/database.ts';
import { openEmbeddedBus } from './bus.ts';

const DAY_MS = 24 * 60 * 60_000;
let directory: TempDirectory;
let clock: SimulatedClock;
let bus: Bus;
beforeEach(async () => {
  directory = await makeTempDirectory();
  clock = createSimulatedClock();
  bus = await open();
});
afterEach(async () => {
  await bus.close();
  await directory.remove();
});

async function open(): Promise<Bus> {
  return openEmbeddedBus(await openClient(`file:${join(directory.path, 'bus.db')}`), clock, (error) => {
    throw error;
  });
}

async function stored(): Promise<number> {
  const client = await openClient(`file:${join(directory.path, 'bus.db')}`);
  const found = await client.execute('SELECT count(*) AS n FROM message');
  client.close();
  return Number(found.rows[0]?.n);
}

async function consumeAll(durable: string, pattern = 'q.*'): Promise<{ count: number }> {
  const seen = { count: 0 };
  await bus.consume(pattern, { durable, ackWaitMs: 1000, maxInFlight: 4, from: 'beginning' }, async () => {
    seen.count += 1;
    return { kind: 'ack' };
  });
  return seen;
}

test('[EM4] a message goes when every consumer is done with it and its id may be forgotten', async () => {
  const one = await consumeAll('one');
  for (const id of ['a', 'b', 'c']) await bus.enqueue('q.x', id, utf8(id));
  await until(() => one.count === 3);
  await clock.advance(DEDUPE_WINDOW_MS - 1);
  expect(await stored()).toBe(3);
  expect(await bus.enqueue('q.x', 'a', utf8('a'))).toEqual({ duplicate: true });
  await clock.advance(DEDUPE_WINDOW_MS + 1);
  await until(async () => (await stored()) === 0);
  expect(await bus.enqueue('q.x', 'a', utf8('a'))).toEqual({ duplicate: false });
});

test('[EM5] a message that a consumer still needs stays, seven days at most', async () => {
  await (
    await bus.consume('q.*', { durable: 'away', ackWaitMs: 1000, maxInFlight: 1, from: 'beginning' }, () =>
      Promise.reject(new Error('not now')),
    )
  ).close();
  await consumeAll('other', 'other.*');
  await bus.enqueue('q.x', 'a', utf8('a'));
  await bus.enqueue('other.x', 'b', utf8('b'));
  await clock.advance(3 * DEDUPE_WINDOW_MS);
  await until(async () => (await stored()) === 1);
  await bus.close();
  bus = await open();
  await clock.advance(6 * DAY_MS);
  expect(await stored()).toBe(1);
  await clock.advance(DAY_MS);
  await until(async () => (await stored()) === 0);
});

test('[EM6] nothing is set to run while nothing is stored', async () => {
  const seen = await consumeAll('idle');
  bus.subscribe('q.*', () => undefined);
  expect(clock.nextDue()).toBeUndefined();
  await bus.enqueue('q.x', 'a', utf8('a'));
  await until(() => seen.count === 1);
  await clock.advance(3 * DEDUPE_WINDOW_MS);
  await until(() => clock.nextDue() === undefined);
});

test('[EM7] a subscriber that cannot keep up loses messages; nobody else does, and nobody waits', async () => {
  let slow = 0;
  let quick = 0;
  bus.subscribe('flood', () => {
    slow += 1;
  });
  for (let at = 0; at < 12_000; at += 1) bus.publish('flood', utf8('x'));
  bus.subscribe('flood', () => {
    quick += 1;
  });
  bus.publish('flood', utf8('x'));
  await until(() => quick === 1 && slow >= 10_000);
  expect(slow).toBe(10_000);
});

test('[EM8] a message delivered and not acked is counted on after a restart', async () => {
  const deliveries: number[] = [];
  const options = { durable: 'd', ackWaitMs: 1000, maxInFlight: 1, from: 'beginning' } as const;
  const handler = async (message: { deliveries: number }) => {
    deliveries.push(message.deliveries);
    return { kind: 'retry', delayMs: 10 } as const;
  };
  await bus.consume('q.*', options, handler);
  await bus.enqueue('q.x', 'a', utf8('a'));
  await until(() => deliveries.length === 1);
  await clock.advance(10);
  await until(() => deliveries.length === 2);
  await bus.close();
  bus = await open();
  await bus.consume('q.*', options, handler);
  await until(() => deliveries.length === 3);
  expect(deliveries).toEqual([1, 2, 3]);
});
