// What a revision costs does not depend on how many there were: no statement reads a whole table, which its plan says on any
// machine; times of a busy one said nothing.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { assert, present } from '@hakiri/base/assert';
import { utf8 } from '@hakiri/base/bytes';
import { isRecord } from '@hakiri/base/json';
import { problem } from '@hakiri/contracts/problem';
import { silentLogger } from '@hakiri/service/logger';
import { until } from '@hakiri/testing/until';
import { createColdMover } from '../publish/cold.ts';
import { requests, revisions } from '../store/schema.ts';
import { openStoreBed, revisionOf, type StoreBed, TEAM } from '../testing/bed-store.ts';

const MANY = 10_000;
const ROWS_AT_ONCE = 250;

let bed: StoreBed;
beforeEach(async () => {
  bed = await openStoreBed();
});
afterEach(() => bed.close());

/** Published long ago by requests that are kept: `count` of each. */
async function fill(count: number): Promise<void> {
  const { orm } = bed.database;
  for (let first = 1; first <= count; first += ROWS_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(ROWS_AT_ONCE, count - first + 1) }, (_, at) => first + at);
    await bed.database.write(async () => {
      await orm.insert(revisions).values(
        numbers.map((number) => ({
          ...{ team: TEAM, sequence: number, number, minor: 0, state: 'published' as const },
          ...{ request: `old-${number}`, digest: 'd', meta: revisionOf(number), eventId: `event-${number}` },
          cold: number <= count - 1_000,
        })),
      );
      await orm.insert(requests).values(
        numbers.map((number) => ({
          ...bed.asked(number),
          ...{ id: `old-${number}`, auditId: `audit-${number}`, idempotencyKey: `old-${number}` },
          ...{ createdAtMs: 0, state: 'published' as const, revision: number, finishedAtMs: bed.clock.now() },
        })),
      );
    });
  }
}

type Asked = Map<string, unknown[]>;

/** What the database is asked from now on, and how it would find that. */
function statementsOf({ database }: StoreBed) {
  const client: unknown = Reflect.get(database.orm, '$client');
  assert(isRecord(client), 'drizzle has a client');
  const { execute, batch } = client;
  assert(typeof execute === 'function' && typeof batch === 'function', 'a client executes');
  const asked: Asked = new Map();
  const note = (one: unknown): void => {
    if (isRecord(one) && typeof one.sql === 'string')
      asked.set(one.sql, Array.isArray(one.args) ? one.args : []);
  };
  Object.assign(client, {
    execute: (...args: unknown[]): unknown => {
      note(args[0]);
      return Reflect.apply(execute, client, args);
    },
    batch: (...args: unknown[]): unknown => {
      if (Array.isArray(args[0])) args[0].forEach(note);
      return Reflect.apply(batch, client, args);
    },
  });
  return {
    statements: (): Asked => new Map(asked),
    explain: async (text: string, args: unknown[]): Promise<string[]> => {
      const found: unknown = await Reflect.apply(execute, client, [
        { sql: `EXPLAIN QUERY PLAN ${text}`, args },
      ]);
      const rows = isRecord(found) && Array.isArray(found.rows) ? found.rows : [];
      return rows.map((row: unknown) => (isRecord(row) ? String(row.detail) : ''));
    },
  };
}

/** All that an Apply, its answer, its readers and what runs beside it ask of the rows. */
async function everything(number: number): Promise<void> {
  const { store, history } = bed;
  const row = await bed.accept(number);
  await store.accept(bed.asked(number));
  await store.request(TEAM, row.id);
  const { sequence } = await bed.publish(row);
  await store.isPublishing(TEAM, sequence);
  await store.finishRefused(await bed.accept(number + 1), problem('invalid_config', 'no'));
  const same = await bed.accept(number + 2);
  await store.finishUnchanged(same, present(await history.latest(TEAM), 'one was published'), []);
  const { idempotencyKey: _, ...asked } = bed.asked(number + 3);
  const key = { team: TEAM, author: asked.author, keyHash: String(number) };
  const [reverting] = (await store.acceptRevert(key, 'hash', utf8('{}'), [asked])) ?? [];
  await store.finishRefused(present(reverting, 'there is room'), problem('invalid_config', 'no'));
  await store.revertKept(key);
  await store.publishing();
  await store.announceOpen();
  await store.hotBodies(TEAM, { after: sequence - 1_001, upTo: sequence - 1_000 }, 1);
  await store.markCold(TEAM, sequence - 1_000);
  await store.keptRevisions(TEAM, sequence - 10, 10);
  await store.forget(0, 200);
  await store.oldestEndMs();
  await history.revision(TEAM, { number: sequence, minor: 0 });
  await history.at(TEAM, sequence);
  await history.body(TEAM, sequence);
  await store.bodyOf(TEAM, sequence);
  await history.before(TEAM, sequence, 50);
  await history.after(TEAM, sequence - 5, 50);
}

test('[AP10.1] every statement finds its rows by an index, and the one that groups reads only what has not moved', async () => {
  const { statements, explain } = statementsOf(bed);
  await everything(1);
  await bed.store.teamsWithOld(1_000);
  const plans = new Map<string, string[]>();
  for (const [sql, args] of statements()) plans.set(sql, await explain(sql, args));
  expect(plans.size).toBeGreaterThan(20);
  expect([...plans.values()].flat().filter((step) => step.startsWith('SEARCH ')).length).toBeGreaterThan(20);
  const scans = [...plans].flatMap(([sql, steps]) =>
    steps
      // By an index, or of rows that are partial to what is open, on its way, or not moved yet.
      .filter((step) => /SCAN (requests|reverts|revisions|bodies)|\(id>/.test(step))
      .filter(
        (step) => !/USING (COVERING )?INDEX (requests_open|revisions_publishing|revisions_hot)/.test(step),
      )
      .map((step) => `${step}: ${sql}`),
  );
  expect(scans).toEqual([]);
});

test('[AP10.2] a sweep over ten thousand revisions reads only the bodies that have not moved', async () => {
  await fill(MANY);
  expect(await bed.store.teamsWithOld(1_000)).toEqual([]);
  expect(await bed.store.teamsWithOld(999)).toEqual([{ team: TEAM, newest: MANY }]);
  const read: string[] = [];
  const blobs = {
    ...bed.blobs,
    get: async (key: string) => {
      read.push(key);
      return undefined;
    },
  };
  const { store, clock } = bed;
  const cold = createColdMover({
    ...{ store, blobs, clock, logger: silentLogger },
    hotRevisions: 999,
    step: () => {},
  });
  cold.start();
  await until(() => read.length > 1);
  await cold.stop();
  expect(read).toEqual([`teams/${TEAM}/manifest@v9001.toml`, `teams/${TEAM}/cold/manifest@v9001.toml`]);
});
