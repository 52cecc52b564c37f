// The owner code: who started auth on its data is an owner of it, whatever others made of them meanwhile.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { AuditPage, MemberList, type Session } from '@hakiri/contracts/auth';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { codeElsewhere, decoded, OWNER_CODE, type Stand, sessionOf, startStand } from './testing/stand.ts';

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

test('[AU5.1] the owner code signs in the first owner, once in the life of the process, and again after a restart', async () => {
  const owner = await stand.owner();
  expect(owner).toMatchObject({ user: 'owner', team: 'default', role: 'owner' });
  const again = await stand.call('POST', '/redeem', { body: { code: OWNER_CODE } });
  expect(again).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  await stand.stop();
  stand = await startStand(directory.path);
  expect(await stand.owner()).toMatchObject({ user: 'owner', role: 'owner' });
  const { body } = await stand.call('GET', '/members', { token: owner.accessToken });
  expect(body).toMatchObject({ members: [{ user: 'owner' }] });
});

test('[AU5.1] of ten who redeem the owner code at once, one gets in', async () => {
  const attempts = Array.from({ length: 10 }, () =>
    stand.call('POST', '/redeem', { body: { code: OWNER_CODE } }),
  );
  const statuses = (await Promise.all(attempts)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
});

test('[AU5.5] the owner code makes an owner of whoever was demoted, and says so', async () => {
  const owner = await stand.owner();
  const alice = await stand.join(owner, 'Alice', 'owner');
  const body = { role: 'viewer' };
  await stand.call('PATCH', '/members/owner', { token: alice.accessToken, body });
  const lower = sessionOf(
    await stand.call('POST', '/refresh', { body: { refreshToken: owner.refreshToken } }),
  );
  expect(lower.role).toBe('viewer');
  await stand.stop();
  stand = await startStand(directory.path);
  const restored = await stand.owner();
  expect(restored).toMatchObject({ user: 'owner', name: 'Owner', team: 'default', role: 'owner' });
  expect(await rolesOf(restored)).toEqual({ owner: 'owner', [alice.user]: 'owner' });
  await until(async () => (await codeElsewhere(stand, lower.accessToken, 'team.read')) === 'token_expired');
  expect((await auditOf(restored)).slice(-2)).toMatchObject([
    {
      action: 'member.update',
      target: 'owner',
      detail: { by: 'owner code', before: { role: 'viewer' }, after: { role: 'owner' } },
    },
    { action: 'session.begin', detail: { by: 'owner code', role: 'owner' } },
  ]);
});

test('[AU5.5] the owner code brings an owner back who was removed, and says so', async () => {
  const owner = await stand.owner();
  const alice = await stand.join(owner, 'Alice', 'owner');
  await stand.call('DELETE', '/members/owner', { token: alice.accessToken });
  await stand.stop();
  stand = await startStand(directory.path);
  const restored = await stand.owner();
  expect(await rolesOf(restored)).toEqual({ owner: 'owner', [alice.user]: 'owner' });
  const audited = await auditOf(restored);
  expect(
    audited.filter(({ action, target }) => action === 'member.join' && target === 'owner'),
  ).toMatchObject([
    { detail: { by: 'owner code', role: 'owner' } },
    { detail: { by: 'owner code', role: 'owner' } },
  ]);
});

async function rolesOf({ accessToken: token }: Session): Promise<Record<string, string>> {
  const { members } = decoded(MemberList, await stand.call('GET', '/members', { token }));
  return Object.fromEntries(members.map(({ user, role }) => [user, role]));
}

async function auditOf({ accessToken: token }: Session) {
  return decoded(AuditPage, await stand.call('GET', '/audit', { token })).entries;
}
