// Sessions, programs' tokens and signing keys over real HTTP, and what a guard elsewhere makes of them.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { attenuate } from '@hakiri/authz/token';
import { IssuedToken, Link } from '@hakiri/contracts/auth';
import { GetRevocations, GetStanding } from '@hakiri/contracts/subjects';
import { createDeps } from '@hakiri/service/deps';
import { silentLogger } from '@hakiri/service/logger';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { accessTokens, links, refreshTokens, revocations, sessions } from './schema.ts';
import { createAuth } from './service.ts';
import { codeElsewhere, decoded, keysOf, type Stand, sessionOf, startStand } from './testing/stand.ts';

const MINUTE_MS = 60_000;
/** AU3.1, on a machine that does not stall: what only a later timer would bring never comes. */
const REVOKED_WITHIN_MS = 2_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let directory: TempDirectory;
let stand: Stand;

beforeEach(async () => {
  directory = await makeTempDirectory();
  stand = await startStand(directory.path);
  stand.withoutTimersFrom(REVOKED_WITHIN_MS);
});

afterEach(async () => {
  await stand.stop();
  await directory.remove();
});

const refresh = (refreshToken: string) => stand.call('POST', '/refresh', { body: { refreshToken } });

test('[AU2.8] access lives 15 minutes, a session 30 days from its last renewal', async () => {
  const owner = await stand.owner();
  stand.shift(14 * MINUTE_MS);
  expect(await codeElsewhere(stand, owner.accessToken)).toBe('allowed');
  stand.shift(MINUTE_MS);
  expect(await codeElsewhere(stand, owner.accessToken)).toBe('token_expired');
  const answer = await stand.call('GET', '/me', { token: owner.accessToken });
  expect(answer).toMatchObject({ status: 401, body: { code: 'token_expired' } });
  stand.shift(29 * DAY_MS);
  const second = sessionOf(await refresh(owner.refreshToken));
  expect(await codeElsewhere(stand, second.accessToken)).toBe('allowed');
  stand.shift(29 * DAY_MS);
  const third = sessionOf(await refresh(second.refreshToken));
  stand.shift(30 * DAY_MS);
  expect(await refresh(third.refreshToken)).toMatchObject({ status: 401, body: { code: 'token_expired' } });
});

test('[AU2.8] a refresh token used twice ends the session for thief and owner alike', async () => {
  const owner = await stand.owner();
  const next = sessionOf(await refresh(owner.refreshToken));
  stand.shift(MINUTE_MS + 1);
  expect(await refresh(owner.refreshToken)).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
  await until(async () => (await codeElsewhere(stand, next.accessToken)) === 'token_revoked');
  expect((await refresh(next.refreshToken)).status).toBe(401);
});

test('[AU2.16] a renewal whose answer was lost is repeated, also at once, and the session goes on', async () => {
  const owner = await stand.owner();
  const answers = (await Promise.all([refresh(owner.refreshToken), refresh(owner.refreshToken)])).map(
    sessionOf,
  );
  stand.shift(30_000);
  answers.push(sessionOf(await refresh(owner.refreshToken)));
  const successors = new Set(answers.map(({ refreshToken }) => refreshToken));
  expect(successors.size).toBe(1);
  for (const { accessToken } of answers) expect(await codeElsewhere(stand, accessToken)).toBe('allowed');
  const [successor = ''] = successors;
  const next = sessionOf(await refresh(successor));
  expect(next.refreshToken).not.toBe(successor);
  // Once it was used, whoever comes with the one before has it from somewhere else: the whole family ends.
  expect(await refresh(owner.refreshToken)).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
  expect((await refresh(next.refreshToken)).status).toBe(401);
  await until(async () => (await codeElsewhere(stand, next.accessToken)) === 'token_revoked');
});

test('[AU2.16] another client that comes with the token of just now ends the session', async () => {
  const owner = await stand.owner();
  const next = sessionOf(await refresh(owner.refreshToken));
  const body = { refreshToken: owner.refreshToken };
  const thief = await stand.call('POST', '/refresh', { body, headers: { 'user-agent': 'somebody else' } });
  expect(thief).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
  expect((await refresh(next.refreshToken)).status).toBe(401);
});

test('[AU3.1] signing out ends the session everywhere within 2 s', async () => {
  const owner = await stand.owner();
  expect((await stand.call('POST', '/logout', { token: owner.accessToken })).status).toBe(204);
  await until(async () => (await codeElsewhere(stand, owner.accessToken)) === 'token_revoked');
  expect((await refresh(owner.refreshToken)).status).toBe(401);
});

