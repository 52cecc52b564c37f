// Old bodies on their way to the cold prefix: stopped at each step as a crash would, and read all the time.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { blobKey, coldFile, type Revision } from '@hakiri/contracts/revision';
import { readBody } from '@hakiri/manifest/read-body';
import { silentLogger } from '@hakiri/service/logger';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import { createShiftingClock } from '@hakiri/testing/shifting-clock';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { COLD_STEPS, type ColdStep } from '../requests/steps.ts';
import { apply, type Bed, get, openBed, type Running, TEAM } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { createColdMover } from './cold.ts';

const ALL = { kind: 'all' } as const;
const KEEP = { config: { hotRevisions: 2 } };

let bed: Bed;
beforeEach(async () => {
  bed = await openBed();
});
afterEach(() => bed.close());

async function publish(running: Running, token: string, count: number): Promise<Revision[]> {
  const revisions: Revision[] = [];
  for (let n = 0; n < count; n++) {
    const version = bed.peer.edit({
      pipelines: [pipeline(1, { description: `text ${Math.random()}` })],
      variables: [],
    });
    const { body } = await apply(running.url, token, { scope: ALL, version });
    if (body.revision) revisions.push(body.revision);
  }
  return revisions;
}

async function files(prefix: string): Promise<string[]> {
  const keys = await bed.blobs.list(blobKey(TEAM, prefix));
  return keys.filter((key) => key.endsWith('.toml')).map((key) => key.slice(blobKey(TEAM, '').length));
}

async function expectAllReadable(running: Running, token: string, revisions: Revision[]): Promise<void> {
  const page = await (await get(running.url, token, 'revisions')).json();
  expect(page.revisions.length).toBe(revisions.length);
  for (const { label, digest } of revisions) {
    const text = await (await get(running.url, token, `revisions/${label}/manifest.toml`)).text();
    expect(`sha256:${new Bun.CryptoHasher('sha256').update(text).digest('hex')}`).toBe(digest);
  }
}

const MOVED = {
  hot: ['manifest@v4.toml', 'manifest@v5.toml'],
  cold: [1, 2, 3].map((n) => coldFile(`manifest@v${n}.toml`)),
};

test('[AP10.2] the newest bodies stay beside the index, older ones move; all are listed, read and verified', async () => {
  const token = bed.token('applier');
  const running = await bed.start(KEEP);
  const revisions = await publish(running, token, 5);
  await until(async () => (await files('manifest@')).length === 2, { what: 'the move' });
  expect([await files('manifest@'), await files('cold/')]).toEqual([MOVED.hot, MOVED.cold]);
  await running.stop();
  // Nothing of it is in memory any more.
  await expectAllReadable(await bed.start(KEEP), token, revisions);
});

test('[AP10.2] whoever looks beside the index and then in the prefix finds every body the index names, at every moment', async () => {
  const token = bed.token('applier');
  const found: string[] = [];
  const coldStep: ColdStep = async () => {
    const index = await bed.index();
    for (const revision of index?.revisions ?? [])
      found.push((await readBody(async (key) => (await bed.blobs.get(key))?.bytes, TEAM, revision)).kind);
  };
  const running = await bed.start({ ...KEEP, coldStep });
  await publish(running, token, 6);
  await until(async () => (await files('cold/')).length === 4);
  expect(found.length).toBeGreaterThan(20);
  expect(new Set(found)).toEqual(new Set(['whole']));
});

describe('a crash', () => {
  for (const step of COLD_STEPS)
    test(`[AP10.3] after "${step}" is harmless, and the next start goes on`, async () => {
      const token = bed.token('applier');
      const first = await bed.start({ config: { hotRevisions: 1_000 } });
      const revisions = await publish(first, token, 5);
      await first.stop();
      let reached = false;
      const coldStep: ColdStep = (name) => {
        if (name !== step) return;
        reached = true;
        throw new Error('crashed on purpose');
      };
      const crashed = await bed.start({ ...KEEP, coldStep });
      await until(() => reached);
      await expectAllReadable(crashed, token, revisions);
      await crashed.stop();
      await bed.reboot();
      const next = await bed.start(KEEP);
      await until(
        async () => (await files('manifest@')).length === 2 && (await files('cold/')).length === 3,
        { what: 'the move' },
      );
      await expectAllReadable(next, token, revisions);
    });
});

