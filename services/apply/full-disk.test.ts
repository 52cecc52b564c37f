// A disk without room, as apply's database meets it: the limit is SQLite's own.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { apply, type Bed, openBed, type Running } from './bed.test.ts';
import { pipeline } from './bed-peer.test.ts';

const MIGRATIONS = join(import.meta.dir, 'migrations');
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
