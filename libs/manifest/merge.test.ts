// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations refer to variables
import { expect, test } from 'bun:test';
import type { ManifestConfig, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { anyManifest } from '@hakiri/testing/config-arbitraries';
import fc from 'fast-check';
import { EMPTY_CONFIG } from './canonical.ts';
import { diffManifests } from './diff.ts';
import { mergeScope, missingFromScope } from './merge.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';
import { validateConfig } from './validate.ts';

const KEY = '01J00000000000000000000000';

const pipeline = (id: string, fields: Partial<PipelineDraft> = {}): PipelineDraft =>
  pipelineDraft(`${KEY.slice(0, 25)}${id.slice(0, 1).toUpperCase()}`, id, fields);
function variable(name: string, value: string, key = name): VariableDraft {
  return { key: KEY.slice(0, 26 - key.length) + key, name, value, comment: '' };
}
function applied(pipelines: PipelineDraft[], variables: VariableDraft[] = []): ManifestConfig {
  const { config, issues } = validateConfig({ pipelines, variables });
  if (config === undefined) throw new Error(JSON.stringify(issues));
  return config;
}
const ids = (merged: ReturnType<typeof mergeScope>) => merged.draft.pipelines.map(({ id }) => id).sort();
const codes = (merged: ReturnType<typeof mergeScope>) => merged.issues.map(({ code }) => code);
const named = (...pipelines: string[]) => ({ kind: 'pipelines' as const, pipelines });

test('[AP1] one pipeline goes live and the others keep exactly what was applied', () => {
  const last = applied([pipeline('a'), pipeline('b')]);
  const changed = pipeline('a', { enabled: false });
  const merged = mergeScope(last, named('a'), { pipelines: [changed], variables: [] });
  expect(codes(merged)).toEqual([]);
  expect(merged.draft).toEqual({ pipelines: [...last.pipelines.slice(1), changed], variables: [] });
});

test('[AP1] for any scope, what is outside it stays as it was', () => {
  fc.assert(
    fc.property(anyManifest, anyManifest, fc.nat(2), (before, after, pick) => {
      const last = validateConfig(before).config ?? EMPTY_CONFIG;
      const taken = after.pipelines.slice(0, pick);
      if (taken.length === 0) return;
      const scope = named(...taken.map(({ key }) => key));
      const merged = mergeScope(last, scope, { pipelines: taken, variables: after.variables });
      const { config } = validateConfig(merged.draft);
      if (config === undefined || merged.issues.length > 0) return;
      const inScope = new Set(taken.map(({ key }) => key));
      const touched = diffManifests(last, config).pipelines.map(({ key }) => key);
      expect(touched.filter((key) => !inScope.has(key))).toEqual([]);
    }),
  );
});

test('[AP1] a pipeline that was deleted in the scope goes, one that moved out of it stays as applied', () => {
  const last = applied([pipeline('a', { group: 'g/x' }), pipeline('b', { group: 'g' }), pipeline('c')]);
  const scope = { kind: 'group' as const, group: 'g' };
  const draft = { pipelines: [pipeline('a', { group: 'g/x' })], variables: [] };
  const missing = missingFromScope(last, scope, draft);
  expect(missing).toEqual([String(last.pipelines[1]?.key)]);
  expect(ids(mergeScope(last, scope, draft))).toEqual(['a', 'c']);
  expect(ids(mergeScope(last, scope, draft, { elsewhere: new Set(missing) }))).toEqual(['a', 'b', 'c']);
  expect(ids(mergeScope(last, { kind: 'all' }, { pipelines: [], variables: [] }))).toEqual([]);
});

test('[AP1] a rename is the same pipeline, and the old name says so', () => {
  const last = applied([pipeline('a')]);
  const renamed = { ...pipeline('a'), id: 'z' };
  const draft = { pipelines: [renamed], variables: [] };
  expect(ids(mergeScope(last, named('z'), draft))).toEqual(['z']);
  const byOldName = mergeScope(
    last,
    named('a'),
    { pipelines: [], variables: [] },
    {
      elsewhere: new Set([renamed.key]),
    },
  );
  expect(codes(byOldName)).toEqual(['scope.pipeline_renamed']);
  expect(ids(byOldName)).toEqual(['a']);
});

test('[AP2] a scope that names nobody is refused', () => {
  const nothing = { pipelines: [], variables: [] };
  expect(mergeScope(EMPTY_CONFIG, named('x'), nothing).issues).toMatchObject([
    { path: '/scope/pipelines/0', code: 'scope.pipeline_unknown' },
  ]);
  expect(codes(mergeScope(EMPTY_CONFIG, { kind: 'group', group: 'g' }, nothing))).toEqual([
    'scope.group_unknown',
  ]);
  expect(codes(mergeScope(EMPTY_CONFIG, { kind: 'all' }, nothing))).toEqual([]);
});

test('[AP1] a variable comes along when the scope uses it, and only then', () => {
  const last = applied([pipeline('b', { source: { kind: 'x', ref: '${B}' } })], [variable('B', '1')]);
  const draft = {
    pipelines: [pipeline('a', { source: { kind: 'x', ref: '${A}' } })],
    variables: [variable('A', '2'), variable('B', 'changed'), variable('C', '3')],
  };
  const merged = mergeScope(last, named('a'), draft);
  expect(codes(merged)).toEqual([]);
  expect(merged.draft.variables.map(({ name, value }) => [name, value])).toEqual([
    ['B', '1'],
    ['A', '2'],
  ]);
});

test('[AP1] a variable that would change for somebody outside the scope is refused, naming them', () => {
  const uses = (id: string) => pipeline(id, { source: { kind: 'x', ref: '${V}' } });
  const last = applied([uses('a'), uses('b'), uses('c')], [variable('V', '1')]);
  for (const variables of [[variable('V', '2')], [], [variable('RENAMED', '1', 'V')]]) {
    const { issues } = mergeScope(last, named('a'), { pipelines: [uses('a')], variables });
    const isRenamed = variables[0]?.name === 'RENAMED';
    expect(issues.map(({ path, code }) => [path, code])).toEqual([['/variables/V', 'scope.variable_shared']]);
    expect(issues[0]?.message).toContain('`b`, `c`');
    expect(isRenamed || variables.length < 2).toBe(true);
  }
  const together = mergeScope(last, named('a', 'b', 'c'), {
    pipelines: [uses('a'), uses('b'), uses('c')],
    variables: [variable('V', '2')],
  });
  expect(codes(together)).toEqual([]);
});
