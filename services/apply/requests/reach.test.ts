// No answer tells a caller of an entry that it may not read: narrowed tokens against every route that answers with configuration.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { PipelineDraft } from '@hakiri/contracts/config';
import { keyOf, pipeline } from '../testing/bed-peer.ts';
import { ALL, openPolicyBed, type PolicyBed } from '../testing/bed-policy.ts';

let on: PolicyBed;
beforeEach(async () => {
  on = await openPolicyBed();
});
afterEach(() => on.bed.close());

/** Of everything that is not `p-1`. */
const HIDDEN = [
  'p-2',
  'p-3',
  'p-4',
  'raw.p',
  'TOKEN_URL',
  'https://secret.example',
  'hush',
  keyOf(2),
  'even',
];
const ONE = { kind: 'pipelines' as const, pipelines: ['p-1'] };
const variables = [{ key: keyOf(90), name: 'TOKEN_URL', value: 'https://secret.example', comment: 'hush' }];

/** `p-1` says nothing of the others by itself. */
const edit = (changes: Partial<PipelineDraft> = {}, other: Partial<PipelineDraft> = {}): string => {
  const own = pipeline(1, { destination: { table: 'own.one' }, ...changes });
  const pipelines = [own, pipeline(2, other), pipeline(3), pipeline(4, { name: '${TOKEN_URL}' })];
  return on.bed.peer.edit({ pipelines, variables });
};
const narrowed = (): string => on.bed.narrow(on.alice, ['p-1']);
const onlyTo = (actions: Parameters<PolicyBed['bed']['narrowTo']>[1]['actions']): string =>
  on.bed.narrowTo(on.owner, actions ? { actions } : {});
const expectSilent = (answer: unknown, hidden = HIDDEN): void => {
  const text = JSON.stringify(answer);
  expect(hidden.filter((word) => text.includes(word))).toEqual([]);
};
const ask = (path: string, body: object = {}, token = narrowed()) =>
  on.call('POST', token, path, { scope: ONE, version: on.bed.peer.version(), ...body });

test('[AP12.20] a dry run of a narrowed token shows its own pipelines, and the digest of the whole', async () => {
  edit();
  await on.send({ message: 'p-2 says hush' });
  edit({ enabled: false }, { enabled: false });
  const whole = await ask('apply?dryRun=true', {}, on.alice);
  expect(whole.body.toml).toContain('id = "p-2"');
  expect(whole.body.partial).toBeUndefined();
  const { status, body } = await ask('apply?dryRun=true');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    partial: true,
    digest: whole.body.digest,
    revision: 'v2',
    diff: { pipelines: [{ kind: 'changed', id: 'p-1' }], variables: [] },
  });
  expect(body.toml).toContain('id = "p-1"');
  expectSilent(body);
  // Who may apply everything and read nothing sees that it would go, and not what.
  const blind = onlyTo(['manifest.apply']);
  const all = await ask('apply?dryRun=true', { scope: ALL }, blind);
  expect(all).toMatchObject({ status: 200, body: { partial: true, diff: { pipelines: [] } } });
  expectSilent(all.body, [...HIDDEN, 'p-1']);
});

test('[AP12.20] what was renamed from an entry out of reach is not shown as it was', async () => {
  const before = [pipeline(1, { id: 'p-2', source: { kind: 'csv', ref: 'hush' } }), pipeline(3)];
  on.bed.peer.edit({ pipelines: before, variables: [] });
  await on.send();
  on.bed.peer.edit({ pipelines: [pipeline(1), pipeline(3)], variables: [] });
  const { body } = await ask('apply?dryRun=true');
  expect(body).toMatchObject({ partial: true, unchanged: false, diff: { pipelines: [] } });
  expectSilent(body, ['p-2', 'hush', 'p-3']);
});

