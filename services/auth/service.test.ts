// Auth over real HTTP on the embedded substrate: members, links and teams, and what a change of role takes away.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { attenuate } from '@hakiri/authz/token';
import { IssuedToken, Link, LinkList } from '@hakiri/contracts/auth';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { links, refreshTokens } from './schema.ts';
import {
  codeElsewhere,
  decoded,
  keysOf,
  OWNER_CODE,
  type Stand,
  sessionOf,
  startStand,
} from './testing/stand.ts';

const DAY_MS = 24 * 60 * 60_000;

let directory: TempDirectory;
let stand: Stand;

beforeEach(async () => {
  directory = await makeTempDirectory();
  stand = await startStand(directory.path);
});

afterEach(async () => {
  await stand.stop();
  await directory.remove();
});

test('[AU1.4] an invitation works once, also when ten redeem it at once, and not after its time', async () => {
  const owner = await stand.owner();
  const body = { kind: 'invite', name: 'Bob', role: 'editor' };
  const invite = async () =>
    decoded(Link, await stand.call('POST', '/links', { token: owner.accessToken, body })).code;
  const [code, late] = [await invite(), await invite()];
  const redeem = (given: string) => stand.call('POST', '/redeem', { body: { code: given } });
  const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(code)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(9);
  stand.shift(8 * DAY_MS);
  expect(await redeem(late)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
});

test('[AU1.4] a link for oneself signs the same member in again', async () => {
  const owner = await stand.owner();
  const bob = await stand.join(owner, 'Bob', 'viewer');
  const body = { kind: 'self' };
  const { code } = decoded(Link, await stand.call('POST', '/links', { token: bob.accessToken, body }));
  const second = sessionOf(await stand.call('POST', '/redeem', { body: { code } }));
  expect(second).toMatchObject({ user: bob.user, name: 'Bob', role: 'viewer' });
});

test('[AU5.2] neither codes nor refresh tokens can be read from the database', async () => {
  const owner = await stand.owner();
  const body = { kind: 'self' };
  const { code } = decoded(Link, await stand.call('POST', '/links', { token: owner.accessToken, body }));
  const rows = [
    ...(await stand.database.orm.select().from(links)),
    ...(await stand.database.orm.select().from(refreshTokens)),
  ];
  const text = JSON.stringify(rows);
  expect(rows).toHaveLength(2);
  for (const secret of [code, owner.refreshToken, OWNER_CODE]) expect(text).not.toContain(secret);
});

test('[AU1.2] over HTTP: the last owner cannot go, and goes when there is another', async () => {
  const owner = await stand.owner();
  const { accessToken: token } = owner;
  for (const [method, body] of [['DELETE'], ['PATCH', { role: 'admin' }]] as const) {
    const answer = await stand.call(method, '/members/owner', { token, ...(body ? { body } : {}) });
    expect(answer).toMatchObject({ status: 409, body: { code: 'last_owner' } });
  }
  const alice = await stand.join(owner, 'Alice', 'owner');
  expect((await stand.call('DELETE', '/members/owner', { token })).status).toBe(204);
  const { body } = await stand.call('GET', '/members', { token: alice.accessToken });
  expect(body).toMatchObject({ members: [{ user: alice.user, role: 'owner' }] });
});

test('[AU1.2] of two owners who remove each other at once, one stays', async () => {
  const owner = await stand.owner();
  const alice = await stand.join(owner, 'Alice', 'owner');
  await Promise.all([
    stand.call('DELETE', `/members/${alice.user}`, { token: owner.accessToken }),
    stand.call('DELETE', '/members/owner', { token: alice.accessToken }),
  ]);
  const answers = await Promise.all(
    [owner, alice].map(({ accessToken }) => stand.call('GET', '/members', { token: accessToken })),
  );
  const left = answers.filter(({ status }) => status === 200);
  expect(left).toHaveLength(1);
  expect(left[0]?.body).toMatchObject({ members: [{ role: 'owner' }] });
});

test('[AU1.3] over HTTP: an admin neither touches nor makes owners; a viewer manages nobody', async () => {
  const owner = await stand.owner();
  const admin = await stand.join(owner, 'Ann', 'admin');
  const viewer = await stand.join(admin, 'Vic', 'viewer');
  const attempts = [
    [admin, 'DELETE', '/members/owner', undefined],
    [admin, 'PATCH', `/members/${admin.user}`, { role: 'owner' }],
    [admin, 'POST', '/links', { kind: 'invite', name: 'Eve', role: 'owner' }],
    [admin, 'POST', '/tokens', { name: 'ci', role: 'owner', ttlDays: 1 }],
    [admin, 'POST', '/teams', { team: 'mine' }],
    [viewer, 'PATCH', `/members/${viewer.user}`, { role: 'editor' }],
    [viewer, 'POST', '/links', { kind: 'invite', name: 'Eve', role: 'viewer' }],
    [viewer, 'GET', '/tokens', undefined],
    [viewer, 'GET', '/audit', undefined],
  ] as const;
  for (const [who, method, path, body] of attempts) {
    const answer = await stand.call(method, path, { token: who.accessToken, ...(body ? { body } : {}) });
    expect(answer).toMatchObject({ status: 403, body: { code: 'denied' } });
  }
});

test('[AU1.5] a changed role takes the access tokens that speak of the old one, within 2 s, and the session goes on', async () => {
  const owner = await stand.owner();
  const bob = await stand.join(owner, 'Bob', 'editor');
  let told = 0;
  stand.elsewhere.onChange(() => told++);
  expect(await codeElsewhere(stand, bob.accessToken, 'team.read')).toBe('allowed');
  const body = { role: 'viewer' };
  const changed = await stand.call('PATCH', `/members/${bob.user}`, { token: owner.accessToken, body });
  expect(changed).toMatchObject({ status: 200, body: { user: bob.user, role: 'viewer' } });
  // As after its time: whoever holds it renews it, and goes on in the new role.
  await until(async () => (await codeElsewhere(stand, bob.accessToken, 'team.read')) === 'token_expired', {
    timeoutMs: 2_000,
  });
  expect(told).toBeGreaterThan(0);
  const next = sessionOf(await stand.call('POST', '/refresh', { body: { refreshToken: bob.refreshToken } }));
  expect(next.role).toBe('viewer');
  expect(await codeElsewhere(stand, next.accessToken, 'team.read')).toBe('allowed');
});

test('[AU1.5] who is removed loses everything: access, session, links, and the tokens made for programs', async () => {
  const owner = await stand.owner();
  const ann = await stand.join(owner, 'Ann', 'admin');
  const token = ann.accessToken;
  const invite = { kind: 'invite', name: 'Eve', role: 'admin' };
  const { code } = decoded(Link, await stand.call('POST', '/links', { token, body: invite }));
  const body = { name: 'ci', role: 'editor', ttlDays: 30 };
  const program = decoded(IssuedToken, await stand.call('POST', '/tokens', { token, body }));
  expect(await codeElsewhere(stand, program.token, 'team.read')).toBe('allowed');
  const removal = await stand.call('DELETE', `/members/${ann.user}`, { token: owner.accessToken });
  expect(removal.status).toBe(204);
  for (const lost of [token, program.token]) {
    await until(async () => (await codeElsewhere(stand, lost, 'team.read')) === 'token_revoked', {
      timeoutMs: 2_000,
    });
  }
  const refreshed = await stand.call('POST', '/refresh', { body: { refreshToken: ann.refreshToken } });
  expect(refreshed.status).toBe(401);
  expect((await stand.call('POST', '/redeem', { body: { code } })).status).toBe(401);
});

test('[AU1.5] a token for a program goes when its maker could not make it any more, and stays when they could', async () => {
  const owner = await stand.owner();
  const ann = await stand.join(owner, 'Ann', 'owner');
  const make = async (role: string) => {
    const body = { name: role, role, ttlDays: 30 };
    return decoded(IssuedToken, await stand.call('POST', '/tokens', { token: ann.accessToken, body }));
  };
  const [above, below] = [await make('owner'), await make('viewer')];
  const body = { role: 'admin' };
  await stand.call('PATCH', `/members/${ann.user}`, { token: owner.accessToken, body });
  await until(async () => (await codeElsewhere(stand, above.token, 'team.read')) === 'token_revoked');
  expect(await codeElsewhere(stand, below.token, 'team.read')).toBe('allowed');
});

test('[AU1.6] teams know nothing of each other', async () => {
  const owner = await stand.owner();
  const bob = await stand.join(owner, 'Bob', 'editor');
  const body = { team: 'second' };
  const answer = await stand.call('POST', '/teams', { token: owner.accessToken, body });
  const second = sessionOf(answer);
  expect(second).toMatchObject({ team: 'second', user: 'owner', role: 'owner' });
  const { accessToken: token } = second;
  expect(await stand.call('POST', '/teams', { token: owner.accessToken, body })).toMatchObject({
    status: 409,
  });
  expect((await stand.call('GET', '/members', { token })).body).toMatchObject({
    members: [{ user: 'owner', role: 'owner' }],
  });
  const remove = await stand.call('DELETE', `/members/${bob.user}`, { token });
  expect(remove).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect((await stand.call('GET', '/audit', { token })).body).toMatchObject({
    entries: [
      { sequence: 1, action: 'team.create' },
      { sequence: 2, action: 'member.remove' },
    ],
  });
  expect(await stand.call('POST', '/keys/rotate', { token })).toMatchObject({ status: 403 });
});

test('[AU2.9] a narrowed token, or one of a program, hands out no access', async () => {
  const owner = await stand.owner();
  const keys = keysOf(await stand.call('GET', '/keys'));
  const narrowed = attenuate(owner.accessToken, keys, {
    expiresAtMs: Date.parse(owner.accessExpiresAt) - 1_000,
  });
  const body = { name: 'ci', role: 'owner', ttlDays: 1 };
  const program = decoded(
    IssuedToken,
    await stand.call('POST', '/tokens', { token: owner.accessToken, body }),
  );
  for (const token of [narrowed, program.token]) {
    const requests = [
      ['/tokens', { name: 'more', role: 'viewer', ttlDays: 366 }],
      ['/links', { kind: 'invite', name: 'Eve', role: 'viewer' }],
      ['/links', { kind: 'self' }],
      ['/teams', { team: 'mine' }],
      ['/logout', undefined],
    ] as const;
    for (const [path, wanted] of requests) {
      const answer = await stand.call('POST', path, { token, ...(wanted ? { body: wanted } : {}) });
      expect(answer).toMatchObject({ status: 403, body: { code: 'denied' } });
    }
  }
  expect((await stand.call('GET', '/me', { token: owner.accessToken })).status).toBe(200);
});

test('[AU1.8] an invitation without a name asks whoever redeems it, and still works then', async () => {
  const owner = await stand.owner();
  const body = { kind: 'invite', role: 'viewer' };
  const { code } = decoded(Link, await stand.call('POST', '/links', { token: owner.accessToken, body }));
  const redeem = (name?: string) =>
    stand.call('POST', '/redeem', { body: { code, ...(name === undefined ? {} : { name }) } });
  for (const name of [undefined, '   '])
    expect(await redeem(name)).toMatchObject({ status: 422, body: { code: 'name_required' } });
  expect(sessionOf(await redeem(' Dora '))).toMatchObject({ name: 'Dora', role: 'viewer' });
  expect((await redeem('Dora')).status).toBe(401);
});

test('[AU1.9] invitations that wait are listed without their codes, and are taken back', async () => {
  const owner = await stand.owner();
  const admin = await stand.join(owner, 'Adam', 'admin');
  const viewer = await stand.join(owner, 'Vera', 'viewer');
  const invite = async (role: string, name?: string) => {
    const body = { kind: 'invite', role, ...(name === undefined ? {} : { name }) };
    return decoded(Link, await stand.call('POST', '/links', { token: owner.accessToken, body })).code;
  };
  const [code] = [await invite('editor', 'Eve'), await invite('owner')];
  await stand.call('POST', '/links', { token: owner.accessToken, body: { kind: 'self' } });
  const listed = async () =>
    decoded(LinkList, await stand.call('GET', '/links', { token: admin.accessToken })).links;
  const found = await listed();
  expect(found.map(({ name, role }) => ({ name, role }))).toEqual([
    { name: 'Eve', role: 'editor' },
    { name: undefined, role: 'owner' },
  ]);
  expect(JSON.stringify(found)).not.toContain(code);
  expect((await stand.call('POST', '/redeem', { body: { code: found[0]?.id } })).status).toBe(401);
  expect((await stand.call('GET', '/links', { token: viewer.accessToken })).status).toBe(403);
  const revoke = (token: string, id = '') => stand.call('DELETE', `/links/${id}`, { token });
  expect((await revoke(viewer.accessToken, found[0]?.id)).status).toBe(403);
  expect(await revoke(admin.accessToken, found[1]?.id)).toMatchObject({ status: 403 });
  expect((await revoke(admin.accessToken, found[0]?.id)).status).toBe(204);
  expect((await revoke(admin.accessToken, found[0]?.id)).status).toBe(404);
  expect((await stand.call('POST', '/redeem', { body: { code } })).status).toBe(401);
  expect((await listed()).map(({ role }) => role)).toEqual(['owner']);
});

test('[AU1.10] a change that names the role or the name it saw is refused when that is another by now', async () => {
  const owner = await stand.owner();
  const bob = await stand.join(owner, 'Bob', 'editor');
  const token = owner.accessToken;
  const change = (body: unknown) => stand.call('PATCH', `/members/${bob.user}`, { token, body });
  expect(await change({ role: 'applier', was: 'editor' })).toMatchObject({ body: { role: 'applier' } });
  const late = { status: 412, body: { code: 'precondition_failed' } };
  expect(await change({ role: 'viewer', was: 'editor' })).toMatchObject(late);
  expect(await change({ name: 'Robert', wasName: 'Bob' })).toMatchObject({ body: { name: 'Robert' } });
  expect(await change({ name: 'Bobby', wasName: 'Bob' })).toMatchObject(late);
  expect(await change({ name: 'Bobby', wasName: 'Robert', was: 'editor' })).toMatchObject(late);
  expect(await change({ name: 'Robert', was: 'applier' })).toMatchObject({ body: { name: 'Robert' } });
  expect(await stand.call('DELETE', `/members/${bob.user}?was=editor`, { token })).toMatchObject(late);
  expect((await stand.call('DELETE', `/members/${bob.user}?was=applier`, { token })).status).toBe(204);
});
