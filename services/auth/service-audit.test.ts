// The audit log end to end: what auth does, what others report, what is refused, and that a change from outside shows.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { AuditCheck, AuditPage, type Session } from '@hakiri/contracts/auth';
import { AuditRecorded } from '@hakiri/contracts/subjects';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { and, eq } from 'drizzle-orm';
import { checkChain, EMPTY_CHAIN } from './audit-chain.ts';
import { audit } from './schema.ts';
import { decoded, type Stand, startStand } from './testing/stand.ts';

let directory: TempDirectory;
let stand: Stand;
let owner: Session;
let token: string;

beforeEach(async () => {
  directory = await makeTempDirectory();
  stand = await startStand(directory.path);
  owner = await stand.owner();
  token = owner.accessToken;
});

afterEach(async () => {
  await stand.stop();
  await directory.remove();
});

async function entries(query = '') {
  return decoded(AuditPage, await stand.call('GET', `/audit${query}`, { token }));
}

async function check() {
  return decoded(AuditCheck, await stand.call('GET', '/audit/verify', { token }));
}

test('[AU4.1] what auth does is recorded with actor, before and after, and so is what it refuses', async () => {
  const session = {
    accessToken: token,
    user: 'owner',
    name: 'Owner',
    team: 'default',
    role: 'owner',
  } as const;
  const bob = await stand.join({ ...session, accessExpiresAt: '', refreshToken: '' }, 'Bob', 'editor');
  await stand.call('PATCH', `/members/${bob.user}`, { token, body: { role: 'viewer' } });
  await stand.call('DELETE', '/members/owner', { token });
  const { entries: found } = await entries();
  expect(found.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'member.join done',
    'session.begin done',
    'link.create done',
    'member.join done',
    'session.begin done',
    'member.update done',
    'member.remove refused',
  ]);
  expect(found[3]).toMatchObject({ actor: { kind: 'user', id: bob.user }, detail: { invitedBy: 'owner' } });
  expect(found[5]).toMatchObject({
    actor: { kind: 'user', id: 'owner' },
    target: bob.user,
    detail: { before: { role: 'editor' }, after: { role: 'viewer' } },
  });
  expect(found[6]).toMatchObject({ detail: { code: 'last_owner' } });
  const text = JSON.stringify(found);
  for (const secret of [bob.accessToken, bob.refreshToken, token]) expect(text).not.toContain(secret);
});

test('[AU4.1] a refusal by role, in whatever service, is recorded too', async () => {
  const viewer = await stand.join(owner, 'Vera', 'viewer');
  const request = new Request('http://x/', { headers: { authorization: `Bearer ${viewer.accessToken}` } });
  await stand.elsewhere.require(request, { action: 'doc.write' }).catch(() => undefined);
  await stand.call('GET', '/tokens', { token: viewer.accessToken });
  await until(async () => {
    const { entries: found } = await entries();
    const refusals = found.filter(({ outcome, actor }) => outcome === 'refused' && actor.id === viewer.user);
    return new Set(refusals.map(({ service, action }) => `${service} ${action}`)).size === 2;
  });
  expect((await check()).intact).toBe(true);
});

test('[AU4.2] what others report is written once each, in order, with their actor', async () => {
  const data = { action: 'manifest.apply', outcome: 'done', target: 'v1', detail: { b: 2, a: 1 } } as const;
  const cause = { actor: { kind: 'user', id: 'alice' } } as const;
  const report = { ...data, service: 'apply' };
  for (let index = 0; index < 50; index++) {
    await stand.messaging.enqueue(AuditRecorded, { team: 'default' }, cause, {
      ...report,
      target: `v${index}`,
    });
  }
  const reported = async () => (await entries()).entries.filter(({ service }) => service === 'apply');
  await until(async () => (await reported()).length === 50);
  expect(new Set((await reported()).map(({ target }) => target)).size).toBe(50);
  expect((await reported())[0]).toMatchObject({ ...data, actor: cause.actor, target: 'v0' });
  expect(await check()).toMatchObject({ intact: true, entries: 52 });
});

test('[AU4.2] a message that is delivered again after a restart writes no second entry', async () => {
  const cause = { actor: { kind: 'node', id: 'n1' }, id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' } as const;
  const data = {
    action: 'run.finish',
    outcome: 'done',
    target: 'r1',
    detail: {},
    service: 'scheduler',
  } as const;
  const report = () => stand.messaging.enqueue(AuditRecorded, { team: 'default' }, cause, data);
  await report();
  await until(async () => (await entries()).entries.length === 3);
  // Past the bus's own memory of message ids.
  stand.shift(11 * 60_000);
  await report();
  await report();
  const marker = { ...data, target: 'last' };
  await stand.messaging.enqueue(AuditRecorded, { team: 'default' }, { actor: cause.actor }, marker);
  await until(async () => (await entries()).entries.some(({ target }) => target === 'last'));
  expect((await entries()).entries.filter(({ target }) => target === 'r1')).toHaveLength(1);
});

test('[AU4.3] pages cover the log without gap or repeat, and the export verifies by itself', async () => {
  for (let index = 0; index < 9; index++) {
    await stand.call('PATCH', '/members/owner', { token, body: { name: `Owner ${index}` } });
  }
  let head = EMPTY_CHAIN;
  let after = 0;
  for (;;) {
    const page = await entries(`?after=${after}&limit=4`);
    const checked = checkChain(head, 'default', page.entries);
    expect(checked.kind).toBe('intact');
    head = checked.head;
    if (page.next === undefined) break;
    after = page.next;
  }
  expect(await check()).toEqual({ intact: true, entries: 11, head: head.hash });
});

test('[AU4.5] the newest entries are the last of the log, also when it has fewer than asked for', async () => {
  for (let index = 0; index < 3; index++) {
    await stand.call('PATCH', '/members/owner', { token, body: { name: `Owner ${index}` } });
  }
  const all = await entries();
  expect(await entries('?newest=true&limit=2')).toEqual({ entries: all.entries.slice(-2) });
  expect(await entries('?newest=true&limit=5')).toEqual({ entries: all.entries });
});

test('[AU4.3] a row changed or deleted in the database breaks the chain, and verify says where', async () => {
  for (let index = 0; index < 5; index++) {
    await stand.call('PATCH', '/members/owner', { token, body: { name: `Owner ${index}` } });
  }
  const row = (sequence: number) => and(eq(audit.team, 'default'), eq(audit.sequence, sequence));
  const { orm } = stand.database;
  await orm.update(audit).set({ actorId: 'mallory' }).where(row(3));
  expect(await check()).toMatchObject({ intact: false, entries: 2, brokenAt: 3 });
  await orm.update(audit).set({ actorId: 'owner' }).where(row(3));
  expect(await check()).toMatchObject({ intact: true, entries: 7 });
  await orm.delete(audit).where(row(4));
  expect(await check()).toMatchObject({ intact: false, entries: 3, brokenAt: 4 });
});
