// Scopes of several groups and pipelines, and what crosses their border, over real HTTP and the real bus.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { ConfigDraft, PipelineDraft } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import { type Applied, apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

const ALL: Scope = { kind: 'all' };
let bed: Bed;
let running: Running;
let applier: string;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
  applier = bed.token('applier', 'alice');
});
afterEach(() => bed.close());

const draft = (...pipelines: PipelineDraft[]): ConfigDraft => ({ pipelines, variables: [] });
const send = (scope: Scope, token = applier): Promise<Applied> =>
  apply(running.url, token, { scope, version: bed.peer.version() });
const toml = async () => (await get(running.url, applier, 'latest')).text();
const entryOf = (text: string, id: string) =>
  text.split('\n[[pipeline]]\n').find((entry) => entry.includes(`\nid = "${id}"\n`));
const after = (id: string) => ({ schedule: { kind: 'on-event', expr: `pipeline.finished:${id}` } });

test('[AP1.7] a selection takes its groups and its pipelines, with deletes and renames, and nothing else', async () => {
  bed.peer.edit(draft(...[1, 2, 3, 4].map((number) => pipeline(number)), pipeline(5, { group: 'x/y' })));
  expect((await send(ALL)).body.state).toBe('published');
  const before = await toml();
  // p-2 goes, p-4 changes, p-5 is renamed; p-1 and p-3 change too and stay outside.
  const off = { enabled: false };
  bed.peer.edit(
    draft(pipeline(1, off), pipeline(3, off), pipeline(4, off), pipeline(5, { group: 'x/y', id: 'five' })),
  );
  const outcome = await send({ kind: 'selection', groups: ['even', 'x'], pipelines: ['p-4'] });
  expect(outcome.body.revision?.changed).toEqual(['five', 'p-2', 'p-4']);
  const now = await toml();
  for (const id of ['p-1', 'p-3']) expect(entryOf(now, id)).toBe(entryOf(before, id) ?? 'it was there');
  expect(entryOf(now, 'p-2')).toBeUndefined();
  const wrong = await send({ kind: 'selection', groups: ['evn'], pipelines: ['p-44'] });
  expect(wrong.body).toMatchObject({
    code: 'invalid_config',
    issues: [
      { path: '/scope/groups/0', code: 'scope.group_unknown', suggestion: { value: 'even' } },
      { path: '/scope/pipelines/0', code: 'scope.pipeline_unknown', suggestion: { value: 'p-4' } },
    ],
  });
});

test('[AP1.7] a token that was narrowed to pipelines applies no selection, as that may take others', async () => {
  bed.peer.edit(draft(pipeline(1), pipeline(2)));
  const narrow = bed.narrow(applier, ['p-1']);
  const refused = await send({ kind: 'selection', groups: ['odd'], pipelines: ['p-1'] }, narrow);
  expect(refused.status).toBe(403);
});

test('[AP1.8] what crosses the border is reported before, with the smallest scope, which then does', async () => {
  bed.peer.edit(draft(pipeline(1), pipeline(3)));
  await send(ALL);
  bed.peer.edit(draft(pipeline(1, after('p-2')), pipeline(2, after('p-4')), pipeline(3), pipeline(4)));
  const scope: Scope = { kind: 'group', group: 'odd' };
  const wider: Scope = { kind: 'selection', groups: ['odd'], pipelines: ['p-2', 'p-4'] };
  const body = { scope, version: bed.peer.version() };
  const validation = await fetch(`${running.url}/v1/manifest/validate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${applier}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const issues = [{ code: 'schedule.reference_unknown', suggestion: { scope: wider } }];
  expect(await validation.json()).toMatchObject({ valid: false, issues });
  const refused = await send(scope);
  expect(refused.body).toMatchObject({ code: 'invalid_config', issues });
  expect((await send(wider)).body.state).toBe('published');
});

test('[AP1.9] who waits for a pipeline that changed outside the scope is warned', async () => {
  bed.peer.edit(draft(pipeline(1, after('p-2')), pipeline(2)));
  await send(ALL);
  bed.peer.edit(
    draft(pipeline(1, { ...after('p-2'), enabled: false }), pipeline(2, { enabled: true, tags: ['x'] })),
  );
  const { body } = await send({ kind: 'pipelines', pipelines: ['p-1'] });
  expect(body).toMatchObject({
    state: 'published',
    warnings: [
      {
        code: 'scope.reference_changed',
        suggestion: { scope: { kind: 'pipelines', pipelines: ['p-1', 'p-2'] } },
      },
    ],
  });
});
