// A disk without room, as apply's database meets it: the limit is SQLite's own, or a trigger's that takes no end of a request.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { systemClock } from '@hakiri/substrate/clock';
import { until } from '@hakiri/testing/until';
import { sql } from 'drizzle-orm';
import { apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

const MIGRATIONS = join(import.meta.dir, '../migrations');
const REQUESTS = 100;
let bed: Bed;
let running: Running;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
});
afterEach(() => bed.close());

test('[SY2.16] an Apply that the database has no room for is refused with storage_full', async () => {
  const { orm } = await bed.substrate.database('apply', MIGRATIONS);
  // Not below what there is: from here on it does not grow.
  await orm.run(sql`PRAGMA max_page_count = 1`);
  const version = bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
  const applier = bed.token('applier');
  let code: string | undefined;
  for (let request = 0; request < REQUESTS && code !== 'storage_full'; request++)
    ({ code } = (
      await apply(running.url, applier, {
        scope: { kind: 'all' },
        version,
        message: 'm'.repeat(400),
      })
    ).body);
  expect(code).toBe('storage_full');
});

test('[AP4.12] a refusal that the database does not take is tried again later, and the loop runs on', async () => {
  await running.stop();
  let prepared = 0;
  let turns = 0;
  let isSpinning = false;
  running = await bed.start({
    config: { giveUpAfterMs: 0 },
    step: (name) => {
      if (name === 'prepared') prepared += 1;
    },
    clock: {
      ...systemClock,
      // Each turn of the consumer asks for the time. One that never pauses would let no timer run, and so none of this test.
      now: () => {
        turns += 1;
        isSpinning ||= turns > 20_000;
        if (isSpinning) throw new Error('the consumer takes no pause');
        return systemClock.now();
      },
    },
  });
  const { orm } = await bed.substrate.database('apply', MIGRATIONS);
  await orm.run(sql`create trigger full before update on requests begin select raise(abort, 'full'); end`);
  const version = bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
  const applier = bed.token('applier');
  const asked = { scope: { kind: 'all' }, version } as const;
  const { body } = await apply(running.url, applier, asked, { prefer: 'respond-async' });
  await until(() => prepared >= 5 || isSpinning);
  expect(isSpinning).toBe(false);
  await orm.run(sql`drop trigger full`);
  const state = async () =>
    (await get(running.url, applier, `requests/${body.id}`).then((answer) => answer.json())).state;
  // Refused, when a commit had failed just before; else live.
  await until(async () => ['published', 'refused'].includes(await state()));
});