async function replaceBody(label: string, bytes: Uint8Array): Promise<Uint8Array> {
  const key = blobKey(TEAM, `manifest@${label}.toml`);
  const there = await bed.blobs.get(key);
  if (!there) throw new Error(`${key} is not there`);
  expect((await bed.blobs.putIfMatch(key, bytes, there.etag)).kind).toBe('stored');
  return there.bytes;
}

test('[AP10.3] a body that was tampered with stays where it is, holds up no other, and is tried again each minute alone', async () => {
  const token = bed.token('applier');
  const first = await bed.start({ config: { hotRevisions: 1_000 } });
  await publish(first, token, 4);
  await first.stop();
  const whole = await replaceBody('v1', new Uint8Array([1]));
  const clock = createShiftingClock(Date.now());
  const read: string[] = [];
  const blobs = (store: BlobStore): BlobStore => ({
    ...store,
    get: (key) => {
      read.push(key);
      return store.get(key);
    },
  });
  const running = await bed.start({ ...KEEP, clock, blobs });
  await until(async () => (await files('manifest@')).length === 3);
  expect(await files('manifest@')).toEqual([1, 3, 4].map((n) => `manifest@v${n}.toml`));
  await publish(running, token, 3);
  await until(async () => (await files('cold/')).length === 4 && (await files('manifest@')).length === 3);
  const damaged = blobKey(TEAM, 'manifest@v1.toml');
  expect(read.filter((key) => key === damaged).length).toBe(1);
  await replaceBody('v1', whole);
  read.length = 0;
  clock.shiftTo(clock.now() + 60_000);
  await until(async () => (await files('manifest@')).length === 2);
  expect(await files('manifest@')).toEqual([6, 7].map((n) => `manifest@v${n}.toml`));
  expect(read.filter((key) => key.includes('manifest@'))).toEqual([
    damaged,
    blobKey(TEAM, coldFile('manifest@v1.toml')),
  ]);
});

test('[AP10.3] a body is not deleted while something else has its place in the cold prefix', async () => {
  const token = bed.token('applier');
  const first = await bed.start({ config: { hotRevisions: 1_000 } });
  const revisions = await publish(first, token, 4);
  await first.stop();
  await bed.blobs.putIfAbsent(blobKey(TEAM, coldFile('manifest@v1.toml')), new Uint8Array([1]));
  const running = await bed.start(KEEP);
  await until(async () => (await files('manifest@')).length === 3);
  expect(await files('manifest@')).toEqual([1, 3, 4].map((n) => `manifest@v${n}.toml`));
  await expectAllReadable(running, token, revisions);
});

test('[AP10.3] what could not be looked for is looked for again each minute, and not with everything that is published meanwhile', async () => {
  const clock = createSimulatedClock();
  const moved: number[] = [];
  let sweeps = 0;
  const cold = createColdMover({
    store: {
      teamsWithOld: async () => {
        sweeps += 1;
        throw new Error('the database is away');
      },
      hotBodies: async (_team, { upTo }) => {
        moved.push(upTo);
        return [];
      },
      markCold: async () => {},
    },
    blobs: bed.blobs,
    clock,
    logger: silentLogger,
    ...{ hotRevisions: 2, step: () => {} },
  });
  cold.start();
  await until(() => clock.nextDue() !== undefined);
  for (const sequence of [3, 4, 5]) {
    cold.published(TEAM, sequence);
    await until(() => moved.includes(sequence - 2));
  }
  expect(sweeps).toBe(1);
  await clock.advance(60_000);
  await until(() => sweeps === 2);
  await cold.stop();
});
