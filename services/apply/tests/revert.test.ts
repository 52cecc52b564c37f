// Taking back what was applied, over real HTTP and the real bus.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { ConfigDraft, VariableDraft } from '@hakiri/contracts/config';
import type { RevertBody } from '@hakiri/contracts/revert';
import { until } from '@hakiri/testing/until';
import { apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { keyOf, pipeline } from '../testing/bed-peer.ts';
import { PROTECTED } from '../testing/bed-policy.ts';
import { draft, postRevert, publishAll, tomlOf } from '../testing/bed-writes.ts';

const ALL = { kind: 'all' } as const;
let bed: Bed;
let running: Running;
let applier: string;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
  applier = bed.token('applier', 'alice');
});
afterEach(() => bed.close());

const host = (value: string, key = keyOf(90)): VariableDraft => ({ key, name: 'HOST', value, comment: '' });
const usesHost = { source: { kind: 'http', ref: `https://\${HOST}/a` } };
const waitsFor = (id: string) => ({ schedule: { kind: 'on-event', expr: `pipeline.finished:${id}` } });

const publish = (content: ConfigDraft, doc?: string) => publishAll(bed, running.url, content, doc);
const revert = (body: RevertBody, { token = applier, key }: { token?: string; key?: string } = {}) =>
  postRevert(running.url, body, { token, ...(key === undefined ? {} : { key }) });
const ids = (doc = 'main') =>
  bed.peer
    .current(doc)
    .pipelines.map(({ id }) => String(id))
    .sort();
const codes = (body: { issues?: { code: string }[] }) => body.issues?.map(({ code }) => code);
const body = (label: string) => tomlOf(running.url, applier, label);

test('[AP9.3] a whole revert is one update that puts back, takes away and brings back what was deleted, and an Apply of it has the bytes of then', async () => {
  await publish(draft([pipeline(1), pipeline(2), pipeline(3, usesHost)], [host('a')]));
  await publish(draft([pipeline(1, { enabled: false }), pipeline(4)]));
  const before = bed.peer.answered.edit;
  const done = await revert({ to: 'v1' });
  expect(done.status).toBe(200);
  expect(bed.peer.answered.edit).toBe(before + 1);
  expect(ids()).toEqual(['p-1', 'p-2', 'p-3']);
  expect(
    bed.peer
      .current()
      .pipelines.map(({ key }) => key)
      .sort(),
  ).toEqual([1, 2, 3].map(keyOf));
  expect(bed.peer.current().variables).toMatchObject([host('a')]);
  const [document] = done.body.documents;
  expect(document).toMatchObject({ doc: 'main', updates: 1, version: bed.peer.version(), scope: ALL });
  expect(document?.pipelines.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    'changed p-1',
    'added p-2',
    'added p-3',
    'removed p-4',
  ]);
  const applied = await apply(running.url, applier, { scope: ALL, version: document?.version ?? '' });
  expect(applied.body.revision?.label).toBe('v3');
  expect(await body('v3')).toBe(await body('v1'));
  await until(() => bed.announced.audited.some(({ action }) => action === 'doc.revert'));
  expect(bed.announced.audited.find(({ action }) => action === 'doc.revert')).toMatchObject({
    target: 'main',
    outcome: 'done',
    detail: { to: 'v1', put: 3, deleted: 1 },
  });
  // Again it changes nothing.
  const again = await revert({ to: 'v1' });
  expect(again.body.documents).toMatchObject([{ updates: 0, pipelines: [], variables: [] }]);
  expect(bed.peer.answered.edit).toBe(before + 1);
});

