// A saved policy and what waits already, and tokens that end before their Apply, with a clock that the test puts forward.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { ApplyBody } from '@hakiri/contracts/apply';
import { type ApplyPolicy, NO_POLICY } from '@hakiri/contracts/policy';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import { createShiftingClock, type ShiftingClock } from '@hakiri/testing/shifting-clock';
import { until } from '@hakiri/testing/until';
import { DEFAULTS } from '../config.ts';
import { createStore } from '../store/store.ts';
import { apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

const START = Date.parse('2026-03-28T12:00:00Z');
const HOUR = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const frozenFor = (hours: number): ApplyPolicy => ({
  ...NO_POLICY,
  freezes: [
    {
      name: 'holidays',
      when: { kind: 'between', from: iso(START - HOUR), until: iso(START + hours * HOUR) },
    },
  ],
});
const PROTECTED: ApplyPolicy = {
  ...NO_POLICY,
  protected: [{ group: 'odd', approvals: 1, by: { roles: ['admin'], users: [] } }],
};

const PROTECTED_EVEN: ApplyPolicy = {
  ...NO_POLICY,
  protected: [{ group: 'even', approvals: 1, by: { roles: ['admin'], users: [] } }],
};

let bed: Bed;
let clock: ShiftingClock;
let running: Running;
let alice: string;
let bob: string;
let version: number;

beforeEach(async () => {
  bed = await openBed();
  clock = createShiftingClock(START);
  running = await bed.start({ clock });
  alice = bed.token('applier', 'alice');
  bob = bed.token('admin', 'bob');
  version = 0;
  edit();
});
afterEach(() => bed.close());

function edit(changes: Parameters<typeof pipeline>[1] = {}): void {
  bed.peer.edit({ pipelines: [pipeline(1, changes), pipeline(2)], variables: [] });
}
const send = (body: Partial<ApplyBody>, token = alice) =>
  apply(running.url, token, { scope: { kind: 'all' }, version: bed.peer.version(), ...body });
const waits = async (body: Partial<ApplyBody>, as: object, token = alice): Promise<string> => {
  const sent = await send(body, token);
  expect(sent).toMatchObject({ status: 202, body: as });
  return sent.body.id;
};
const view = async (id: string) => (await get(running.url, alice, `requests/${id}`)).json();
const comesTo = (id: string, state: string) =>
  until(async () => {
    const now = await view(id);
    return now.state === state && now;
  });
const save = async (policy: ApplyPolicy, url = running.url): Promise<void> => {
  const response = await fetch(`${url}/v1/manifest/policy`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${bob}`, 'content-type': 'application/json' },
    body: JSON.stringify({ version, policy }),
  });
  expect(response.status).toBe(200);
  version += 1;
};

test('[AP12.21] what waits for the end of a freeze goes when the freeze is lifted, and earlier when it is made shorter', async () => {
  await save(frozenFor(48));
  const id = await waits({ window: 'next' }, { state: 'scheduled', dueAt: iso(START + 48 * HOUR) });
  await save(frozenFor(2));
  await until(async () => (await view(id)).dueAt === iso(START + 2 * HOUR));
  expect(await bed.index()).toBeUndefined();
  await save(NO_POLICY);
  expect(await comesTo(id, 'published')).toMatchObject({ revision: { label: 'v1' } });
});

test('[AP12.21] what waits for approval goes when its group is protected no more, and needs fewer when fewer are wanted', async () => {
  await save({
    ...PROTECTED,
    protected: [{ group: 'odd', approvals: 2, by: { roles: ['admin'], users: [] } }],
  });
  const id = await waits({}, { state: 'awaiting_approval' });
  await save(PROTECTED);
  await until(async () => (await view(id)).approval.needs[0].approvals === 1);
  expect(await view(id)).toMatchObject({ state: 'awaiting_approval' });
  await save(NO_POLICY);
  expect(await comesTo(id, 'published')).toMatchObject({ revision: { label: 'v1' } });
});

test('[AP12.21] what is scheduled is asked for approval at once when its group is protected by now', async () => {
  const id = await waits({ at: iso(START + HOUR) }, { state: 'scheduled' });
  await save(PROTECTED);
  expect(await comesTo(id, 'awaiting_approval')).toMatchObject({ approval: { needs: [{ given: 0 }] } });
});

test('[AP12.21] a freeze over a set time, or while people are asked, refuses nothing before it would go', async () => {
  const at = await waits({ at: iso(START + HOUR) }, { state: 'scheduled' });
  await save(PROTECTED);
  await comesTo(at, 'awaiting_approval');
  const asked = await waits({}, { state: 'awaiting_approval' });
  await save({ ...frozenFor(2), protected: PROTECTED.protected });
  const record = () => bed.announced.audited.filter(({ action }) => action === 'manifest.approval').length;
  await until(() => record() >= 4);
  expect([(await view(at)).state, (await view(asked)).state]).toEqual([
    'awaiting_approval',
    'awaiting_approval',
  ]);
  await save(frozenFor(2));
  await comesTo(at, 'scheduled');
  expect(await comesTo(asked, 'scheduled')).toMatchObject({ dueAt: iso(START + 2 * HOUR) });
  clock.shiftTo(START + HOUR);
  expect(await comesTo(at, 'refused')).toMatchObject({ problem: { code: 'frozen' } });
  clock.shiftTo(START + 2 * HOUR);
  await comesTo(asked, 'published');
});

test('[AP12.21] a process that stopped after the policy was saved leaves nothing waiting: the next start looks', async () => {
  await save(frozenFor(48));
  const id = await waits({ window: 'next' }, { state: 'scheduled' });
  await running.stop();
  const database = await bed.substrate.database('apply', new URL('../migrations', import.meta.url).pathname);
  const messaging = createMessaging({ ...bed.substrate, logger: silentLogger });
  const store = createStore({ ...DEFAULTS, database, messaging, clock, random: bed.substrate.random });
  const cause = { actor: { kind: 'user' as const, id: 'bob' } };
  clock.shiftTo(START + 1_000);
  await store.savePolicy('default', 1, NO_POLICY, 'bob', cause);
  running = await bed.start({ clock });
  await comesTo(id, 'published');
});

test('[AP12.21] however many wait, others are let in between: they are looked at a few at a time', async () => {
  await save(frozenFor(48));
  const ids: string[] = [];
  // More than may be unfinished at once.
  for (let count = 0; count < DEFAULTS.openRequestsLimit + 8; count++)
    ids.push(await waits({ window: 'next', message: `${count}` }, { state: 'scheduled' }));
  await save(NO_POLICY);
  for (let count = 0; count < 10; count++) expect((await send({ message: 'between' })).status).toBe(200);
  for (const id of ids) await comesTo(id, 'published');
  expect((await bed.index())?.revisions).toHaveLength(1);
});

test('[AP12.21] what waits stays as it is while its draft is half-typed, and goes when its time has come', async () => {
  clock.stop();
  const id = await waits({ at: iso(START + 24 * HOUR), latest: true }, { state: 'scheduled' });
  edit({ schedule: { kind: 'cron', expr: 'not yet' } });
  // Another, that the same look comes to after this one.
  const after = await waits(
    { at: iso(START + 24 * HOUR), scope: { kind: 'pipelines', pipelines: ['p-2'] } },
    { state: 'scheduled' },
  );
  await save(PROTECTED_EVEN);
  await comesTo(after, 'awaiting_approval');
  expect(await view(id)).toMatchObject({ state: 'scheduled', dueAt: iso(START + 24 * HOUR) });
  await save(NO_POLICY);
  await comesTo(after, 'scheduled');
  edit();
  clock.shiftTo(START + 24 * HOUR);
  await comesTo(id, 'published');
});

test('[AP12.21] nor does it end while sync is away, however long: it waits as before, and is looked at when sync is back', async () => {
  const id = await waits({ at: iso(START + 24 * HOUR) }, { state: 'scheduled' });
  bed.peer.setAway(true);
  await save(PROTECTED);
  clock.shiftTo(START + DEFAULTS.giveUpAfterMs + HOUR);
  expect(await view(id)).toMatchObject({ state: 'scheduled' });
  bed.peer.setAway(false);
  await comesTo(id, 'awaiting_approval');
});

test('[AP12.21] a policy that is saved while others are looked at is looked at, too', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 3; count++)
    ids.push(await waits({ at: iso(START + HOUR), message: `${count}` }, { state: 'scheduled' }));
  await save(PROTECTED);
  await save(NO_POLICY);
  await save(PROTECTED);
  for (const id of ids) await comesTo(id, 'awaiting_approval');
});

test('[AP12.22] a token that is good until a time schedules nothing beyond it', async () => {
  const program = bed.token('applier', 'token-01HZ', 90 * 24 * HOUR);
  // Tokens are read on the machine's own clock.
  const untilMs = Math.ceil(Date.now() / 1000) * 1000 + HOUR;
  const short = bed.narrowTo(program, { expiresAtMs: untilMs });
  clock.shiftTo(Date.now());
  expect(await send({ at: iso(untilMs) }, short)).toMatchObject({ status: 403, body: { code: 'denied' } });
  const allowed = await waits({ at: iso(untilMs - 60_000) }, { state: 'scheduled' }, short);
  expect((await send({ at: iso(untilMs + HOUR) }, program)).status).toBe(202);
  clock.shiftTo(untilMs - 60_000);
  await comesTo(allowed, 'published');
});

test('[AP12.22] and what it asked for does not go after it, by a window or by an approval', async () => {
  const now = Date.now();
  clock.shiftTo(now);
  const untilMs = Math.ceil(now / 1000) * 1000 + HOUR;
  const short = bed.narrowTo(bed.token('applier', 'token-01HZ', 90 * 24 * HOUR), { expiresAtMs: untilMs });
  const frozenUntil = (ms: number): ApplyPolicy => {
    const when = { kind: 'between' as const, from: iso(now - HOUR), until: iso(ms) };
    return { ...NO_POLICY, freezes: [{ name: 'holidays', when }] };
  };
  await save(frozenUntil(now + 2 * HOUR));
  expect(await send({ window: 'next' }, short)).toMatchObject({ status: 403, body: { code: 'denied' } });
  await save(frozenUntil(now + HOUR / 2));
  const id = await waits({ window: 'next', message: 'in time' }, { state: 'scheduled' }, short);
  await save(frozenUntil(now + 2 * HOUR));
  await until(async () => (await view(id)).dueAt === iso(now + 2 * HOUR));
  const others = await waits({ window: 'next', message: 'mine' }, { state: 'scheduled' });
  clock.shiftTo(now + 2 * HOUR);
  expect(await comesTo(id, 'refused')).toMatchObject({ problem: { code: 'author_denied' } });
  await comesTo(others, 'published');
});
