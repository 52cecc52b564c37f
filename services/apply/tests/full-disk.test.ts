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
/** A file with one pipeline that an Apply takes. */
const whole = (number: number): string => JSON.stringify({ pipelines: [pipeline(number)] });
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

test('[AP13.31] a document whose log has no room: whatever would write it is refused with storage_full, the rest goes on', async () => {
  const token = bed.token('applier');
  bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
  const live = { scope: { kind: 'all' }, version: bed.peer.version() } as const;
  expect((await apply(running.url, token, live)).body.state).toBe('published');
  const version = bed.peer.edit({ pipelines: [pipeline(1, { name: 'drafted' })], variables: [] });
  bed.peer.setFull(true);
  const send = async (method: string, path: string, body: unknown, type = 'application/json') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(`${running.url}/v1/manifest/${path}`, { method, headers, body: text });
    return { status: answer.status, ...(await answer.json()) };
  };
  const file = JSON.stringify({ pipelines: [{ id: 'new' }] });
  const merge = { folder: 'git', files: [{ name: 'a.json', text: file }] };
  const refused = {
    import: await send('POST', 'import', file),
    merge: await send('POST', 'merge', { ...merge, files: [{ name: 'a.json', text: whole(7) }] }),
    patch: await send('PATCH', 'pipelines/p-1', { name: 'x' }, 'application/merge-patch+json'),
    discard: await send('POST', 'discard', { pipelines: [{ pipeline: 'p-1' }] }),
    revert: await send('POST', 'revert', { to: 'v1' }),
  };
  for (const [way, answer] of Object.entries(refused))
    expect({ way, ...answer }).toMatchObject({ way, status: 507, code: 'storage_full' });
  expect(refused.revert.detail).toContain('Nothing was reverted');
  expect(bed.peer.version()).toBe(version);
  const recorded = () => bed.announced.audited.filter(({ detail }) => detail?.code === 'storage_full');
  await until(() => recorded().length === 4);
  expect(recorded().every(({ outcome }) => outcome === 'refused')).toBe(true);
  expect((await send('POST', 'revert', { to: 'v1', dryRun: true })).status).toBe(200);
  expect((await send('POST', 'import?dryRun=true', file)).status).toBe(200);
  expect((await apply(running.url, token, { ...live, version })).body.state).toBe('published');
  bed.peer.setFull(false);
  expect((await send('POST', 'import', file)).status).toBe(200);
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