test('[AP9.4] named pipelines come back by key, by the id of then or by that of now, with the variables that they use, and nothing else does', async () => {
  await publish(draft([pipeline(1), pipeline(2, usesHost), pipeline(3), pipeline(5)], [host('a')]));
  await publish(
    draft([
      pipeline(1, { id: 'renamed' }),
      pipeline(3, { enabled: false }),
      pipeline(4),
      pipeline(5, { enabled: false }),
    ]),
  );
  const done = await revert({ to: '1', pipelines: ['renamed', 'p-2', keyOf(3)] });
  expect(done.body.documents).toMatchObject([
    {
      scope: { kind: 'pipelines', pipelines: [keyOf(1), keyOf(2), keyOf(3)] },
      variables: [{ kind: 'added' }],
    },
  ]);
  expect(ids()).toEqual(['p-1', 'p-2', 'p-3', 'p-4', 'p-5']);
  expect(bed.peer.current().variables).toMatchObject([host('a')]);
  expect(bed.peer.current().pipelines.find(({ id }) => id === 'p-3')).toMatchObject({ enabled: true });
  expect(bed.peer.current().pipelines.find(({ id }) => id === 'p-5')).toMatchObject({ enabled: false });
  const unknown = await revert({ to: 'v1', pipelines: ['p-4', 'p-33'] });
  expect([unknown.status, codes(unknown.body)]).toEqual([
    422,
    ['revert.unknown_pipeline', 'revert.unknown_pipeline'],
  ]);
  expect((await revert({ to: 'v9' })).status).toBe(404);
});

test('[AP9.5] a dry run shows the difference and writes nothing; what it refers to is said with what would be needed', async () => {
  await publish(
    draft(
      [pipeline(1), pipeline(2, { ...waitsFor('p-1'), ...usesHost }), pipeline(3, usesHost)],
      [host('a')],
    ),
  );
  await publish(draft([pipeline(3, usesHost), pipeline(4)], [host('b')]));
  const version = bed.peer.version();
  const dry = await revert({ to: 'v1', pipelines: ['p-2'], dryRun: true });
  expect(dry.body).toMatchObject({
    dryRun: true,
    documents: [{ version, pipelines: [{ kind: 'added', id: 'p-2' }], variables: [] }],
    issues: [
      { code: 'revert.variable_differs', severity: 'warning', path: '/variables/HOST' },
      { code: 'revert.upstream_gone', severity: 'error', path: '/pipelines/p-2/schedule/expr' },
    ],
  });
  expect(dry.body.issues[1]?.message).toContain('revert `p-1` to v1 with it');
  const refused = await revert({ to: 'v1', pipelines: ['p-2'], apply: true }, { key: 'revert-key-1' });
  expect([refused.status, refused.body.code]).toEqual([422, 'invalid_config']);
  expect([bed.peer.version(), bed.peer.answered.edit]).toEqual([version, 0]);
  // With what is needed it goes, and a variable that nobody else uses has its value of then.
  const both = await revert({ to: 'v1', pipelines: ['p-1', 'p-2', 'p-3'] });
  expect(both.body.issues).toEqual([]);
  expect(bed.peer.current().variables).toMatchObject([host('a')]);
});

test('[AP9.5] an id that is another pipeline’s by now is said', async () => {
  await publish(draft([pipeline(1)]));
  await publish(draft([pipeline(2, { id: 'p-1' })]));
  const dry = await revert({ to: 'v1', pipelines: [keyOf(1)], dryRun: true });
  expect(codes(dry.body)).toEqual(['revert.id_taken']);
  expect(codes((await revert({ to: 'v1', dryRun: true })).body)).toEqual([]);
});

test('[AP9.6] each entry goes back to the document that its `doc` names, one update for each; one that was moved leaves where it is now', async () => {
  await publish(draft([pipeline(1), pipeline(2)]));
  await publish(draft([pipeline(3)]), 'eu');
  bed.peer.edit(draft([pipeline(1)]));
  bed.peer.setMoved('main', [{ to: 'eu', pipelines: [keyOf(2)] }]);
  await publish(draft([pipeline(3, { enabled: false }), pipeline(2)]), 'eu');
  const alone = await revert({ to: 'v2', doc: 'main' });
  expect([alone.status, codes(alone.body)]).toEqual([422, ['revert.moved_since']]);
  const other = await revert({ to: 'v2', doc: 'main', pipelines: ['p-3'] });
  expect([other.status, codes(other.body)]).toEqual([422, ['revert.other_document']]);
  const edits = bed.peer.answered.edit;
  const done = await revert({ to: 'v2', apply: true }, { key: 'revert-key-2' });
  expect(done.status).toBe(200);
  expect(bed.peer.answered.edit).toBe(edits + 2);
  expect([ids('main'), ids('eu')]).toEqual([['p-1', 'p-2'], ['p-3']]);
  expect(done.body.documents.map(({ doc, apply: of }) => [doc, of?.state])).toEqual([
    ['eu', 'published'],
    ['main', 'published'],
  ]);
  const latest = await get(running.url, applier, 'latest');
  expect(await latest.text()).toBe(await body('v2'));
});

