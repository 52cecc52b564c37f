import { afterEach, beforeEach, expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { blobKey, coldFile, INDEX_FILE, type Revision } from '@hakiri/contracts/revision';
import { ManifestApplied } from '@hakiri/contracts/subjects';
import { type BlobStore, BlobStoreError } from '@hakiri/substrate/blob-store';
import { createShiftingClock } from '@hakiri/testing/shifting-clock';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { applied, claimed, problemOf } from './testing/asking.ts';
import { keyOf, openWorld, pipeline, publish, TEAM, type World } from './testing/world.ts';

let directory: TempDirectory;
let world: World;
beforeEach(async () => {
  directory = await makeTempDirectory();
  world = await openWorld(directory.path);
});
afterEach(async () => {
  await world.stop();
  await directory.remove();
});

const EVERY_SECOND = { kind: 'every', expr: '1s' } as const;

test('[SC1.1] an applied manifest becomes schedules with their next tick', async () => {
  const cron = { kind: 'cron', expr: '30 6 * * *', timezone: 'Europe/Berlin' } as const;
  const schedules = await applied(
    world,
    1,
    pipeline(1, { schedule: cron }),
    pipeline(2, { schedule: { kind: 'on-event', expr: 'pipeline.finished:p1' } }),
    pipeline(3, { enabled: false }),
    pipeline(4),
  );
  expect(schedules.map(({ pipeline, kind, enabled }) => [pipeline, kind, enabled])).toEqual([
    ['p1', 'cron', true],
    ['p2', 'on-event', true],
    ['p3', 'every', false],
    ['p4', 'every', true],
  ]);
  expect(schedules.map(({ nextAt }) => nextAt !== undefined)).toEqual([true, false, false, true]);
  expect(Date.parse(schedules[3]?.nextAt ?? '') % 3_600_000).toBe(0);
});

test('[SC1.2] a revision that is not newer changes nothing', async () => {
  await applied(world, 2, pipeline(1), pipeline(2));
  await world.publish(1, { pipelines: [pipeline(9)] });
  await applied(world, 3, pipeline(1), pipeline(2), pipeline(3));
  const { schedules } = await world.as('viewer').schedules();
  expect(schedules.map(({ pipeline }) => pipeline)).toEqual(['p1', 'p2', 'p3']);
});

test('[SC1.4] what was applied while the scheduler was away is in force when it is back', async () => {
  await applied(world, 1, pipeline(1));
  const { substrate, deps } = world;
  await world.service.stop();
  await publish(substrate, deps.messaging, 2, { pipelines: [pipeline(1), pipeline(2)] }, false);
  await world.stop();
  world = await openWorld(directory.path);
  expect((await world.as('viewer').schedules()).schedules).toHaveLength(2);
});

test('[SC1.4] a scheduler with a new database adopts what was published, though no event tells it', async () => {
  const { substrate, deps } = world;
  await publish(substrate, deps.messaging, 1, { pipelines: [pipeline(1), pipeline(2)] }, false);
  await world.stop();
  world = await openWorld(directory.path);
  expect((await world.as('viewer').schedules()).schedules).toHaveLength(2);
});

test('[SC1.11] at the start the indexes of sixteen teams are read at once, no more, and one that fails holds up no other', async () => {
  const { substrate, deps } = world;
  await publish(substrate, deps.messaging, 1, { pipelines: [pipeline(1)] }, false);
  const teams = Array.from({ length: 40 }, (_, number) => `team-${number}`);
  for (const team of teams) await substrate.blobs.putIfAbsent(blobKey(team, INDEX_FILE), utf8('{}'));
  await world.stop();
  let reading = 0;
  let most = 0;
  const read = new Set<string>();
  const isFull = Promise.withResolvers<void>();
  const blobs = (store: BlobStore): BlobStore => ({
    ...store,
    get: async (key) => {
      if (!key.endsWith(INDEX_FILE)) return store.get(key);
      reading += 1;
      most = Math.max(most, reading);
      if (reading === 16) isFull.resolve();
      // Read in turn, the first would wait for ever.
      await isFull.promise;
      reading -= 1;
      read.add(key);
      if (key === blobKey('team-7', INDEX_FILE)) throw new BlobStoreError('away');
      return store.get(key);
    },
  });
  world = await openWorld(directory.path, { blobs });
  expect(most).toBe(16);
  for (const team of [...teams, TEAM]) expect(read).toContain(blobKey(team, INDEX_FILE));
  expect((await world.as('viewer').schedules()).schedules).toHaveLength(1);
});

test('[SC1.4] a blob store that is away at the start is asked again, and the scheduler runs meanwhile', async () => {
  const { substrate, deps } = world;
  await publish(substrate, deps.messaging, 1, { pipelines: [pipeline(1)] }, false);
  await world.stop();
  let isAway = true;
  const clock = createShiftingClock(Date.now());
  const blobs = (store: BlobStore): BlobStore => ({
    ...store,
    folders: async (prefix) => {
      if (isAway) throw new BlobStoreError('away');
      return store.folders(prefix);
    },
  });
  world = await openWorld(directory.path, { blobs, clock });
  expect((await world.as('viewer').schedules()).schedules).toEqual([]);
  isAway = false;
  clock.shiftTo(clock.now() + 10_000);
  await until(async () => (await world.as('viewer').schedules()).schedules.length === 1);
});

/** Published, and told of to nobody. */
async function published(number: number, ...ids: number[]): Promise<Revision> {
  const waits = pipeline(1, { schedule: { kind: 'on-event', expr: 'manifest.applied' } });
  const pipelines = [waits, ...ids.map((id) => pipeline(id))];
  return publish(world.substrate, world.deps.messaging, number, { pipelines }, false);
}

async function told(revision: Revision): Promise<void> {
  const actor = { kind: 'service', id: 'apply' } as const;
  await world.deps.messaging.enqueue(ManifestApplied, { team: TEAM }, { actor }, { doc: 'main', revision });
}

const inForce = async (): Promise<string> =>
  (await world.as('viewer').schedules()).schedules.map(({ pipeline }) => pipeline).join(' ');

test('[SC1.10] a body that has moved to the cold prefix is adopted from there', async () => {
  const { file } = await published(1, 2);
  const { blobs } = world.substrate;
  const body = await blobs.get(blobKey(TEAM, file));
  await blobs.putIfAbsent(blobKey(TEAM, coldFile(file)), body?.bytes ?? new Uint8Array());
  await blobs.delete(blobKey(TEAM, file));
  await world.stop();
  world = await openWorld(directory.path);
  expect(await inForce()).toBe('p1 p2');
});

test('[SC1.10] who is behind adopts the newest, and each that waits for a manifest fires once', async () => {
  await applied(world, 1, pipeline(9));
  // One between the two is missing.
  const third = await published(3, 3);
  await published(4, 4);
  await world.substrate.blobs.delete(blobKey(TEAM, third.file));
  await told(third);
  await until(async () => (await inForce()) === 'p1 p4');
  // It is the next, and was published long ago.
  const fifth = await published(5, 5);
  await published(6, 6);
  await told({ ...fifth, publishedAt: '2026-01-01T00:00:00.000Z' });
  await until(async () => (await inForce()) === 'p1 p6');
  const { entries } = await world.as('viewer').ledger();
  // The run of the first still waits for a node.
  expect(entries.map(({ decision }) => decision)).toEqual(['skipped', 'fired']);
});

test('[SC1.10] where the newest cannot be adopted the one that was told is', async () => {
  await applied(world, 1, pipeline(9));
  const third = await published(3, 3);
  await world.substrate.blobs.putIfAbsent(blobKey(TEAM, 'manifest@v4.toml'), new Uint8Array([1]));
  await published(4, 4);
  await told(third);
  await until(async () => (await inForce()) === 'p1 p3');
});

test('[SC1.5] a body that is not what its revision says is not adopted', async () => {
  await applied(world, 1, pipeline(1));
  await world.substrate.blobs.putIfAbsent(
    `teams/${TEAM}/manifest@v2.toml`,
    new TextEncoder().encode('format = 1'),
  );
  await world.publish(2, { pipelines: [pipeline(2)] });
  const schedules = await applied(world, 3, pipeline(1), pipeline(3));
  expect(schedules.map(({ pipeline }) => pipeline)).toEqual(['p1', 'p3']);
});

test('[SC2.1] a due tick is fired by itself, and the ledger names its run', async () => {
  await applied(world, 1, pipeline(1, { schedule: EVERY_SECOND }));
  const viewer = world.as('viewer');
  const [entry] = await until(async () => {
    const { entries } = await viewer.ledger();
    return entries.length > 0 && entries.toReversed();
  });
  expect(entry).toMatchObject({ pipeline: 'p1', key: keyOf(1), decision: 'fired', count: 1 });
  expect(await viewer.show(entry?.run ?? '')).toMatchObject({
    cause: 'schedule',
    revision: 1,
    dueAt: entry?.dueAt,
  });
});

test('[SC2.2] while its run has not ended, the next ticks are skipped', async () => {
  await applied(world, 1, pipeline(1, { schedule: EVERY_SECOND }));
  const entries = await until(async () => {
    const { entries } = await world.as('viewer').ledger({ pipeline: 'p1' });
    return entries.length > 1 && entries;
  });
  expect(entries.at(-2)).toMatchObject({ decision: 'skipped' });
  expect(entries.at(-2)?.reason).toContain(entries.at(-1)?.run ?? 'its run');
  expect(entries.at(-2)?.reason).toContain('still waits for a node of the pool default');
  expect((await world.as('viewer').list()).runs).toHaveLength(1);
});

test('[SC2.7] the ledger is paged, newest first', async () => {
  await applied(world, 1, pipeline(1, { schedule: EVERY_SECOND }), pipeline(2, { schedule: EVERY_SECOND }));
  const viewer = world.as('viewer');
  await until(async () => (await viewer.ledger()).entries.length >= 2);
  const first = await viewer.ledger({ limit: 1 });
  const second = await viewer.ledger({ limit: 1, ...(first.next ? { after: first.next } : {}) });
  expect(first.entries).toHaveLength(1);
  expect(second.entries[0]).not.toEqual(first.entries[0]);
  expect((await problemOf(viewer.ledger({ after: 'x' }))).code).toBe('malformed');
});

test('[SC7.1] an applied manifest fires the pipelines that wait for one', async () => {
  const waits = pipeline(1, { schedule: { kind: 'on-event', expr: 'manifest.applied' } });
  await applied(world, 1, waits, pipeline(2));
  const { runs } = await world.as('viewer').list();
  expect(runs).toMatchObject([{ pipeline: 'p1', cause: 'event', revision: 1 }]);
  expect((await world.as('viewer').ledger()).entries).toMatchObject([
    { pipeline: 'p1', decision: 'fired', reason: 'Manifest v1 was applied.' },
  ]);
});

test('[SC1.8] a minor revision touches no schedule and starts nothing', async () => {
  const waits = { schedule: { kind: 'on-event', expr: 'manifest.applied' } } as const;
  const before = await applied(world, 1, pipeline(1, waits), pipeline(2));
  const renamed = [pipeline(1, { ...waits, name: 'One' }), pipeline(2, { name: 'Two' })];
  await world.publish(2, { pipelines: renamed }, { number: 1, minor: 1 });
  await world.publish(3, { pipelines: renamed }, { number: 1, minor: 2 });
  // Revisions are adopted one after the other: with this one the others are, too.
  await world.publish(4, { pipelines: [...renamed, pipeline(3)] }, { number: 2, minor: 0 });
  const viewer = world.as('viewer');
  const after = await until(async () => {
    const { schedules } = await viewer.schedules();
    return schedules.length === 3 && schedules;
  });
  expect(after.slice(0, 2).map(({ nextAt }) => nextAt)).toEqual(before.map(({ nextAt }) => nextAt));
  const { entries } = await viewer.ledger();
  expect(entries.map(({ reason }) => reason).filter((reason) => reason.includes('v1.'))).toEqual([]);
  expect(entries).toHaveLength(2);
});

test('[SC7.2] a pipeline that succeeded fires those that wait for it; one that failed does not', async () => {
  const waits = pipeline(2, { schedule: { kind: 'on-event', expr: 'pipeline.finished:p1' } });
  await applied(world, 1, pipeline(1), waits);
  for (const outcome of ['failed', 'succeeded'] as const) {
    const { id } = await world.as('applier').start('p1');
    const { fence } = await claimed(world);
    await world.as('node', 'n1').node.finish(id, { fence, outcome });
  }
  const entries = await until(async () => {
    const { entries } = await world.as('viewer').ledger({ pipeline: 'p2' });
    return entries.length === 2 && entries;
  });
  expect(entries.map(({ decision }) => decision)).toEqual(['fired', 'skipped']);
  expect((await world.as('viewer').list({ pipeline: 'p2' })).runs).toHaveLength(1);
});

test('[SC6.7] two hundred pipelines that are due at once are fired at once', async () => {
  const many = Array.from({ length: 200 }, (_, n) => pipeline(n, { schedule: EVERY_SECOND }));
  await applied(world, 1, ...many);
  const viewer = world.as('viewer');
  const { entries } = await until(async () => {
    const page = await viewer.ledger({ limit: 500 });
    return page.entries.length >= 200 && page;
  });
  const oldest = entries.toReversed().slice(0, 200);
  expect(new Set(oldest.map(({ key }) => key)).size).toBe(200);
  expect(oldest.every(({ decision }) => decision === 'fired')).toBe(true);
});
