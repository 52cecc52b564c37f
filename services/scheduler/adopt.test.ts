// Adoption by several schedulers that share a database, each with its own memory of what it has read.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { utf8 } from '@hakiri/base/bytes';
import { createPrng, type Prng } from '@hakiri/base/prng';
import type { PipelineConfig } from '@hakiri/contracts/config';
import { ManifestApplied } from '@hakiri/contracts/subjects';
import { renderManifest } from '@hakiri/manifest/render';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging, type Messaging } from '@hakiri/service/messaging';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import type { Substrate } from '@hakiri/substrate/substrate';
import { seededRandom } from '@hakiri/testing/seeded-random';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { bodyOf } from './adopt-plan.ts';
import { createManifestReader } from './adopt-read.ts';
import { type Process, type Shared, startProcess } from './testing/processes.ts';
import { keyOf, pipeline, publish, TEAM } from './testing/world.ts';

const SEEDS = Array.from({ length: 6 }, (_, seed) => seed + 1);
const REVISIONS = 12;
const PIPELINES = 12;

let directory: TempDirectory;
let substrate: Substrate;
let messaging: Messaging;
let shared: Shared;
let processes: Process[] = [];

beforeEach(async () => {
  directory = await makeTempDirectory();
  const clock = createSimulatedClock();
  substrate = await openEmbedded(directory.path, { clock });
  const random = seededRandom(1);
  messaging = createMessaging({ ...substrate, random, logger: silentLogger });
  shared = {
    ...substrate,
    url: `file:${join(directory.path, 'scheduler.db')}`,
    migrations: join(import.meta.dir, 'migrations'),
    random,
    prng: createPrng(1),
  };
  processes = [await startProcess('s1', shared, () => false), await startProcess('s2', shared, () => false)];
});
afterEach(async () => {
  for (const process of processes) await process.close();
  await substrate.close();
  await directory.remove();
});