test('[AP9.6] a move that no Apply has seen yet is taken back, and what else is in that document stays', async () => {
  await publish(draft([pipeline(1), pipeline(2)]));
  bed.peer.edit(draft([pipeline(1)]));
  bed.peer.edit(draft([pipeline(2), pipeline(7)]), 'new');
  bed.peer.setMoved('main', [{ to: 'new', pipelines: [keyOf(2)] }]);
  expect((await revert({ to: 'v1' })).status).toBe(200);
  expect([ids('main'), ids('new')]).toEqual([['p-1', 'p-2'], ['p-7']]);
});

test('[AP9.7] a document that was archived is said, and nothing is written', async () => {
  await publish(draft([pipeline(1)]));
  await publish(draft([pipeline(3)]), 'eu');
  await publish(draft([]), 'eu');
  await publish(draft([pipeline(1, { enabled: false })]));
  bed.peer.archive('eu');
  const version = bed.peer.version();
  for (const dryRun of [true, false]) {
    const { status, body: answer } = await revert({ to: 'v2', dryRun });
    expect([status, codes(answer)]).toEqual([dryRun ? 200 : 422, ['revert.document_archived']]);
    expect(answer.issues[0]?.message).toContain('hakictl docs unarchive eu');
  }
  expect(bed.peer.version()).toBe(version);
  expect((await revert({ to: 'v2', doc: 'main' })).status).toBe(200);
});

test('[AP9.7] a document that is gone is said, and nothing is written anywhere; created, it gets what it had', async () => {
  await publish(draft([pipeline(1)]));
  await publish(draft([pipeline(3)]), 'eu');
  await publish(draft([pipeline(1, { enabled: false })]));
  bed.peer.remove('eu');
  const version = bed.peer.version();
  for (const dryRun of [true, false]) {
    const { status, body: answer } = await revert({ to: 'v2', dryRun });
    expect([status, codes(answer)]).toEqual([dryRun ? 200 : 422, ['revert.document_gone']]);
    expect(answer.issues[0]).toMatchObject({ path: '/documents/eu', severity: 'error' });
    expect(answer.issues[0]?.message).toContain('hakictl docs create eu');
  }
  expect(bed.peer.version()).toBe(version);
  bed.peer.create('eu');
  expect((await revert({ to: 'v2' })).status).toBe(200);
  expect([ids('main'), ids('eu')]).toEqual([['p-1'], ['p-3']]);
});

test('[AP9.5] what a pipeline waits for was renamed since: it is said by its id of then, and taken back with it that goes live', async () => {
  await publish(draft([pipeline(1), pipeline(2, waitsFor('p-1'))]));
  await publish(draft([pipeline(1, { id: 'first' })]));
  const alone = await revert({ to: 'v1', pipelines: ['p-2'], dryRun: true });
  expect(codes(alone.body)).toEqual(['revert.upstream_gone']);
  expect(alone.body.issues[0]?.message).toContain('`p-2` waits for `p-1`, which is gone: revert `p-1` to v1');
  const both = await revert({ to: 'v1', pipelines: ['p-2', 'p-1'], apply: true }, { key: 'revert-key-6' });
  expect(both.body.documents[0]?.apply).toMatchObject({ state: 'published' });
  expect(await body('v3')).toBe(await body('v1'));
});

test('[AP9.5] what it waits for is gone from the document, though live still: it is said', async () => {
  await publish(draft([pipeline(1), pipeline(2, waitsFor('p-1'))]));
  bed.peer.edit(draft([]));
  expect(codes((await revert({ to: 'v1', pipelines: ['p-2'], dryRun: true })).body)).toEqual([
    'revert.upstream_gone',
  ]);
});

