// The pool's workers: one that is started while a large document's log is still read, one that is lost.
import { expect, test } from 'bun:test';
import { createMetrics } from '@hakiri/service/metrics';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { DEFAULTS } from '../config.ts';
import { createSyncMetrics } from '../metrics.ts';
import { createLocalHosts } from '../testing/local-host.ts';
import { type Guest, HostPool } from './host-pool.ts';

const LARGE = { bytes: DEFAULTS.placement.ownBytes + 1, isSlow: false };
const SMALL = { bytes: 1_000, isSlow: false };
const ID = { team: 't', doc: 'd' };
const GUEST: Guest = { id: ID, onLost: () => {}, onMove: () => {} };

function bed() {
  const clock = createSimulatedClock();
  const hosts = createLocalHosts();
  const metrics = createSyncMetrics(createMetrics('sync'));
  const pool = new HostPool({
    start: hosts.start,
    limits: DEFAULTS,
    clock,
    stallMs: 1_000,
    size: 1,
    metrics,
  });
  /** A log that is read for so long. */
  const load = async (ms: number): Promise<void> => {
    const read = Promise.withResolvers<void>();
    const loading = pool.expecting(read.promise);
    await clock.advance(ms);
    read.resolve();
    await loading;
  };
  return { clock, hosts, pool, load };
}

test('[SY8.6] while a log is read for long its own worker is started already; a short read starts none', async () => {
  const { hosts, pool, load } = bed();
  await load(5);
  expect(hosts.started()).toBe(0);
  await load(50);
  expect(hosts.started()).toBe(1);
  expect(pool.host(GUEST, LARGE).isOwn).toBe(true);
  expect(hosts.started()).toBe(1);
  pool.end();
});

test('[SY8.6] a worker that was started for nothing ends soon; small documents never share it', async () => {
  const { clock, hosts, pool, load } = bed();
  await load(50);
  await load(50);
  expect(hosts.started()).toBe(1);
  expect(pool.host(GUEST, SMALL).isOwn).toBe(false);
  expect(hosts.running()).toEqual([1, 2]);
  await clock.advance(10_000);
  expect(hosts.running()).toEqual([2]);
  pool.end();
  await load(50);
  expect(hosts.running()).toEqual([]);
});

test('[SY11.16] documents whose opening ended workers share few of their own, and none with anybody else', () => {
  const { hosts, pool } = bed();
  const guests = Array.from({ length: 5 }, (_, index) => ({ ...GUEST, id: { team: 't', doc: `d${index}` } }));
  for (const { id } of guests) pool.suspects.lost(id);
  const places = guests.map((guest) => pool.host(guest, SMALL));
  expect(hosts.running()).toEqual([1, 2]);
  pool.host(GUEST, SMALL);
  pool.host(GUEST, SMALL);
  pool.host(GUEST, LARGE);
  expect(hosts.running()).toEqual([1, 2, 3, 4]);
  for (const place of places) place.close();
  expect(hosts.running()).toEqual([3, 4]);
  pool.end();
});

test('[SY11.9] who closes its place in a worker that was lost meanwhile moves nobody', () => {
  const { hosts, pool } = bed();
  hosts.wasmBytes = () => 10 * DEFAULTS.placement.memoryBytes;
  const moves: string[] = [];
  let lost = 0;
  const guest: Guest = {
    id: ID,
    onLost: () => {
      lost += 1;
    },
    onMove: (reason) => moves.push(reason),
  };
  const places = Array.from({ length: 5 }, () => pool.host(guest, SMALL));
  hosts.die(1);
  expect(lost).toBe(5);
  for (const place of places.slice(0, 4)) place.close();
  expect(moves).toEqual([]);
});
