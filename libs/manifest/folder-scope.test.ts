// Which of a folder's pipelines an Apply takes: those where the files say what is not live, and no drafts.
import { expect, test } from 'bun:test';
import type { ConfigDraft, ManifestConfig, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { canonicalPipeline, canonicalVariable } from './canonical.ts';
import { folderPending } from './folder-scope.ts';
import { finished } from './testing/finished.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';
import { validateConfig } from './validate.ts';

const VARIABLE: VariableDraft = { key: '01HZ0000000000000000000009', name: 'V', value: '1', comment: '' };
const of = (entries: readonly PipelineDraft[], variables: VariableDraft[] = []): ConfigDraft => ({
  pipelines: entries.map(canonicalPipeline),
  variables: variables.map(canonicalVariable),
});
function applied(draft: ConfigDraft): ManifestConfig {
  const { config, issues } = validateConfig(draft);
  if (config === undefined) throw new Error(JSON.stringify(issues));
  return config;
}
const P = pipelineDraft('01HZ0000000000000000000001', 'p');
const name = String(P.id);
const step = (key: string, body: string) => ({
  key: `01HZ000000000000000000000${key}`,
  kind: 'select',
  body,
  inputs: [],
});

type Sides = Record<'files' | 'base' | 'live' | 'now', ConfigDraft>;
const pending = ({ files, base, live, now }: Sides, deleted: string[] = []) =>
  finished(folderPending({ files, base, deleted }, now, applied(live), 'main'));

/** Of one pipeline: what each side changed of it. */
function one(changes: Partial<Record<keyof Sides, Partial<PipelineDraft>>>) {
  const side = (key: keyof Sides) => of([{ ...P, ...changes[key] }]);
  const { pipelines, held, drafts } = pending({
    files: side('files'),
    base: side('base'),
    live: side('live'),
    now: side('now'),
  });
  const told = drafts.map(({ fields, applied }) => [fields, applied]);
  return [pipelines.length > 0 ? 'applied' : held.length > 0 ? 'held' : 'same', ...told];
}

test('[AP13.30] what people drafted in a pipeline of the folder is told and stays, and what the files say goes', () => {
  expect(one({})).toEqual(['same']);
  expect(one({ now: { group: 'draft' } })).toEqual(['held', [['/group'], false]]);
  expect(one({ files: { group: 'f' }, now: { group: 'f' } })).toEqual(['applied']);
  // Merged by an earlier run, whose Apply was refused: the base has it, and live has not.
  expect(one({ files: { group: 'f' }, base: { group: 'f' }, now: { group: 'f' } })).toEqual(['applied']);
  const both = { group: 'f', description: 'draft' };
  expect(one({ files: { group: 'f' }, now: both })).toEqual(['applied', [['/description'], true]]);
  expect(one({ files: { group: 'f' }, base: { group: 'f' }, now: both })).toEqual([
    'applied',
    [['/description'], true],
  ]);
  // The files changed to what is live: nothing of theirs is left, and the draft is not theirs.
  expect(one({ files: { group: 'f' }, live: { group: 'f' }, now: both })).toEqual([
    'held',
    [['/description'], false],
  ]);
  // People edited and applied; the files never took it.
  expect(one({ live: { group: 'theirs' }, now: { group: 'theirs' } })).toEqual(['same']);
});

test('[AP13.30] tags and steps are told apart one by one', () => {
  expect(one({ now: { tags: ['draft'] } })).toEqual(['held', [['/tags/draft'], false]]);
  expect(one({ files: { tags: ['f'] }, base: { tags: ['f'] }, now: { tags: ['draft', 'f'] } })).toEqual([
    'applied',
    [['/tags/draft'], true],
  ]);
  const [a, b, c] = [step('A', 'select 1'), step('B', 'select 2'), step('C', 'select 3')];
  const had = { base: { transforms: [a] }, live: { transforms: [a] } };
  expect(one({ ...had, files: { transforms: [a] }, now: { transforms: [a, b] } })[0]).toBe('held');
  expect(one({ ...had, files: { transforms: [a, c] }, now: { transforms: [a, c, b] } })[0]).toBe('applied');
  expect(one({ ...had, files: { transforms: [a] }, now: { transforms: [] } })[0]).toBe('held');
  const edited = { ...a, body: 'select 9' };
  expect(one({ ...had, files: { transforms: [edited] }, now: { transforms: [edited] } })[0]).toBe('applied');
});

test('[AP13.30] what is new goes, what the files take away goes until it did, and what people take away stays', () => {
  const [none, has] = [of([]), of([P])];
  expect(pending({ files: has, base: none, live: none, now: has }).pipelines).toEqual([P.key]);
  const taken = pending({ files: none, base: has, live: has, now: none });
  expect([taken.pipelines, taken.deleted, taken.drafts]).toEqual([[P.key], [P.key], []]);
  // The Apply of that was refused: it is remembered, until it is live or somebody brought it back.
  const again = { files: none, base: none, live: has, now: none };
  expect([pending(again).pipelines, pending(again, [P.key]).pipelines]).toEqual([[], [P.key]]);
  expect(pending({ ...again, now: has }, [P.key]).pipelines).toEqual([]);
  expect(pending({ ...again, live: none }, [P.key])).toMatchObject({ pipelines: [], deleted: [] });
  const gone = pending({ files: has, base: has, live: has, now: none });
  expect(gone).toMatchObject({
    pipelines: [],
    held: [P.key],
    drafts: [{ path: `/pipelines/${name}`, key: P.key, code: 'folder.draft_deleted', applied: false }],
  });
});

test('[AP13.30] a variable of the folder that the files changed takes its pipelines along, a drafted one does not', () => {
  const uses = { ...P, source: { kind: 'csv', ref: '${V}.csv' } };
  const side = (value: string): ConfigDraft => of([uses], [{ ...VARIABLE, value }]);
  const [old, other] = [side('1'), side('2')];
  expect(pending({ files: other, base: old, live: old, now: other })).toMatchObject({
    pipelines: [P.key],
    drafts: [],
  });
  expect(pending({ files: old, base: old, live: old, now: other })).toMatchObject({
    pipelines: [],
    held: [P.key],
    drafts: [{ path: '/variables/V', code: 'folder.draft', applied: false }],
  });
});

test('[AP13.30] of a pipeline that was never live what people made another than the files have is told, and goes along', () => {
  const files = of([P]);
  const now = of([{ ...P, description: 'theirs', tags: ['new'] }]);
  const { pipelines, drafts } = pending({ files, base: files, live: of([]), now });
  expect([pipelines, drafts.map(({ fields, applied }) => [fields.toSorted(), applied])]).toEqual([
    [P.key],
    [[['/description', '/tags/new'], true]],
  ]);
  expect(pending({ files, base: of([]), live: of([]), now: files }).drafts).toEqual([]);
});

test('[AP13.36] where the document has something else than the files say is told, also when it is live; what they leave out is not', () => {
  const file = { ...P, name: P.id, enabled: true, transforms: [step('2', 'a'), step('3', 'b')] };
  const differs = (now: Partial<PipelineDraft>, live: Partial<PipelineDraft> = now) => {
    const files = of([file], [VARIABLE]);
    const told = pending({
      files,
      base: files,
      live: of([{ ...file, ...live }]),
      now: of([{ ...file, ...now }]),
    });
    return told.differs.flatMap(({ path, fields }) => fields.map((field) => `${path}${field}`)).sort();
  };
  expect(differs({})).toEqual([]);
  expect(differs({ enabled: false, schedule: { kind: 'every', expr: '3h' } })).toEqual([
    '/pipelines/p/enabled',
    '/pipelines/p/schedule/expr',
  ]);
  expect(differs({ enabled: false }, {})).toEqual(['/pipelines/p/enabled']);
  const added = {
    name: 'Theirs',
    description: 'theirs',
    tags: ['t'],
    placement: { kind: 'node', target: 'n' },
  };
  expect(differs({ ...added, transforms: [step('2', 'a'), step('4', 'c'), step('3', 'b')] })).toEqual([]);
  expect(differs({ transforms: [step('3', 'b'), step('2', 'a')] })).toEqual([
    '/pipelines/p/transforms/order',
  ]);
  const [old, other] = [of([P], [VARIABLE]), of([P], [{ ...VARIABLE, value: '2' }])];
  expect(pending({ files: old, base: old, live: other, now: other }).differs).toEqual([
    { path: '/variables/V', key: VARIABLE.key, fields: ['/value'] },
  ]);
});