test('[AP9.8] with `apply` the Apply of exactly that follows: once for a key, as an Apply of the user, held by what holds one', async () => {
  await publish(draft([pipeline(1), pipeline(2)]));
  await publish(draft([pipeline(1, { enabled: false }), pipeline(2, { enabled: false })]));
  const request: RevertBody = { to: 'v1', pipelines: ['p-1'], apply: true };
  expect((await revert(request)).body.code).toBe('malformed');
  const first = await revert(request, { key: 'revert-key-3' });
  expect(first.body.documents[0]?.apply).toMatchObject({
    state: 'published',
    revision: { label: 'v3', author: 'alice', message: 'Revert of p-1 to v1', changed: ['p-1'] },
  });
  // Somebody changes it again: a retry of the old request does not take that back.
  const version = bed.peer.edit(draft([pipeline(1, { name: 'Other' }), pipeline(2)]));
  const again = await revert(request, { key: 'revert-key-3' });
  expect(again.body).toEqual(first.body);
  expect(bed.peer.version()).toBe(version);
  const other = await revert({ ...request, pipelines: ['p-2'] }, { key: 'revert-key-3' });
  expect([other.status, other.body.code]).toEqual([409, 'idempotency_mismatch']);
  // A protected group wants a second person for a revert, too.
  const saved = await fetch(`${running.url}/v1/manifest/policy`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${bed.token('owner')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ version: 0, policy: PROTECTED }),
  });
  expect(saved.status).toBe(200);
  const held = await revert({ to: 'v2', pipelines: ['p-1'], apply: true }, { key: 'revert-key-5' });
  expect([held.status, held.body.documents[0]?.apply?.state]).toEqual([202, 'awaiting_approval']);
});

test('[AP9.9] only who may write the document and read what was applied reverts, and only who may apply applies', async () => {
  await publish(draft([pipeline(1)]));
  await publish(draft([pipeline(1, { enabled: false })]));
  for (const token of [bed.token('viewer'), bed.token('node'), bed.narrow(applier, ['p-1'])])
    expect((await revert({ to: 'v1', pipelines: ['p-1'] }, { token })).status).toBe(403);
  const editor = bed.token('editor');
  expect((await revert({ to: 'v1', apply: true }, { token: editor, key: 'revert-key-4' })).status).toBe(403);
  expect(bed.peer.answered.edit).toBe(0);
  bed.peer.setAway(true);
  expect((await revert({ to: 'v1' }, { token: editor })).status).toBe(503);
  bed.peer.setAway(false);
  expect((await revert({ to: 'v1' }, { token: editor })).status).toBe(200);
});

test('[AP9.13] a revert of what was looked at is refused when it would change something else by now, and edits elsewhere are no matter', async () => {
  const [one, two] = [pipeline(1), pipeline(2)];
  const off = { enabled: false };
  await publish(draft([one, two], [host('a')]));
  await publish(draft([pipeline(1, off), two, pipeline(3)], [host('b')]));
  const look = async () => (await revert({ to: 'v1', dryRun: true })).body.digest;
  const seen = await look();
  expect(await look()).toBe(seen);
  const others: [string, ConfigDraft][] = [
    ['what it would write over', draft([pipeline(1, { ...off, name: 'x' }), two, pipeline(3)], [host('b')])],
    ['what it would delete', draft([pipeline(1, off), two, pipeline(3, off)], [host('b')])],
    ['a variable', draft([pipeline(1, off), two, pipeline(3)], [host('c')])],
    ['one more that it would delete', draft([pipeline(1, off), two, pipeline(3), pipeline(4)], [host('b')])],
    ['one that it would have to bring back', draft([pipeline(1, off), pipeline(3)], [host('b')])],
  ];
  for (const [what, config] of others) {
    bed.peer.edit(config);
    const edits = bed.peer.answered.edit;
    const body = { to: 'v1', ...(seen === undefined ? {} : { digest: seen }) };
    const refused = await revert(body);
    expect([what, refused.status, refused.body.code]).toEqual([what, 409, 'document_moved']);
    expect(refused.body.detail).toContain('Nothing was reverted.');
    expect(bed.peer.answered.edit).toBe(edits);
  }
  // One pipeline alone: what is edited beside it does not count.
  bed.peer.edit(draft([pipeline(1, off), two, pipeline(3)], [host('b')]));
  const alone = (await revert({ to: 'v1', pipelines: ['p-1'], dryRun: true })).body.digest ?? '';
  bed.peer.edit(draft([pipeline(1, off), pipeline(2, off), pipeline(3)], [host('b')]));
  expect(await revert({ to: 'v1', pipelines: ['p-1'], digest: alone })).toMatchObject({ status: 200 });
  expect(bed.peer.current().pipelines).toMatchObject([{ enabled: true }, off, { id: 'p-3' }]);
  // Who heard no answer asks again.
  expect(await revert({ to: 'v1', pipelines: ['p-1'], digest: alone })).toMatchObject({ status: 200 });
});
