import { afterEach, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { createPrng } from '@hakiri/base/prng';
import type { PipelineConfig } from '@hakiri/contracts/config';
import { silentLogger } from '@hakiri/service/logger';
import type { Messaging } from '@hakiri/service/messaging';
import { createMessaging } from '@hakiri/service/messaging';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { openClient } from '@hakiri/substrate/libsql/database';
import type { Substrate } from '@hakiri/substrate/substrate';
import { seededRandom } from '@hakiri/testing/seeded-random';
import { createSimulatedClock, type SimulatedClock } from '@hakiri/testing/simulated-clock';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { commit } from './store.ts';
import { LEASE_MS, type Process, type Shared, startProcess } from './testing/processes.ts';
import { pipeline, publish, TEAM } from './testing/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WORKER = { team: TEAM, owner: 'n1', traceparent: '00-0-0-00' };
const OFFER = { node: 'n1', pools: ['default'], labels: [], waitS: 0, restarted: false };
const POLL = { signal: new AbortController().signal, stillAllowed: async () => {} };

let directory: TempDirectory;
let substrate: Substrate;
let messaging: Messaging;
let clock: SimulatedClock;
let shared: Shared;
let scheduler: Process;
let acquisitions = 0;
const open: Process[] = [];

beforeEach(async () => {
  directory = await makeTempDirectory();
  clock = createSimulatedClock();
  substrate = await openEmbedded(directory.path, { clock });
  const random = seededRandom(1);
  messaging = createMessaging({ ...substrate, random, logger: silentLogger });
  acquisitions = 0;
  const { lease } = substrate;
  shared = {
    ...substrate,
    lease: {
      ...lease,
      acquire: (...args) => {
        acquisitions += 1;
        return lease.acquire(...args);
      },
    },
    url: `file:${join(directory.path, 'scheduler.db')}`,
    migrations: join(import.meta.dir, 'migrations'),
    random,
    prng: createPrng(1),
  };
  scheduler = await start('s1');
});
afterEach(async () => {
  for (const process of open.splice(0)) await process.close();
  await substrate.close();
  await directory.remove();
});

async function start(name: string): Promise<Process> {
  const process = await startProcess(name, shared, () => false);
  open.push(process);
  return process;
}
async function apply(number: number, ...pipelines: PipelineConfig[]): Promise<void> {
  const revision = await publish(substrate, messaging, number, { pipelines }, false);
  expect(await scheduler.adopt(TEAM, revision)).toEqual({ kind: 'ack' });
}
const every = (expr: string) => pipeline(1, { schedule: { kind: 'every', expr } });
const nextAt = async () => (await scheduler.schedules.ofTeam(TEAM))[0]?.nextAtMs;
const ledger = async (process = scheduler) =>
  (await process.schedules.ledger(TEAM, {}, 1_000))
    .toReversed()
    .map(({ decision, count }) => [decision, count]);
async function endRun(): Promise<void> {
  const claim = await scheduler.claims.claim(WORKER, OFFER, POLL);
  if (claim)
    await scheduler.claims.finish(WORKER, claim.run.id, { fence: claim.fence, outcome: 'succeeded' });
}

test('[SC1.3] a schedule that did not change keeps the tick it waits for', async () => {
  await apply(1, every('1h'));
  const before = await nextAt();
  await clock.advance(20 * MINUTE);
  await apply(2, { ...every('1h'), name: 'another name', source: { kind: 'json-file', ref: 'x.json' } });
  expect(await nextAt()).toBe(before);
  await apply(3, every('10m'));
  expect(await nextAt()).toBe(clock.now() + 10 * MINUTE);
});

test('[SC1.6] while nothing is due nobody polls: one timer, for the earliest tick, and no lease', async () => {
  const many = Array.from({ length: 500 }, (_, n) =>
    pipeline(n, { schedule: { kind: 'every', expr: '6h' } }),
  );
  await apply(1, ...many, pipeline(900, { schedule: { kind: 'every', expr: '1h' } }));
  await clock.advance(0);
  expect(clock.nextDue()).toBe(clock.now() + HOUR);
  await clock.advance(HOUR - 1);
  expect(acquisitions).toBe(0);
  expect(await ledger()).toEqual([]);
  await clock.advance(1);
  expect(await ledger()).toEqual([['fired', 1]]);
  expect(acquisitions).toBe(1);
});

test('[SC1.6] what a tick asks of the database is answered by an index, however many schedules there are', async () => {
  await apply(1, every('1h'));
  const client = await openClient(shared.url);
  const plan = async (sql: string) =>
    (await client.execute(`EXPLAIN QUERY PLAN ${sql}`)).rows.map((row) => String(row.detail)).join('; ');
  const due = await plan('SELECT min(next_at_ms) FROM schedules WHERE next_at_ms IS NOT NULL');
  const leases = await plan('SELECT min(lease_until_ms) FROM runs WHERE lease_until_ms IS NOT NULL');
  const waiting = await plan(
    "SELECT * FROM runs WHERE state = 'waiting' AND team = 't' AND slot IN ('a', 'b') ORDER BY due_at_ms LIMIT 1",
  );
  client.close();
  expect(due).toContain('schedules_due');
  expect(leases).toContain('runs_leased');
  expect(waiting).toContain('runs_waiting');
});

test('[SC2.3] after a night away only the latest tick is caught up', async () => {
  await apply(1, every('1h'));
  scheduler.kill();
  await clock.advance(8 * HOUR + MINUTE);
  scheduler = await start('s2');
  await clock.advance(0);
  expect(await ledger()).toEqual([
    ['dropped', 7],
    ['late', 1],
  ]);
});

test('[SC2.4] a schedule that was disabled and enabled again does not catch up', async () => {
  await apply(1, every('1h'));
  await apply(2, { ...every('1h'), enabled: false });
  await clock.advance(5 * HOUR + MINUTE);
  await apply(3, every('1h'));
  await clock.advance(MINUTE);
  expect(await ledger()).toEqual([]);
  expect(await nextAt()).toBe(Math.ceil(clock.now() / HOUR) * HOUR);
});

test('[SC2.4] what was due under a schedule that is gone is dropped, not run', async () => {
  await apply(1, every('1h'), pipeline(2, { schedule: { kind: 'every', expr: '1h' } }));
  scheduler.kill();
  await clock.advance(3 * HOUR);
  // Another process has the ticker's lease and is slow, so that the adoption comes first.
  await substrate.lease.acquire('scheduler/ticker', 'elsewhere', 2 * MINUTE);
  scheduler = await start('s2');
  await apply(2, every('30m'));
  expect(await ledger()).toEqual([
    ['dropped', 3],
    ['dropped', 3],
  ]);
  const reasons = (await scheduler.schedules.ledger(TEAM, {}, 10)).map(({ reason }) => reason);
  expect(reasons.toSorted()).toEqual([
    '3 ticks were due when the pipeline was removed; nothing is backfilled.',
    '3 ticks were due when the schedule was changed; nothing is backfilled.',
  ]);
});

test('[SC2.5] two schedulers on one database fire a tick once', async () => {
  await apply(1, every('1m'));
  await start('s2');
  for (let minute = 0; minute < 10; minute += 1) {
    await clock.advance(MINUTE);
    await endRun();
  }
  expect(await ledger()).toEqual(Array.from({ length: 10 }, () => ['fired', 1]));
});

test('[SC2.5] a ticker of an earlier epoch writes nothing', async () => {
  await apply(1, every('1m'));
  await clock.advance(MINUTE);
  const { schedules, store } = scheduler;
  const [schedule] = await schedules.ofTeam(TEAM);
  if (schedule === undefined) throw new Error('there is no schedule');
  const row = { dueAtMs: 1, decision: 'fired', reason: '', count: 1, starts: false } as const;
  const write = (epoch: number) =>
    store.write((orm) =>
      commit(orm, [schedules.fence(epoch), schedules.decide(schedule, row, '', null, clock.now())]),
    );
  await expect(write(0)).rejects.toThrow('ticker_epoch');
  expect(await ledger()).toEqual([['fired', 1]]);
  await write(7);
  expect(await ledger()).toHaveLength(2);
});

test('[SC2.5] when the process that ticks is gone, another takes over', async () => {
  await apply(1, every('1m'));
  const second = await start('s2');
  await clock.advance(MINUTE);
  await endRun();
  scheduler.kill();
  await clock.advance(MINUTE);
  expect(await ledger(second)).toHaveLength(2);
});

test('[SC5.2] a claim whose node is silent for its lease goes to another node', async () => {
  await apply(1, every('1h'));
  await clock.advance(HOUR);
  const first = await scheduler.claims.claim(WORKER, OFFER, POLL);
  const other = { ...WORKER, owner: 'n2' };
  await clock.advance(LEASE_MS - 1);
  expect(await scheduler.claims.claim(other, { ...OFFER, node: 'n2' }, POLL)).toBeUndefined();
  await clock.advance(1);
  const second = await scheduler.claims.claim(other, { ...OFFER, node: 'n2' }, POLL);
  expect(second).toMatchObject({ run: { id: first?.run.id, node: 'n2' }, fence: 2 });
});

test('[SC5.2] heartbeats keep a claim for as long as they come', async () => {
  await apply(1, every('1h'));
  await clock.advance(HOUR);
  const claim = await scheduler.claims.claim(WORKER, OFFER, POLL);
  if (claim === undefined) throw new Error('there was no run');
  for (let beat = 0; beat < 10; beat += 1) {
    await clock.advance(LEASE_MS / 2);
    await scheduler.claims.heartbeat(WORKER, claim.run.id, claim.fence);
  }
  expect((await scheduler.store.find(claim.run.id))?.fence).toBe(1);
});

test('[SC5.4] a node that starts anew gets back at once what it held', async () => {
  await apply(1, every('1h'));
  await clock.advance(HOUR);
  const first = await scheduler.claims.claim(WORKER, OFFER, POLL);
  const again = await scheduler.claims.claim(WORKER, { ...OFFER, restarted: true }, POLL);
  expect(again).toMatchObject({ run: { id: first?.run.id }, fence: 2 });
});

test('[SC5.6] a token that is revoked during a poll gets nothing', async () => {
  await apply(1, every('1h'));
  await clock.advance(HOUR);
  const revoked = { ...POLL, stillAllowed: () => Promise.reject(new Error('revoked')) };
  await expect(scheduler.claims.claim(WORKER, OFFER, revoked)).rejects.toThrow('revoked');
  expect(await scheduler.claims.claim(WORKER, OFFER, POLL)).toBeDefined();
});
