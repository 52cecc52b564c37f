// What cannot be read at the start, or when it is told, is said once and adopted when somebody puts it back.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { blobKey, INDEX_FILE } from '@hakiri/contracts/revision';
import { type Logger, silentLogger } from '@hakiri/service/logger';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import { createShiftingClock } from '@hakiri/testing/shifting-clock';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { openWorld, pipeline, publish, TEAM, type World } from './testing/world.ts';

const RETRY_MS = 10_000;
const LOOKS_BETWEEN_SHIFTS = 50;
const INDEX = blobKey(TEAM, INDEX_FILE);
const BODY = blobKey(TEAM, 'manifest@v1.toml');
let directory: TempDirectory;
let world: World;
let said: string[];
let clock: ReturnType<typeof createShiftingClock>;
/** What is there instead of the bytes of a key; undefined: nothing. */
let instead: Map<string, Uint8Array | undefined>;
let reads: string[];

beforeEach(async () => {
  directory = await makeTempDirectory();
  said = [];
  instead = new Map();
  reads = [];
  clock = createShiftingClock(Date.now());
  world = await start();
});
afterEach(async () => {
  await world.stop();
  await directory.remove();
});

function start(): Promise<World> {
  const logger: Logger = { ...silentLogger, error: (event) => said.push(event), child: () => logger };
  const blobs = (store: BlobStore): BlobStore => ({
    ...store,
    get: async (key) => {
      const blob = await store.get(key);
      reads.push(key);
      if (!instead.has(key)) return blob;
      const bytes = instead.get(key);
      return bytes && blob && { bytes, etag: blob.etag };
    },
  });
  return openWorld(directory.path, { blobs, clock, logger });
}

const inForce = async (): Promise<string> =>
  (await world.as('viewer').schedules()).schedules.map(({ pipeline }) => pipeline).join(' ');

/** Another question of the blob store is asked, and answered. */
async function triedAgain(key: string): Promise<void> {
  const before = reads.length;
  let looks = 0;
  await until(() => {
    // The timer is set a moment after the answer before, which may be after the clock was put forward.
    if (looks % LOOKS_BETWEEN_SHIFTS === 0) clock.shiftTo(clock.now() + RETRY_MS);
    looks += 1;
    return reads.slice(before).includes(key);
  });
}

for (const [what, key, bytes, event] of [
  ['an index that cannot be read', INDEX, utf8('{bad'), 'manifest_index_unreadable'],
  ['an index that is gone', INDEX, undefined, 'manifest_index_unreadable'],
  ['a body that is damaged', BODY, utf8('format = 1'), 'manifest_unusable'],
  ['a body that is gone', BODY, undefined, 'manifest_absent'],
] as const) {
  test(`[SC1.12] ${what} at the start is said once and tried again until it is put back`, async () => {
    await publish(world.substrate, world.deps.messaging, 1, { pipelines: [pipeline(1)] }, false);
    await world.stop();
    instead.set(key, bytes);
    world = await start();
    expect(said).toEqual([event]);
    await triedAgain(key);
    await triedAgain(key);
    expect([await inForce(), said]).toEqual(['', [event]]);
    instead.delete(key);
    await triedAgain(key);
    await until(async () => (await inForce()) === 'p1');
  });
}

test('[SC1.12] a body that is damaged when its revision is told is tried again until it is put back', async () => {
  instead.set(BODY, utf8('format = 1'));
  await world.publish(1, { pipelines: [pipeline(1)] });
  await until(() => said.includes('manifest_unusable'));
  await triedAgain(BODY);
  expect([await inForce(), said]).toEqual(['', ['manifest_unusable']]);
  instead.delete(BODY);
  await triedAgain(BODY);
  await until(async () => (await inForce()) === 'p1');
});

test('[SC1.12] while nothing is amiss nothing is tried again', async () => {
  await world.publish(1, { pipelines: [pipeline(1)] });
  await until(async () => (await inForce()) === 'p1');
  await world.stop();
  world = await start();
  reads = [];
  clock.shiftTo(clock.now() + RETRY_MS);
  // Whatever was due by then has been asked when another revision is in force.
  await world.publish(2, { pipelines: [pipeline(2)] });
  await until(async () => (await inForce()) === 'p2');
  expect(reads).not.toContain(BODY);
  expect(said).toEqual([]);
});
