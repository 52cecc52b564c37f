// Which approvals go on record, and which of them count, as long as the request waits.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { until } from '@hakiri/testing/until';
import { ADMINS, openPolicyBed, type PolicyBed, PROTECTED } from '../testing/bed-policy.ts';

const TWO = { ...PROTECTED, protected: [{ group: 'odd', approvals: 2, by: ADMINS }] };

let on: PolicyBed;
beforeEach(async () => {
  on = await openPolicyBed();
});
afterEach(() => on.bed.close());

async function waiting(body: Parameters<PolicyBed['send']>[0] = {}): Promise<{ id: string; digest: string }> {
  on.edit();
  const sent = await on.send(body);
  expect(sent).toMatchObject({ status: 202, body: { state: 'awaiting_approval' } });
  return { id: sent.body.id, digest: sent.body.approval?.digest ?? '' };
}
const approve = (id: string, token: string, digest: string) =>
  on.call('POST', token, `requests/${id}/approve`, { digest });

test('[AP12.8] an approval of what never was is refused, and leaves nothing behind', async () => {
  await on.save(PROTECTED);
  const { id } = await waiting();
  for (const digit of ['0', '1', '2'])
    expect(await approve(id, on.bob, `sha256:${digit.repeat(64)}`)).toMatchObject({
      status: 409,
      body: { code: 'approval_outdated' },
    });
  const view = await on.read(`requests/${id}`);
  expect(view).toMatchObject({ state: 'awaiting_approval', approval: { approvals: [] } });
  expect(on.audited('manifest.approve')).toEqual([]);
});

test('[AP12.8] one of what it would change by now counts at once, though nobody looked at it between; while sync is away nothing is put on record', async () => {
  await on.save(PROTECTED);
  const { id, digest } = await waiting({ latest: true });
  on.edit({ enabled: false });
  const { proposal } = await on.read(`requests/${id}`);
  expect(proposal.digest).not.toBe(digest);
  on.bed.peer.setAway(true);
  expect(await approve(id, on.bob, proposal.digest)).toMatchObject({
    status: 503,
    body: { code: 'unavailable' },
  });
  on.bed.peer.setAway(false);
  expect(await approve(id, on.bob, proposal.digest)).toMatchObject({
    status: 200,
    body: { state: 'published', approval: { approvals: [{ user: 'bob', isVoid: false, counts: true }] } },
  });
});

test('[AP12.19] an approval is shown as one that does not count as soon as its giver lost the role, and counts, and publishes, when they have it again', async () => {
  await on.save(TWO);
  const { id, digest } = await waiting();
  await approve(id, on.bob, digest);
  const shown = async () => {
    const { approval } = await on.read(`requests/${id}`);
    return [approval.needs[0].given, ...approval.approvals.map(({ counts }: { counts: boolean }) => counts)];
  };
  expect(await shown()).toEqual([1, true]);
  on.bed.changeRole('bob', 'editor');
  await until(async () => (await shown())[0] === 0);
  expect(await shown()).toEqual([0, false]);
  // It is not enough, and it is not void: what it is of did not change.
  expect(await approve(id, on.owner, digest)).toMatchObject({
    body: {
      state: 'awaiting_approval',
      approval: { needs: [{ given: 1 }], approvals: [{ isVoid: false }, {}] },
    },
  });
  on.bed.changeRole('bob', 'admin');
  await until(async () => (await on.read(`requests/${id}`)).state === 'published');
  expect((await on.read(`requests/${id}`)).approvedBy.sort()).toEqual(['bob', 'olga']);
});