test('[AP12.20] neither does a validation, valid or not, nor an Apply that is refused', async () => {
  edit();
  await on.send();
  edit({ enabled: false, schedule: { kind: 'cron', expr: '1 6 * * *' } }, { enabled: false });
  const valid = await ask('validate');
  expect(valid.body).toMatchObject({ valid: true, partial: true, diff: { pipelines: [{ id: 'p-1' }] } });
  expectSilent(valid.body);
  // Near enough to another for a suggestion, and in one ring with it.
  for (const expr of ['pipeline.finished:p-22', 'pipeline.finished:p-33']) {
    edit({ schedule: { kind: 'on-event', expr }, tags: ['x'.repeat(200)], name: '${TOKEN_URLS}' });
    const suggested = await ask('validate', {}, on.alice);
    expect(suggested.body.valid).toBe(false);
    const invalid = await ask('validate');
    expect(invalid.body).toMatchObject({ valid: false, partial: true });
    expect(invalid.body.issues.map(({ code }: { code: string }) => code)).toContain('tags.invalid');
    expect(invalid.body.issues.map(({ code }: { code: string }) => code)).toContain(
      'schedule.reference_unknown',
    );
    expectSilent(invalid.body);
    const dry = await ask('apply?dryRun=true');
    expect(dry).toMatchObject({ status: 422, body: { code: 'invalid_config' } });
    expectSilent(dry.body);
    const applied = await on.send({ scope: ONE }, narrowed());
    expect(applied).toMatchObject({ status: 422, body: { code: 'invalid_config' } });
    expectSilent(applied.body);
  }
  const unknown = await ask('validate', { scope: { kind: 'pipelines', pipelines: ['p-2'] } });
  expect(unknown.status).toBe(403);
});

test("[AP12.20] nor an Apply that is done, of others' revision too, nor what is said of it later", async () => {
  edit();
  await on.send({ message: 'p-2 says hush' });
  const same = await on.send({ scope: ONE }, narrowed());
  expect(same.body).toMatchObject({
    state: 'published',
    unchanged: true,
    revision: { label: 'v1', changed: ['p-1'] },
  });
  expectSilent(same.body);
  edit({ enabled: false });
  const done = await on.send({ scope: ONE, message: 'mine' }, narrowed());
  expect(done.body).toMatchObject({
    state: 'published',
    revision: { label: 'v2', message: 'mine', changed: ['p-1'] },
  });
  for (const id of [same.body.id, done.body.id]) {
    const view = await on.call('GET', narrowed(), `requests/${id}`);
    expect(view.status).toBe(200);
    expectSilent(view.body);
  }
});

test('[AP12.20] nor an approval, a rejection, a cancellation by who reads nothing', async () => {
  await on.save({
    requireMessage: false,
    freezes: [],
    approvalHours: 72,
    protected: [{ group: 'odd', approvals: 1, by: { roles: ['owner'], users: [] } }],
  });
  edit();
  const asked = await on.send({ message: 'p-2 says hush' });
  const approver = onlyTo(['manifest.approve']);
  const { digest } = (await on.read(`requests/${asked.body.id}`)).proposal;
  const approved = await on.call('POST', approver, `requests/${asked.body.id}/approve`, { digest });
  expect(approved.body.state).toBe('published');
  expectSilent(approved.body);
  edit({ enabled: false });
  const mine = await on.send({ scope: ONE }, narrowed());
  expect(mine.body.state).toBe('awaiting_approval');
  const view = await on.call('GET', narrowed(), `requests/${mine.body.id}`);
  expect(view.body.proposal).toBeUndefined();
  expectSilent(view.body);
  const cancelled = await on.call('POST', narrowed(), `requests/${mine.body.id}/cancel`);
  expect(cancelled.body.state).toBe('refused');
  expectSilent(cancelled.body);
});

test('[AP12.20] and who may write alone imports, merges, discards as a whole and reverts nothing, as those answers tell', async () => {
  edit();
  await on.send();
  edit({}, { enabled: false });
  for (const token of [onlyTo(['doc.write']), narrowed()]) {
    for (const [path, body] of [
      ['import?dryRun=true&mode=replace', {}],
      ['merge', { folder: 'f', files: [], base: { revision: 'v1' } }],
      ['revert', { to: 'v1', dryRun: true }],
      ['discard', { pipelines: [{ pipeline: 'p-2' }] }],
    ] as const) {
      const answer = await on.call('POST', token, path, body);
      expect([path, answer.status]).toEqual([path, 403]);
      expectSilent(
        answer.body,
        HIDDEN.filter((word) => word !== 'p-2'),
      );
    }
    for (const path of [
      'latest',
      'revisions',
      'revisions/v1',
      'revisions/v1/manifest.toml',
      'diff?from=v0&to=v1',
      'pending',
      'export',
      'requests',
    ])
      expect([path, (await on.fetch(path, token)).status]).toEqual([path, 403]);
  }
});
