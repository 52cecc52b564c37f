// Applies at a set time and in windows, with a clock that the test puts forward.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { ApplyBody } from '@hakiri/contracts/apply';
import { type ApplyPolicy, NO_POLICY } from '@hakiri/contracts/policy';
import { createShiftingClock, type ShiftingClock } from '@hakiri/testing/shifting-clock';
import { until } from '@hakiri/testing/until';
import { apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

const ALL = { kind: 'all' } as const;
const START = Date.parse('2026-03-28T12:00:00Z');
const HOUR = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();

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
const view = async (id: string) => (await get(running.url, alice, `requests/${id}`)).json();
const post = async (token: string, path: string, body: unknown, method = 'POST') => {
  const response = await fetch(`${running.url}/v1/manifest/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
};
const save = (policy: ApplyPolicy, version = 0) => post(bob, 'policy', { version, policy }, 'PUT');
const scheduled = async (body: Partial<ApplyBody>, dueAt: string): Promise<string> => {
  const sent = await send(body);
  expect(sent).toMatchObject({ status: 202, body: { state: 'scheduled', dueAt } });
  return sent.body.id;
};
const ended = (id: string) =>
  until(async () => {
    const now = await view(id);
    return ['published', 'refused'].includes(now.state) && now;
  });

test('[AP12.10] goes live within a second of its time, and not before', async () => {
  edit();
  clock.stop();
  const id = await scheduled({ at: iso(START + HOUR), message: 'later' }, iso(START + HOUR));
  expect(await view(id)).toMatchObject({
    state: 'scheduled',
    at: iso(START + HOUR),
    proposal: { diff: { to: 'v1' } },
  });
  clock.shiftTo(START + HOUR - 1);
  expect(await view(id)).toMatchObject({ state: 'scheduled' });
  clock.shiftTo(START + HOUR + 999);
  const { revision } = await ended(id);
  const lateMs = Date.parse(revision.publishedAt) - (START + HOUR);
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(lateMs).toBeLessThan(1_000);
});

test('[AP12.11] a time on the clock of a zone, in the hour that it skips', async () => {
  edit();
  await scheduled({ at: '2026-03-29T02:30:00', timezone: 'Europe/Berlin' }, '2026-03-29T01:00:00.000Z');
  expect(await send({ at: '2026-03-29T02:30:00', timezone: 'Mars/Base' })).toMatchObject({ status: 400 });
});

test('[AP12.10] survives a restart; found late, it goes within 15 minutes and is refused after that', async () => {
  edit();
  const soon = await scheduled({ at: iso(START + HOUR) }, iso(START + HOUR));
  const first = await scheduled({ at: iso(START + HOUR / 2) }, iso(START + HOUR / 2));
  await running.stop();
  clock.shiftTo(START + HOUR + 14 * 60_000);
  await bed.reboot();
  running = await bed.start({ clock });
  expect(await ended(soon)).toMatchObject({ state: 'published', revision: { number: 1 } });
  expect(await ended(first)).toMatchObject({ state: 'refused', problem: { code: 'apply_missed' } });
});

test('[AP12.10] of two processes one fires, once, also when the one that took it in is gone', async () => {
  edit();
  const other = await bed.start({ clock });
  const ids = [await scheduled({ at: iso(START + HOUR) }, iso(START + HOUR))];
  for (let n = 2; n <= 5; n++)
    ids.push(await scheduled({ at: iso(START + n * HOUR) }, iso(START + n * HOUR)));
  clock.shiftTo(START + HOUR);
  expect(await ended(ids[0] ?? '')).toMatchObject({ revision: { number: 1 } });
  await running.stop();
  running = other;
  for (let n = 2; n <= 5; n++) {
    clock.shiftTo(START + n * HOUR);
    expect(await ended(ids[n - 1] ?? '')).toMatchObject({ state: 'published', unchanged: true });
  }
  expect((await bed.index())?.revisions).toHaveLength(1);
  await until(() => bed.announced.audited.filter(({ action }) => action === 'manifest.apply').length === 5);
});

test('[AP12.15] what changed meanwhile is refused, or taken as it is where the author said `latest`', async () => {
  edit();
  const named = await scheduled({ at: iso(START + HOUR) }, iso(START + HOUR));
  const latest = await scheduled({ at: iso(START + HOUR), latest: true }, iso(START + HOUR));
  const version = edit({ enabled: false });
  clock.shiftTo(START + HOUR);
  expect(await ended(named)).toMatchObject({ state: 'refused', problem: { code: 'document_moved' } });
  expect(await ended(latest)).toMatchObject({ state: 'published', revision: { number: 1, version } });
  expect(await (await get(running.url, alice, 'latest')).text()).toContain('enabled = false');
});

test('[AP12.10, AP12.15] of a protected group it is approved before, and again when it changed', async () => {
  await save({
    ...NO_POLICY,
    protected: [{ group: 'odd', approvals: 1, by: { roles: ['admin'], users: [] } }],
  });
  edit();
  const sent = await send({ at: iso(START + HOUR), latest: true });
  expect(sent.body).toMatchObject({ state: 'awaiting_approval' });
  const { id } = sent.body;
  const approve = async () =>
    post(bob, `requests/${id}/approve`, { digest: (await view(id)).proposal.digest });
  expect(await approve()).toMatchObject({ body: { state: 'scheduled', dueAt: iso(START + HOUR) } });
  edit({ enabled: false });
  clock.shiftTo(START + HOUR);
  await until(async () => (await view(id)).state === 'awaiting_approval');
  expect(await view(id)).toMatchObject({ approval: { approvals: [{ user: 'bob', isVoid: true }] } });
  expect(await approve()).toMatchObject({ body: { state: 'published' } });
});

test('[AP12.9] what nobody approves in time is refused', async () => {
  await save({
    ...NO_POLICY,
    approvalHours: 2,
    protected: [{ group: '', approvals: 1, by: { roles: ['admin'], users: [] } }],
  });
  edit();
  const { body } = await send({});
  expect(Date.parse(body.approval?.expiresAt ?? '')).toBeLessThan(START + 2 * HOUR + 60_000);
  clock.shiftTo(START + 2 * HOUR - 10_000);
  expect(await view(body.id)).toMatchObject({ state: 'awaiting_approval' });
  clock.shiftTo(START + 2 * HOUR + 60_000);
  expect(await ended(body.id)).toMatchObject({ state: 'refused', problem: { code: 'approval_expired' } });
});

test('[AP12.6] `window: next` goes at once when nothing is in the way, else when it opens; the policy is asked again then', async () => {
  edit();
  expect(await send({ window: 'next' })).toMatchObject({ status: 200, body: { revision: { number: 1 } } });
  const open = { kind: 'recurring' as const, cron: '0 22 * * *', timezone: 'Europe/Berlin', minutes: 60 };
  await save({ ...NO_POLICY, windows: { open: [open] } });
  edit({ enabled: false });
  expect(await send({})).toMatchObject({ status: 409, body: { code: 'frozen' } });
  const id = await scheduled({ window: 'next' }, '2026-03-28T21:00:00.000Z');
  const freeze = { kind: 'between' as const, from: '2026-03-28T00:00:00Z', until: '2026-03-29T00:00:00Z' };
  await save({ ...NO_POLICY, windows: { open: [open] }, freezes: [{ name: 'exam', when: freeze }] }, 1);
  clock.shiftTo(Date.parse('2026-03-28T21:00:00Z'));
  // The next day's 22:00 is an hour earlier, as the clock went forward.
  await until(async () => (await view(id)).dueAt === '2026-03-29T20:00:00.000Z');
  clock.shiftTo(Date.parse('2026-03-29T20:00:00Z'));
  expect(await ended(id)).toMatchObject({ state: 'published', revision: { number: 2 } });
});

test('[AP12.9] is listed while it waits, and cancelled it never comes', async () => {
  edit();
  const id = await scheduled({ at: iso(START + HOUR) }, iso(START + HOUR));
  expect(await (await get(running.url, bob, 'requests')).json()).toMatchObject({
    requests: [{ id, state: 'scheduled', dueAt: iso(START + HOUR) }],
  });
  expect(await post(alice, `requests/${id}/cancel`, {})).toMatchObject({ body: { state: 'refused' } });
  clock.shiftTo(START + 2 * HOUR);
  expect(await send({})).toMatchObject({ body: { revision: { number: 1 } } });
  expect(await view(id)).toMatchObject({ problem: { code: 'apply_cancelled' } });
});

test('[AP12.12] a team may have so many waiting requests and no more', async () => {
  await running.stop();
  running = await bed.start({ clock, config: { waitingRequestsLimit: 2 } });
  edit();
  for (let n = 1; n <= 2; n++) await scheduled({ at: iso(START + n * HOUR) }, iso(START + n * HOUR));
  expect(await send({ at: iso(START + HOUR) })).toMatchObject({
    status: 429,
    body: { code: 'rate_limited' },
  });
});

test('[AP12.17] who may not apply any more has nothing going live later', async () => {
  edit();
  const id = await scheduled({ at: iso(START + HOUR) }, iso(START + HOUR));
  bed.changeRole('alice', 'applier');
  bed.changeRole('alice', 'viewer');
  expect(await ended(id)).toMatchObject({
    state: 'refused',
    problem: { code: 'author_denied', status: 403 },
  });
});

for (const role of [null, 'editor', 'node'] as const)
  test(`[AP12.18] whose right ended unheard (${role}) is asked for at the time, and nothing goes live`, async () => {
    edit();
    const id = await scheduled({ at: iso(START + HOUR) }, iso(START + HOUR));
    bed.setStanding('alice', role);
    clock.shiftTo(START + HOUR);
    const refused = await ended(id);
    expect(refused).toMatchObject({ state: 'refused', problem: { code: 'author_denied', status: 403 } });
    expect(refused.problem.detail).toContain('alice');
    expect(await bed.index()).toBeUndefined();
    await until(() =>
      bed.announced.audited.some(
        ({ action, outcome, detail }) =>
          action === 'manifest.apply' && outcome === 'refused' && detail.code === 'author_denied',
      ),
    );
  });

test('[AP12.18] approved, too: what somebody asked for who has gone does not go live', async () => {
  await save({
    ...NO_POLICY,
    protected: [{ group: 'odd', approvals: 1, by: { roles: ['admin'], users: [] } }],
  });
  edit();
  const { id } = (await send({})).body;
  bed.setStanding('alice', null);
  const { digest } = (await view(id)).proposal;
  const approved = await post(bob, `requests/${id}/approve`, { digest });
  expect(approved.body).toMatchObject({ state: 'refused', problem: { code: 'author_denied' } });
  expect(await bed.index()).toBeUndefined();
});

test('[AP12.19] whoever agreed and has gone when it goes live does not count: it asks again', async () => {
  await save({
    ...NO_POLICY,
    protected: [{ group: 'odd', approvals: 1, by: { roles: ['admin'], users: [] } }],
  });
  edit();
  const { id } = (await send({ at: iso(START + HOUR) })).body;
  const { digest } = (await view(id)).proposal;
  expect(await post(bob, `requests/${id}/approve`, { digest })).toMatchObject({
    body: { state: 'scheduled' },
  });
  bed.setStanding('bob', null);
  clock.shiftTo(START + HOUR);
  await until(async () => (await view(id)).state === 'awaiting_approval');
  expect(await view(id)).toMatchObject({ approval: { needs: [{ given: 0 }] } });
  expect(await bed.index()).toBeUndefined();
});

test('[AP12.18] a freeze is overridden by the role of the day', async () => {
  const freeze = { kind: 'between' as const, from: iso(START), until: iso(START + 9 * HOUR) };
  const override = { roles: ['applier' as const], users: [] };
  await save({ ...NO_POLICY, freezes: [{ name: 'exam', when: freeze, override }] });
  edit();
  const asked = { override: true, message: 'it burns' };
  const id = await scheduled({ at: iso(START + HOUR), ...asked }, iso(START + HOUR));
  bed.setStanding('alice', 'admin');
  clock.shiftTo(START + HOUR);
  expect(await ended(id)).toMatchObject({ state: 'refused', problem: { code: 'frozen' } });
});

test('[AP12.18] while auth is away at the time it waits, and goes when auth is back', async () => {
  edit();
  const id = await scheduled({ at: iso(START + HOUR) }, iso(START + HOUR));
  bed.setAuthAway(true);
  clock.shiftTo(START + HOUR);
  await until(async () => (await view(id)).state === 'pending');
  expect(await bed.index()).toBeUndefined();
  bed.setAuthAway(false);
  expect(await ended(id)).toMatchObject({ state: 'published' });
});

test('[AP12.18] the requests of a program whose token is revoked end at once, those of others stay', async () => {
  edit();
  const program = bed.token('applier', 'token-01HZ');
  const asked = { scope: ALL, version: bed.peer.version(), at: iso(START + HOUR) };
  const { id } = (await apply(running.url, program, asked)).body;
  const other = await scheduled({ at: iso(START + HOUR) }, iso(START + HOUR));
  bed.setStanding('token-01HZ', null);
  bed.revoke(['revoked-elsewhere']);
  expect(await ended(id)).toMatchObject({ state: 'refused', problem: { code: 'author_denied' } });
  expect(await view(other)).toMatchObject({ state: 'scheduled' });
});
