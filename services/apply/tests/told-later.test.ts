// What became of a request, for who did not hear it: told by its key, and kept listed when it was refused after a wait.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { ApplyBody } from '@hakiri/contracts/apply';
import { createShiftingClock, type ShiftingClock } from '@hakiri/testing/shifting-clock';
import { until } from '@hakiri/testing/until';
import { apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

const ALL = { kind: 'all' } as const;
const START = Date.parse('2026-03-28T12:00:00Z');
const HOUR = 3_600_000;

let bed: Bed;
let clock: ShiftingClock;
let running: Running;
let alice: string;
let bob: string;

beforeEach(async () => {
  bed = await openBed();
  clock = createShiftingClock(START);
  running = await bed.start({ clock });
  alice = bed.token('applier', 'alice');
  bob = bed.token('admin', 'bob');
});
afterEach(() => bed.close());

const edit = (changes: Parameters<typeof pipeline>[1] = {}) =>
  bed.peer.edit({ pipelines: [pipeline(1, changes), pipeline(2)], variables: [] });
const send = (body: Partial<ApplyBody>) =>
  apply(running.url, alice, { scope: ALL, version: bed.peer.version(), ...body });
const listed = async (token: string, query: string) =>
  (await (await get(running.url, token, `requests?${query}`)).json()).requests;

test('[AP4.17] what became of a request is told by its key to its author alone, and nothing is made by the question', async () => {
  edit();
  const key = { 'idempotency-key': 'lost-answer' };
  expect(await listed(alice, 'key=lost-answer')).toEqual([]);
  await apply(running.url, alice, { scope: ALL, version: bed.peer.version() }, key);
  expect(await listed(alice, 'key=lost-answer')).toMatchObject([
    { state: 'published', revision: { number: 1 } },
  ]);
  expect(await listed(bob, 'key=lost-answer')).toEqual([]);
  expect(await listed(alice, 'key=another')).toEqual([]);
  expect((await bed.index())?.revisions).toHaveLength(1);
});

test('[AP12.9] of those that were refused only what had waited is listed as such', async () => {
  edit();
  expect(await send({ scope: { kind: 'pipelines', pipelines: ['nothing'] } })).toMatchObject({ status: 422 });
  const { id } = (await send({ at: new Date(START + HOUR).toISOString() })).body;
  expect(await listed(bob, 'state=refused')).toEqual([]);
  edit({ enabled: false });
  clock.shiftTo(START + HOUR);
  await until(async () => (await listed(bob, 'state=refused')).length > 0);
  expect(await listed(bob, 'state=refused')).toMatchObject([{ id, problem: { code: 'document_moved' } }]);
});