test('[AU2.13] past the bound of sessions the oldest of the member ends', async () => {
  await stand.stop();
  stand = await startStand(directory.path, { sessionsPerMemberLimit: 3 });
  const sessions = [await stand.owner()];
  for (let extra = 0; extra < 3; extra++) {
    const token = sessions.at(-1)?.accessToken ?? '';
    const link = await stand.call('POST', '/links', { token, body: { kind: 'self' } });
    const { code } = decoded(Link, link);
    sessions.push(sessionOf(await stand.call('POST', '/redeem', { body: { code } })));
  }
  expect((await refresh(sessions[0]?.refreshToken ?? '')).status).toBe(401);
  expect((await refresh(sessions[1]?.refreshToken ?? '')).status).toBe(200);
});

test('[AU2.15] a token for a node does a node’s work and nothing else; revoked, it is refused within 2 s', async () => {
  const { accessToken: token } = await stand.owner();
  const body = { name: 'node 1', role: 'node', ttlDays: 366 };
  const node = decoded(IssuedToken, await stand.call('POST', '/tokens', { token, body }));
  expect(await codeElsewhere(stand, node.token, 'runs.work')).toBe('allowed');
  expect(await codeElsewhere(stand, node.token)).toBe('denied');
  const me = await stand.call('GET', '/me', { token: node.token });
  expect(me.body).toMatchObject({ name: 'node 1', role: 'node', actions: ['manifest.read', 'runs.work'] });
  const list = await stand.call('GET', '/tokens', { token });
  expect(list.body).toEqual({ tokens: [node.info] });
  expect(JSON.stringify(list.body)).not.toContain(node.token);
  const revoke = () => stand.call('DELETE', `/tokens/${node.info.id}`, { token });
  expect((await revoke()).status).toBe(204);
  expect((await revoke()).status).toBe(204);
  await until(async () => (await codeElsewhere(stand, node.token, 'runs.work')) === 'token_revoked');
  expect((await stand.call('DELETE', '/tokens/unknown', { token })).status).toBe(404);
});

test('[AU2.13] a team has a bounded number of tokens', async () => {
  await stand.stop();
  stand = await startStand(directory.path, { tokensLimit: 2 });
  const { accessToken: token } = await stand.owner();
  const body = { name: 'ci', role: 'viewer', ttlDays: 1 };
  const statuses: number[] = [];
  for (let index = 0; index < 3; index++) {
    statuses.push((await stand.call('POST', '/tokens', { token, body })).status);
  }
  expect(statuses).toEqual([200, 200, 409]);
});

test('[AU2.4] who am I, asked with a narrowed token, says how narrow it is', async () => {
  const owner = await stand.owner();
  const keys = keysOf(await stand.call('GET', '/keys'));
  const narrowed = attenuate(owner.accessToken, keys, { actions: ['doc.read', 'runs.read'] });
  const me = await stand.call('GET', '/me', { token: narrowed });
  expect(me.body).toMatchObject({ user: 'owner', role: 'owner', actions: ['doc.read', 'runs.read'] });
});

test('[AU2.4] who am I, asked with a token for some pipelines, names them and what it may do on them', async () => {
  const owner = await stand.owner();
  const keys = keysOf(await stand.call('GET', '/keys'));
  const me = async (restrictions: Parameters<typeof attenuate>[2], from = owner.accessToken) => {
    const token = attenuate(from, keys, restrictions);
    return { token, body: (await stand.call('GET', '/me', { token })).body };
  };
  const whole = await me({ pipelines: ['a', 'b'] });
  expect(whole.body).toMatchObject({
    pipelines: ['a', 'b'],
    actions: ['doc.read', 'manifest.apply', 'runs.read', 'runs.control'],
  });
  const narrower = await me({ pipelines: ['b'], actions: ['doc.read', 'team.manage'] }, whole.token);
  expect(narrower.body).toMatchObject({ pipelines: ['b'], actions: ['doc.read'] });
  expect((await me({ pipelines: ['c'] }, narrower.token)).body).toMatchObject({ pipelines: [], actions: [] });
});

test('[AU2.11] keys rotate without an outage: old tokens go on, new ones are accepted at once', async () => {
  const owner = await stand.owner();
  const rotated = keysOf(await stand.call('POST', '/keys/rotate', { token: owner.accessToken }));
  expect(rotated.keys.map((key) => key.id)).toEqual([1, 2]);
  const next = sessionOf(await refresh(owner.refreshToken));
  for (const token of [owner.accessToken, next.accessToken]) {
    expect(await codeElsewhere(stand, token)).toBe('allowed');
    expect((await stand.call('GET', '/me', { token })).status).toBe(200);
  }
  stand.shift(368 * DAY_MS);
  expect(keysOf(await stand.call('GET', '/keys')).keys.map((key) => key.id)).toEqual([2]);
});

