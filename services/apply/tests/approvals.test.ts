// Approvals over real HTTP, on the embedded substrate.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { ApplyBody } from '@hakiri/contracts/apply';
import { NO_POLICY } from '@hakiri/contracts/policy';
import { until } from '@hakiri/testing/until';
import { pipeline } from '../testing/bed-peer.ts';
import { ADMINS, openPolicyBed, type PolicyBed, PROTECTED } from '../testing/bed-policy.ts';

let on: PolicyBed;
beforeEach(async () => {
  on = await openPolicyBed();
});
afterEach(() => on.bed.close());

const expectWaits = async (body: Partial<ApplyBody> = {}): Promise<{ id: string; digest: string }> => {
  const sent = await on.send(body);
  expect(sent).toMatchObject({ status: 202, body: { state: 'awaiting_approval' } });
  return { id: sent.body.id, digest: sent.body.approval?.digest ?? '' };
};

describe('a protected group', () => {
  test('[AP12.7] goes live when a second person agreed to exactly what they saw', async () => {
    await on.save(PROTECTED);
    on.edit();
    const { id, digest } = await expectWaits({ message: 'hourly' });
    expect((await on.read('requests')).requests).toMatchObject([
      {
        id,
        state: 'awaiting_approval',
        author: 'alice',
        message: 'hourly',
        approval: { needs: [{ group: 'odd', approvals: 1, given: 0 }] },
      },
    ]);
    const view = await on.read(`requests/${id}`, on.bob);
    expect(view).toMatchObject({ proposal: { digest, diff: { from: 'v0', to: 'v1' } } });
    expect(view.proposal.after).toContain('id = "p-1"');
    expect((await on.read(`requests/${id}`, on.bed.token('node'))).proposal).toBeUndefined();
    expect(
      await on.call('POST', on.bob, `requests/${id}/approve`, { digest, reason: 'looks right' }),
    ).toMatchObject({
      status: 200,
      body: {
        state: 'published',
        revision: { number: 1, author: 'alice', approvedBy: ['bob'] },
        approval: { approvals: [{ user: 'bob', reason: 'looks right', isVoid: false }] },
      },
    });
    expect(await on.read(`requests/${id}`)).toMatchObject({ state: 'published', approvedBy: ['bob'] });
    expect((await on.read('requests')).requests).toEqual([]);
    expect((await on.read('requests?state=all&limit=1')).requests).toMatchObject([{ id }]);
    expect((await on.read(`requests?state=all&before=${id}`)).requests).toEqual([]);
    await until(() => on.audited('manifest.apply').length === 1);
    expect(on.audited('manifest.apply')[0]?.detail).toMatchObject({ approvedBy: ['bob'] });
    expect(on.audited('manifest.approve')).toMatchObject([{ outcome: 'done', target: id }]);
    expect(await on.call('POST', on.bob, `requests/${id}/approve`, { digest })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  });

  test('[AP12.7] is never approved by its author, by a program, or by whom the policy does not name', async () => {
    await on.save(PROTECTED);
    on.edit();
    const { id, digest } = await expectWaits();
    const mine = await on.send({ message: 'mine' }, on.bob);
    const approve = (token: string, request = id) =>
      on.call('POST', token, `requests/${request}/approve`, { digest });
    expect(await approve(on.alice)).toMatchObject({ status: 403, body: { code: 'denied' } });
    expect(await approve(on.bob, mine.body.id)).toMatchObject({ status: 403 });
    expect(await approve(on.bed.token('admin', 'token-01HZ'))).toMatchObject({ status: 403 });
    expect(await approve(on.bed.token('applier', 'carol'))).toMatchObject({ status: 403 });
    expect(await approve(on.bed.token('editor', 'dan'))).toMatchObject({ status: 403 });
    expect(await approve(on.bed.narrow(on.bob, ['p-1']))).toMatchObject({ status: 403 });
    expect((await on.call('POST', on.bob, 'requests/none/approve', { digest })).status).toBe(404);
    await until(() => on.audited('manifest.approve').length >= 4);
    expect(new Set(on.audited('manifest.approve').map(({ outcome }) => outcome))).toEqual(
      new Set(['refused']),
    );
    expect(await on.bed.index()).toBeUndefined();
  });

  test('[AP12.7] what a program asked for is of the person who made its token: they do not approve it, another does', async () => {
    await on.save(PROTECTED);
    on.edit();
    const program = on.bed.token('admin', 'token-01HZ');
    const sent = await on.send({}, program);
    expect(sent.body.state).toBe('awaiting_approval');
    const { id, approval } = sent.body;
    const approve = (token: string) =>
      on.call('POST', token, `requests/${id}/approve`, { digest: approval?.digest });
    on.bed.setMaker('token-01HZ', 'bob');
    expect(await approve(on.bob)).toMatchObject({ status: 403, body: { code: 'denied' } });
    expect(await approve(on.bed.token('admin', 'token-02HZ'))).toMatchObject({ status: 403 });
    on.bed.setAuthAway(true);
    expect(await approve(on.owner)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    on.bed.setAuthAway(false);
    expect(await on.bed.index()).toBeUndefined();
    expect(await approve(on.owner)).toMatchObject({ body: { state: 'published' } });
  });

  test('[AP12.9] an approval of something else is told so, and does not keep the request any longer', async () => {
    await on.save(PROTECTED);
    on.edit();
    const { id } = await expectWaits();
    const expiry = async () => (await on.read(`requests/${id}`)).approval.expiresAt;
    const before = await expiry();
    for (let attempt = 0; attempt < 3; attempt++)
      expect(
        await on.call('POST', on.bob, `requests/${id}/approve`, { digest: `sha256:${'0'.repeat(64)}` }),
      ).toMatchObject({ status: 409, body: { code: 'approval_outdated' } });
    expect(await expiry()).toBe(before);
  });

  test('[AP12.7] a maker who approves counts for nobody, where two have to agree', async () => {
    await on.save({ ...PROTECTED, protected: [{ group: 'odd', approvals: 2, by: ADMINS }] });
    on.edit();
    const { id, approval } = (await on.send({}, on.bed.token('admin', 'token-01HZ'))).body;
    const approve = (token: string) =>
      on.call('POST', token, `requests/${id}/approve`, { digest: approval?.digest });
    on.bed.setMaker('token-01HZ', 'carol');
    expect(await approve(on.bob)).toMatchObject({ body: { approval: { needs: [{ given: 1 }] } } });
    // As when it is known only now whose the program is.
    on.bed.setMaker('token-01HZ', 'bob');
    expect(await approve(on.owner)).toMatchObject({
      body: { state: 'awaiting_approval', approval: { needs: [{ given: 1 }] } },
    });
    expect(await on.bed.index()).toBeUndefined();
  });

  for (const role of [null, 'editor', 'applier'] as const)
    test(`[AP12.19] an approval counts while whoever gave it may still give it (${role})`, async () => {
      await on.save({ ...PROTECTED, protected: [{ group: 'odd', approvals: 2, by: ADMINS }] });
      on.edit();
      const { id, digest } = await expectWaits();
      const approve = (token: string) => on.call('POST', token, `requests/${id}/approve`, { digest });
      const carol = on.bed.token('admin', 'carol');
      expect(await approve(on.bob)).toMatchObject({ body: { approval: { needs: [{ given: 1 }] } } });
      on.bed.setStanding('bob', role);
      expect(await approve(on.owner)).toMatchObject({
        body: { state: 'awaiting_approval', approval: { needs: [{ given: 1 }] } },
      });
      expect(await on.bed.index()).toBeUndefined();
      expect(await approve(carol)).toMatchObject({ body: { state: 'published' } });
      expect((await on.read(`requests/${id}`)).approvedBy.sort()).toEqual(['carol', 'olga']);
    });

  test('[AP12.7] needs as many different people as it says, also when they agree at once', async () => {
    await on.save({
      ...NO_POLICY,
      protected: [{ group: 'odd', approvals: 2, by: { roles: ['admin'], users: ['olga'] } }],
    });
    on.edit();
    const { id, digest } = await expectWaits();
    const approve = (token: string) => on.call('POST', token, `requests/${id}/approve`, { digest });
    expect(await approve(on.bob)).toMatchObject({
      body: { state: 'awaiting_approval', approval: { needs: [{ given: 1 }] } },
    });
    expect(await approve(on.bob)).toMatchObject({ body: { approval: { needs: [{ given: 1 }] } } });
    const carol = on.bed.token('admin', 'carol');
    const answers = await Promise.all([approve(on.owner), approve(carol)]);
    expect(answers.some(({ body }) => body.state === 'published')).toBe(true);
    expect(await on.read(`requests/${id}`)).toMatchObject({ state: 'published' });
    expect((await on.bed.index())?.revisions).toHaveLength(1);
  });

  test('[AP12.14] is left alone by what does not touch it, and by cosmetic changes', async () => {
    on.edit();
    expect((await on.send()).status).toBe(200);
    await on.save(PROTECTED);
    on.bed.peer.edit({
      pipelines: [
        pipeline(1, { description: 'new' }),
        pipeline(2, { enabled: false }),
        pipeline(3),
        pipeline(4),
      ],
      variables: [],
    });
    expect(await on.send()).toMatchObject({ status: 200, body: { revision: { number: 2 } } });
    on.bed.peer.edit({ pipelines: [2, 3, 4].map((n) => pipeline(n)), variables: [] });
    await expectWaits();
    on.bed.peer.edit({
      pipelines: [pipeline(1, { group: 'even' }), pipeline(2), pipeline(3), pipeline(4)],
      variables: [],
    });
    await expectWaits({ scope: { kind: 'pipelines', pipelines: ['p-1'] } });
    expect(await on.send({ scope: { kind: 'pipelines', pipelines: ['p-2'] } })).toMatchObject({
      status: 200,
    });
  });

  test('[AP12.8] an edit in the scope voids approvals: who named a version is refused', async () => {
    await on.save({ ...PROTECTED, protected: [{ group: 'odd', approvals: 2, by: ADMINS }] });
    on.edit();
    const { id, digest } = await expectWaits();
    await on.call('POST', on.bob, `requests/${id}/approve`, { digest });
    on.edit({ enabled: false });
    expect(await on.read(`requests/${id}`)).toMatchObject({
      state: 'awaiting_approval',
      unavailable: expect.stringContaining('changed'),
    });
    expect(await on.call('POST', on.owner, `requests/${id}/approve`, { digest })).toMatchObject({
      body: { state: 'refused', problem: { code: 'document_moved' } },
    });
    expect(await on.bed.index()).toBeUndefined();
  });

  test('[AP12.8, AP12.15] an edit in the scope asks again where the author said `latest`, and both are told', async () => {
    await on.save({ ...PROTECTED, protected: [{ group: 'odd', approvals: 2, by: ADMINS }] });
    on.edit();
    const { id, digest } = await expectWaits({ latest: true });
    const approve = (token: string, of: string) =>
      on.call('POST', token, `requests/${id}/approve`, { digest: of });
    expect((await approve(on.bob, digest)).body.approval.needs[0].given).toBe(1);
    on.edit({ enabled: false });
    expect(await approve(on.owner, digest)).toMatchObject({
      status: 409,
      body: { code: 'approval_outdated' },
    });
    const view = await on.read(`requests/${id}`);
    expect(view).toMatchObject({
      state: 'awaiting_approval',
      approval: { needs: [{ given: 0 }], approvals: [{ isVoid: true }, { isVoid: true }] },
    });
    expect(view.proposal.digest).toBe(view.approval.digest);
    expect(view.approval.digest).not.toBe(digest);
    await until(() =>
      on
        .audited('manifest.approval')
        .some(({ detail }) => Array.isArray(detail.voided) && detail.voided.length === 2),
    );
    await approve(on.bob, view.proposal.digest);
    expect(await approve(on.owner, view.proposal.digest)).toMatchObject({ body: { state: 'published' } });
    expect(await (await on.fetch('latest')).text()).toContain('enabled = false');
  });

  test("[AP12.8] another group's Apply in between voids nothing", async () => {
    on.edit();
    await on.send();
    await on.save(PROTECTED);
    on.bed.peer.edit({
      pipelines: [pipeline(1, { enabled: false }), pipeline(2, { enabled: false }), pipeline(3), pipeline(4)],
      variables: [],
    });
    const { id, digest } = await expectWaits({ scope: { kind: 'group', group: 'odd' } });
    expect(await on.send({ scope: { kind: 'group', group: 'even' } })).toMatchObject({ status: 200 });
    expect(await on.call('POST', on.bob, `requests/${id}/approve`, { digest })).toMatchObject({
      body: { state: 'published', revision: { number: 3 } },
    });
  });

  test('[AP12.9] is rejected with a reason, by those who may approve, and cancelled by its author or an admin', async () => {
    await on.save(PROTECTED);
    on.edit();
    const first = await expectWaits();
    expect((await on.call('POST', on.bob, `requests/${first.id}/reject`, {})).status).toBe(400);
    expect((await on.call('POST', on.alice, `requests/${first.id}/reject`, { reason: 'no' })).status).toBe(
      403,
    );
    expect(
      await on.call('POST', on.bob, `requests/${first.id}/reject`, { reason: 'not on Friday' }),
    ).toMatchObject({
      body: {
        state: 'refused',
        problem: { code: 'approval_rejected', detail: expect.stringContaining('not on Friday') },
      },
    });
    const second = await expectWaits();
    const third = await expectWaits();
    expect(
      (await on.call('POST', on.bed.token('applier', 'carol'), `requests/${second.id}/cancel`)).status,
    ).toBe(403);
    for (const [token, id] of [
      [on.alice, second.id],
      [on.bob, third.id],
    ] as const)
      expect(await on.call('POST', token, `requests/${id}/cancel`)).toMatchObject({
        body: { state: 'refused', problem: { code: 'apply_cancelled' } },
      });
    expect(await on.call('POST', on.alice, `requests/${second.id}/cancel`)).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    await until(
      () => on.audited('manifest.apply').length === 3 && on.audited('manifest.cancel').length === 2,
    );
  });
});