/** Whoever adopts, and whatever it read before; few variants, so that what was there comes back. */
function changed(prng: Prng, now: readonly PipelineConfig[]): PipelineConfig[] {
  const byKey = new Map(now.map((one) => [one.key, one]));
  for (let count = prng.below(4); count >= 0; count--) {
    const n = 1 + prng.below(PIPELINES);
    const expr = `${1 + prng.below(2)}h`;
    if (prng.below(4) === 0) byKey.delete(keyOf(n));
    else
      byKey.set(
        keyOf(n),
        pipeline(n, { schedule: { kind: 'every', expr }, description: '\n\n[[pipeline]]\n' }),
      );
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

test('[SC1.9] whoever adopts which revision, what is in force is what the manifest says', async () => {
  let number = 0;
  for (const seed of SEEDS) {
    const prng = createPrng(seed);
    let now: PipelineConfig[] = [];
    for (let step = 0; step < REVISIONS; step++) {
      now = changed(prng, now);
      number += 1;
      const revision = await publish(substrate, messaging, number, { pipelines: now }, false);
      const adopter = processes[prng.below(processes.length)];
      if (adopter === undefined) throw new Error('there are two');
      // Of what another adopted meanwhile it is told by the database.
      let verdict = await adopter.adopt(TEAM, revision);
      if (verdict.kind === 'retry') verdict = await adopter.adopt(TEAM, revision);
      expect([seed, step, verdict]).toEqual([seed, step, { kind: 'ack' }]);
      const rows = (await adopter.schedules.ofTeam(TEAM)).sort((a, b) => (a.key < b.key ? -1 : 1));
      expect([seed, step, rows.map(({ key, body }) => [key, body])]).toEqual([
        seed,
        step,
        now.map((one) => [one.key, bodyOf(one).digest]),
      ]);
    }
  }
});

test('[SC1.2] what is newer and was adopted by another meanwhile is not taken back', async () => {
  const second = await publish(substrate, messaging, 2, { pipelines: [pipeline(2)] }, false);
  const third = await publish(substrate, messaging, 3, { pipelines: [pipeline(3)] }, false);
  const { blobs } = substrate;
  const slow = await startProcess(
    'slow',
    {
      ...shared,
      blobs: {
        ...blobs,
        get: async (key) => {
          const there = await blobs.get(key);
          expect(await processes[0]?.adopt(TEAM, third)).toEqual({ kind: 'ack' });
          return there;
        },
      },
    },
    () => false,
  );
  processes.push(slow);
  expect(await slow.adopt(TEAM, second)).toEqual({ kind: 'ack' });
  expect((await slow.schedules.team(TEAM))?.sequence).toBe(3);
  expect((await slow.schedules.ofTeam(TEAM)).map(({ pipeline }) => pipeline)).toEqual(['p3']);
});

test('[SC1.2] an index that is older than what was told is not taken for the newest', async () => {
  const [adopter] = processes;
  if (adopter === undefined) throw new Error('there are two');
  const second = { pipelines: [pipeline(2)] };
  const third = await publish(substrate, messaging, 3, { pipelines: [pipeline(3)] }, false);
  // As a store answers whose news travel slowly.
  await publish(substrate, messaging, 2, second, false);
  const following = await adopter.follow();
  const told = { doc: 'main', revision: third };
  await messaging.enqueue(ManifestApplied, { team: TEAM }, { actor: { kind: 'service', id: 'apply' } }, told);
  await until(async () => (await adopter.schedules.team(TEAM))?.sequence === 3);
  expect((await adopter.schedules.ofTeam(TEAM)).map(({ pipeline }) => pipeline)).toEqual(['p3']);
  await following.close();
});

test('[SC1.2] a minor revision does not take back a newer one that another noted meanwhile', async () => {
  const named = (sequence: number, minor: number) =>
    publish(substrate, messaging, sequence, { pipelines: [pipeline(1)] }, false, { number: 1, minor });
  const [first, second, third] = [await named(1, 0), await named(2, 1), await named(3, 2)];
  const [slow, other] = processes;
  if (!slow || !other) throw new Error('there are two');
  expect(await other.adopt(TEAM, first)).toEqual({ kind: 'ack' });
  const { team } = slow.schedules;
  let isFirst = true;
  slow.schedules.team = async (name) => {
    const row = await team(name);
    if (isFirst) {
      isFirst = false;
      expect(await other.adopt(TEAM, third)).toEqual({ kind: 'ack' });
    }
    return row;
  };
  expect(await slow.adopt(TEAM, second)).toEqual({ kind: 'ack' });
  expect((await team(TEAM))?.sequence).toBe(3);
});

function read(reader: ReturnType<typeof createManifestReader>, team: string, pipelines: PipelineConfig[]) {
  const reading = reader.read(team, utf8(renderManifest({ pipelines, variables: [] })));
  for (;;) {
    const { done, value } = reading.next();
    if (!done) continue;
    if (value.kind === 'unusable') throw new Error(value.reason);
    return value;
  }
}

test('[SC1.9] only what is new is read, and what is remembered is bounded over all teams', () => {
  const reader = createManifestReader(4);
  const three = [pipeline(1), pipeline(2), pipeline(3)];
  const first = read(reader, 'a', three);
  expect([first.same().size, first.fresh.length]).toEqual([0, 3]);
  reader.remember('a', 1, first);
  const second = read(reader, 'a', [pipeline(1), pipeline(2, { enabled: false }), pipeline(3)]);
  expect([second.same().size, second.fresh.map(({ pipeline }) => pipeline.id)]).toEqual([2, ['p2']]);
  expect(second.since).toEqual({ sequence: 1, others: [keyOf(2)] });
  reader.remember('a', 2, second);
  const third = read(reader, 'a', [pipeline(1), pipeline(3)]);
  expect([third.same().size, third.fresh.length, third.since]).toEqual([
    2,
    0,
    { sequence: 2, others: [keyOf(2)] },
  ]);
  reader.remember('b', 1, read(reader, 'b', three));
  expect(read(reader, 'a', three).same().size).toBe(0);
  expect(read(reader, 'b', three).same().size).toBe(3);
});
