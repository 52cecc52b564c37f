import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { silentLogger } from '@hakiri/service/logger';
import { openDatabase } from '@hakiri/substrate/libsql/database';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { DEFAULT_CONFIG } from './config.ts';
import { EMPTY_LOG, planLog } from './log-plan.ts';
import { asked as askedRows, bodies } from './schema.ts';
import { commit, createRunStore, lifeOf, type NewRun } from './store.ts';
import { createAskedStore } from './store-asked.ts';
import { createLogStore } from './store-logs.ts';
import { createScheduleStore } from './store-schedules.ts';
import { createSweeper } from './sweep.ts';

const DAY = 24 * 3_600_000;

test('[SC6.6] what is older than the retention is forgotten, what runs or is named stays', async () => {
  const directory = await makeTempDirectory();
  const database = await openDatabase(
    `file:${join(directory.path, 'x.db')}`,
    join(import.meta.dir, 'migrations'),
  );
  const clock = createSimulatedClock();
  const store = createRunStore(database);
  const schedules = createScheduleStore(database);
  const logs = createLogStore(database);
  const sweeper = createSweeper({ ...DEFAULT_CONFIG, store, schedules, logs, clock, logger: silentLogger });
  const run = (id: string): NewRun => ({
    ...{
      id,
      team: 't',
      key: id,
      pipeline: id,
      revision: 1,
      body: `body-${id}`,
      variables: 'v',
      slot: 'pool:default',
    },
    ...{ cause: 'schedule', chain: 0, dueAtMs: clock.now(), traceparent: '' },
  });
  async function end(id: string): Promise<void> {
    const row = await store.find(id);
    if (row === undefined) throw new Error(id);
    const life = { ...lifeOf(row), state: 'succeeded', finishedAtMs: clock.now(), error: null } as const;
    await store.write((orm) => commit(orm, store.change(row, life, clock.now())));
  }
  const asked = createAskedStore(database);
  const question = (key: string) => ({ team: 't', author: 'ann', idempotencyKey: key, what: 'run.start' });
  const tick = { dueAtMs: clock.now(), decision: 'fired', reason: '', count: 1, starts: true } as const;
  await database.orm
    .insert(bodies)
    .values(['body-old', 'body-active', 'v'].map((digest) => ({ digest, body: '{}' })));
  await store.write((orm) =>
    commit(orm, [
      store.insert(run('old')),
      store.insert(run('active')),
      ...['old', 'active'].map((id) => asked.insert(question(id), id)),
      store.insertStep({ run: 'old', index: 0, name: 'x', fence: 1, finishedAtMs: 0, result: '1' }),
      store.sawNode('t', { node: 'n1', pools: [], labels: [] }, clock.now()),
      schedules.decide({ team: 't', key: 'old', pipeline: 'old' }, tick, '', 'old', clock.now()),
    ]),
  );
  await end('old');
  const line = { atMs: 0, level: 'info', step: null, text: 'x' } as const;
  const said = planLog({ ...EMPTY_LOG, fence: 0 }, { fence: 0, sequence: 0, lines: Array(3_000).fill(line) });
  for (const id of ['old', 'active']) await store.write((orm) => commit(orm, logs.append(id, said)));
  await clock.advance(29 * DAY);
  await store.write((orm) => commit(orm, [store.insert(run('new'))]));
  await end('new');
  sweeper.start();
  await clock.advance(2 * DAY);
  expect((await store.list('t', {}, 10)).map(({ id }) => id)).toEqual(['new', 'active']);
  expect(await store.steps('old')).toEqual([]);
  expect([await logs.page('old', 0, 1), await logs.head('old')]).toEqual([[], undefined]);
  expect(await logs.page('active', 0, 5_000)).toHaveLength(3_000);
  expect(await asked.find(question('active'))).toMatchObject({ run: { id: 'active' } });
  expect((await database.orm.select().from(askedRows)).map(({ run }) => run)).toEqual(['active']);
  expect(await schedules.ledger('t', {}, 10)).toEqual([]);
  expect(await store.nodes('t', '', 10)).toEqual([]);
  expect((await database.orm.select().from(bodies)).map(({ digest }) => digest).sort()).toEqual([
    'body-active',
    'v',
  ]);
  await sweeper.stop();
  await database.close();
  await directory.remove();
});
