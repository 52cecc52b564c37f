// A service's database and its outbox, on the embedded substrate.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { createSimulatedClock, type SimulatedClock } from '@hakiri/testing/simulated-clock';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { sql } from 'drizzle-orm';
import { integer, sqliteTable } from 'drizzle-orm/sqlite-core';
import { type Bus, BusError, MESSAGE_LIMIT_BYTES } from '../bus.ts';
import { openEmbedded } from '../embedded/open.ts';
import type { Substrate } from '../substrate.ts';
import type { Database } from './database.ts';
import { createOutboxRelay, outbox, outboxRow } from './outbox.ts';

const counter = sqliteTable('counter', { value: integer().notNull() });
const MIGRATION = `CREATE TABLE outbox (sequence integer PRIMARY KEY AUTOINCREMENT NOT NULL, id text NOT NULL UNIQUE, subject text NOT NULL, payload blob NOT NULL);
--> statement-breakpoint
CREATE TABLE counter (value integer NOT NULL);
--> statement-breakpoint
INSERT INTO counter VALUES (0);`;
const JOURNAL = {
  version: '7',
  dialect: 'sqlite',
  entries: [{ idx: 0, version: '6', when: 1, tag: '0000_first', breakpoints: true }],
};

let directory: TempDirectory;
let clock: SimulatedClock;
let substrate: Substrate;
let database: Database;
let consumed: string[];

beforeEach(async () => {
  directory = await makeTempDirectory();
  const migrations = join(directory.path, 'migrations');
  await mkdir(join(migrations, 'meta'), { recursive: true });
  await writeFile(join(migrations, 'meta/_journal.json'), JSON.stringify(JOURNAL));
  await writeFile(join(migrations, '0000_first.sql'), MIGRATION);
  clock = createSimulatedClock();
  await start();
  consumed = [];
});
afterEach(async () => {
  await substrate.close();
  await directory.remove();
});

async function start(): Promise<void> {
  substrate = await openEmbedded(join(directory.path, 'data'), { clock });
  database = await substrate.database('thing', join(directory.path, 'migrations'));
}

async function consume(): Promise<void> {
  const options = { durable: 'd', ackWaitMs: 1000, maxInFlight: 1, from: 'beginning' } as const;
  await substrate.bus.consume('things.*', options, async ({ data }) => {
    consumed.push(fromUtf8(data));
    return { kind: 'ack' };
  });
}

/** State and announcement in one transaction. */
async function change(id: string): Promise<void> {
  await database.write((orm) =>
    orm.batch([
      orm.update(counter).set({ value: sql`value + 1` }),
      orm.insert(outbox).values(outboxRow('things.changed', id, utf8(id))),
    ]),
  );
}

function relay(bus: Bus = substrate.bus, errors: unknown[] = []) {
  return createOutboxRelay({ database, bus, clock, onError: (error) => errors.push(error) });
}

async function waiting(): Promise<number> {
  return (await database.orm.select().from(outbox)).length;
}

test('[OB1] what was announced is relayed once, in order, and then forgotten', async () => {
  await consume();
  const relaying = relay();
  const ids = Array.from({ length: 120 }, (_, at) => `id-${at}`);
  for (const id of ids) {
    await change(id);
    relaying.nudge();
  }
  await until(async () => (await waiting()) === 0);
  await until(() => consumed.length === ids.length);
  expect(consumed).toEqual(ids);
  await relaying.stop();
});

test('[OB2] what an earlier process left behind is relayed at the start', async () => {
  await change('a');
  await substrate.close();
  await start();
  await consume();
  const relaying = relay();
  relaying.start();
  await until(() => consumed.length === 1);
  expect(await database.orm.select().from(counter)).toEqual([{ value: 1 }]);
  await relaying.stop();
});

test('[OB3] a crash between sending and forgetting sends again, and the bus drops the repeat', async () => {
  await consume();
  await change('a');
  await substrate.bus.enqueue('things.changed', 'a', utf8('a'));
  const relaying = relay();
  relaying.start();
  await until(async () => (await waiting()) === 0);
  await change('b');
  relaying.nudge();
  await until(() => consumed.includes('b'));
  expect(consumed).toEqual(['a', 'b']);
  await relaying.stop();
});

test('[OB4] while the bus is away it waits longer each time, and catches up in order', async () => {
  await consume();
  const errors: unknown[] = [];
  let away = true;
  const bus: Bus = {
    ...substrate.bus,
    enqueue: (subject, id, data) =>
      away ? Promise.reject(new BusError('unavailable', 'away')) : substrate.bus.enqueue(subject, id, data),
  };
  const relaying = relay(bus, errors);
  for (const id of ['a', 'b', 'c']) await change(id);
  relaying.nudge();
  const dues: number[] = [];
  for (let failure = 1; failure <= 9; failure += 1) {
    const due = await until(() => errors.length === failure && clock.nextDue());
    dues.push(due - clock.now());
    await clock.advance(due - clock.now());
  }
  expect(dues).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  away = false;
  relaying.nudge();
  await until(() => consumed.length === 3);
  expect(consumed).toEqual(['a', 'b', 'c']);
  await relaying.stop();
});

test('[OB5] what the bus would never take is refused before it is written', async () => {
  expect(() => outboxRow('things.changed', 'x', new Uint8Array(MESSAGE_LIMIT_BYTES + 1))).toThrow(/split/);
  expect(() => outboxRow('things. changed', 'x', utf8('x'))).toThrow(TypeError);
});

test('[DB1] writes of one process never interleave, and one that fails holds up none', async () => {
  const increments = Array.from({ length: 20 }, (_, at) =>
    database.write(async (orm) => {
      const [row] = await orm.select().from(counter);
      if (at % 5 === 0) throw new Error('no');
      await orm.batch([orm.update(counter).set({ value: (row?.value ?? 0) + 1 })]);
    }),
  );
  const outcomes = await Promise.allSettled(increments);
  expect(outcomes.filter((one) => one.status === 'rejected')).toHaveLength(4);
  expect(await database.orm.select().from(counter)).toEqual([{ value: 16 }]);
});

test('[DB2] a service gets one database however often it asks, and never a file of the substrate', async () => {
  const migrations = join(directory.path, 'migrations');
  expect(await substrate.database('thing', migrations)).toBe(database);
  for (const name of ['bus', 'documents', 'lease', 'lock', '../x', ''])
    await expect(substrate.database(name, migrations)).rejects.toBeInstanceOf(TypeError);
});