test('[AU2.11] keys, sessions and revocations survive a restart', async () => {
  const owner = await stand.owner();
  const before = await stand.call('GET', '/keys');
  const lost = sessionOf(await refresh(owner.refreshToken));
  await stand.call('POST', '/logout', { token: lost.accessToken });
  await stand.stop();
  stand = await startStand(directory.path);
  expect(await stand.call('GET', '/keys')).toEqual(before);
  expect(await codeElsewhere(stand, lost.accessToken)).toBe('token_revoked');
});

test('[AU3.2] all revocations are handed out, however many messages it takes', async () => {
  const rows = Array.from({ length: 4_500 }, (_, index) => ({
    id: `revoked-${index}`,
    team: 'default',
    untilMs: Date.now() + DAY_MS,
  }));
  await stand.database.write(async (orm) => {
    for (let start = 0; start < rows.length; start += 500) {
      await orm.insert(revocations).values(rows.slice(start, start + 500));
    }
  });
  const seen = new Set<string>();
  let after = 0;
  for (;;) {
    const cause = { actor: { kind: 'service', id: 'test' } } as const;
    const page = await stand.messaging.request(GetRevocations, { team: 'default' }, cause, { after }, 5_000);
    for (const { id } of page.revocations) seen.add(id);
    if (page.next === undefined) break;
    after = page.next;
  }
  expect(seen.size).toBe(4_500);
});

test('[AU3.4] what an auth that died had committed but not announced, the next one announces when it starts', async () => {
  const owner = await stand.owner();
  const who = await stand.elsewhere.identify(
    new Request('http://x/', { headers: { authorization: `Bearer ${owner.accessToken}` } }),
  );
  const row = { id: who.revocationIds[0] ?? '', team: 'default', untilMs: who.expiresAtMs };
  await stand.database.write((orm) => orm.insert(revocations).values(row));
  expect(await codeElsewhere(stand, owner.accessToken)).toBe('allowed');
  const next = await createAuth(createDeps(stand.substrate, 'auth', silentLogger));
  await next.start();
  await until(async () => (await codeElsewhere(stand, owner.accessToken)) === 'token_revoked');
  await next.stop();
});

test('[AU3.5] what has expired goes with the next change, not only with a new token', async () => {
  const owner = await stand.owner();
  const bob = await stand.join(owner, 'Bob', 'editor');
  const invite = { kind: 'invite', name: 'Eve', role: 'viewer' };
  await stand.call('POST', '/links', { token: owner.accessToken, body: invite });
  await stand.call('DELETE', `/members/${bob.user}`, { token: owner.accessToken });
  const rows = async () => {
    const { orm } = stand.database;
    const tables = [revocations, accessTokens, refreshTokens, sessions, links] as const;
    return Promise.all(tables.map((table) => orm.$count(table)));
  };
  expect(await rows()).toEqual([1, 1, 1, 1, 1]);
  stand.shift(29 * DAY_MS);
  const renewed = sessionOf(
    await stand.call('POST', '/refresh', { body: { refreshToken: owner.refreshToken } }),
  );
  expect(await rows()).toEqual([0, 1, 2, 1, 0]);
  stand.shift(2 * DAY_MS);
  await stand.call('POST', '/refresh', { body: { refreshToken: renewed.refreshToken } });
  expect(await rows()).toEqual([0, 1, 2, 1, 0]);
});

test('[AU3.6] the services are told what somebody may do today: a member, a program, and nobody any more', async () => {
  const owner = await stand.owner();
  const standing = async (user: string, team = 'default') => {
    const cause = { actor: { kind: 'service', id: 'test' } } as const;
    const { role, person } = await stand.messaging.request(GetStanding, { team }, cause, { user }, 5_000);
    people.push(person);
    return role;
  };
  const people: (string | undefined)[] = [];
  const { user } = await stand.elsewhere.identify(
    new Request('http://x/', { headers: { authorization: `Bearer ${owner.accessToken}` } }),
  );
  const made = async (ttlDays: number) => {
    const body = { name: 'ci', role: 'applier', ttlDays };
    const answer = await stand.call('POST', '/tokens', { token: owner.accessToken, body });
    const { id } = decoded(IssuedToken, answer).info;
    return id;
  };
  const [revoked, expiring] = [await made(30), await made(1)];
  expect(await standing(user)).toBe('owner');
  expect(await standing(user, 'other')).toBeNull();
  expect([await standing(`token-${revoked}`), await standing(`token-${expiring}`)]).toEqual([
    'applier',
    'applier',
  ]);
  // A program is its maker's.
  expect(people).toEqual([user, 'owner', user, user]);
  expect([await standing(revoked), await standing('nobody')]).toEqual([null, null]);
  await stand.call('DELETE', `/tokens/${revoked}`, { token: owner.accessToken });
  expect(await standing(`token-${revoked}`)).toBeNull();
  expect(people.at(-1)).toBe(user);
  stand.shift(DAY_MS);
  expect(await standing(`token-${expiring}`)).toBeNull();
});
