// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations refer to variables
import { expect, test } from 'bun:test';
import type { ConfigDraft, ManifestConfig, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import fc from 'fast-check';
import { awaitedOutside, suggestScope, warnOfChanged } from './border.ts';
import { mergeScope, missingFromScope } from './merge.ts';
import { scopeFilter, widened } from './scope.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';
import { validateConfig } from './validate.ts';

const key = (name: string) => `01J${name.toUpperCase().repeat(23)}`;
const pipeline = (name: string, fields: Partial<PipelineDraft> = {}) =>
  pipelineDraft(key(name), name, fields);
const after = (target: string) => ({ schedule: { kind: 'on-event', expr: `pipeline.finished:${target}` } });
const uses = (name: string) => ({ source: { kind: 'x', ref: `\${${name}}` } });
const variable = (name: string, value: string): VariableDraft => ({
  key: key(name),
  name,
  value,
  comment: '',
});
const named = (...pipelines: string[]): Scope => ({ kind: 'pipelines', pipelines });

function applied(pipelines: PipelineDraft[], variables: VariableDraft[] = []): ManifestConfig {
  const { config, issues } = validateConfig({ pipelines, variables });
  if (config === undefined) throw new Error(JSON.stringify(issues));
  return config;
}
function errorsOf(last: ManifestConfig, scope: Scope, whole: ConfigDraft) {
  const draft = { pipelines: whole.pipelines.filter(scopeFilter(scope)), variables: whole.variables };
  const there = new Set(whole.pipelines.map((each) => each.key));
  const elsewhere = new Set(missingFromScope(last, scope, draft).filter((each) => there.has(each)));
  const merged = mergeScope(last, scope, draft, { elsewhere });
  return [...merged.issues, ...validateConfig(merged.draft).issues].filter(
    ({ severity }) => severity === 'error',
  );
}
/** As it is told with what is wrong. */
function suggestedScope(last: ManifestConfig, scope: Scope, whole: ConfigDraft): Scope | undefined {
  const told = suggestScope(errorsOf(last, scope, whole), last, scope, whole, {});
  return told.find(({ suggestion }) => suggestion?.scope)?.suggestion?.scope;
}

test('[AP1.8] a new pipeline to wait for, a variable that others use, a swapped name: the smallest scope that would do', () => {
  const cases: [ManifestConfig, ConfigDraft, Scope, Scope | undefined][] = [
    // Waits for one that is new, which waits for another new one.
    [
      applied([pipeline('a')]),
      {
        pipelines: [pipeline('a', after('b')), pipeline('b', after('c')), pipeline('c'), pipeline('d')],
        variables: [],
      },
      named('a'),
      named('a', 'b', 'c'),
    ],
    // A variable whose value changes takes all who use it along, and what those need.
    [
      applied([pipeline('a', uses('V')), pipeline('b', uses('V')), pipeline('c')], [variable('V', '1')]),
      {
        pipelines: [
          pipeline('a', uses('V')),
          pipeline('b', { ...uses('V'), ...after('d') }),
          pipeline('c'),
          pipeline('d'),
        ],
        variables: [variable('V', '2')],
      },
      { kind: 'selection', groups: ['g'], pipelines: ['a'] },
      { kind: 'selection', groups: ['g'], pipelines: ['a', 'b', 'd'] },
    ],
    // A name that another one still has, as it was applied.
    [
      applied([pipeline('a'), pipeline('b'), pipeline('c', after('b'))]),
      {
        pipelines: [{ ...pipeline('a'), id: 'b' }, { ...pipeline('b'), id: 'z' }, pipeline('c', after('z'))],
        variables: [],
      },
      named(key('a')),
      named(key('a'), 'z'),
    ],
    // It is wrong in any scope.
    [
      applied([pipeline('a')]),
      { pipelines: [pipeline('a', after('nobody'))], variables: [] },
      named('a'),
      undefined,
    ],
    // It is right as it is.
    [
      applied([pipeline('a')]),
      { pipelines: [pipeline('a', { enabled: false })], variables: [] },
      named('a'),
      undefined,
    ],
  ];
  for (const [last, whole, scope, expected] of cases) {
    const grouped = {
      ...whole,
      pipelines: whole.pipelines.map((each) => (each.key === key('c') ? { ...each, group: 'g' } : each)),
    };
    const document = scope.kind === 'selection' ? grouped : whole;
    expect(suggestedScope(last, scope, document)).toEqual(expected);
    if (expected !== undefined) expect(errorsOf(last, expected, document)).toEqual([]);
  }
});

test('[AP1.8] the issues that called for it carry the scope, the others do not', () => {
  const last = applied([pipeline('a')]);
  const whole = { pipelines: [pipeline('a', after('b')), pipeline('b')], variables: [] };
  const issues = suggestScope(errorsOf(last, named('a'), whole), last, named('a'), whole, {});
  expect(issues).toMatchObject([
    {
      code: 'schedule.reference_unknown',
      path: '/pipelines/a/schedule/expr',
      suggestion: { scope: named('a', 'b') },
    },
  ]);
  expect(issues[0]?.message).toEndWith('It would do with `b` in the scope too.');
});

test('[AP1.9] who waits for a pipeline that changed outside the scope is told so, with the scope that has both', () => {
  const last = applied([pipeline('a', after('b')), pipeline('b'), pipeline('c')]);
  const draft = { pipelines: [pipeline('a', { ...after('b'), enabled: false })], variables: [] };
  expect(awaitedOutside(draft)).toEqual(['b']);
  const changed = pipeline('b', { enabled: false });
  expect(warnOfChanged(last, named('a'), draft, [changed])).toMatchObject([
    { code: 'scope.reference_changed', severity: 'warning', suggestion: { scope: named('a', 'b') } },
  ]);
  expect(warnOfChanged(last, named('a'), draft, [pipeline('b')])).toEqual([]);
});

test('[AP1.8] whatever was edited: what is suggested would do, and nothing smaller would', () => {
  const names = ['a', 'b', 'c', 'd'];
  const anyFields = fc.record({
    waits: fc.constantFrom(undefined, undefined, undefined, ...names),
    value: fc.constantFrom(undefined, 'V', 'W'),
    id: fc.constantFrom(...Array.from({ length: 16 }, () => undefined), ...names),
    there: fc.constantFrom(true, true, true, false),
  });
  const anyState = fc.tuple(fc.tuple(anyFields, anyFields, anyFields, anyFields), fc.nat(1), fc.nat(1));
  const stateOf = ([fields, v, w]: typeof anyState extends fc.Arbitrary<infer State>
    ? State
    : never): ConfigDraft => ({
    pipelines: fields.flatMap(({ waits, value, id, there }, index) => {
      const name = names[index] ?? '';
      const own = { ...(waits ? after(waits) : {}), ...(value ? uses(value) : {}), ...(id ? { id } : {}) };
      return there ? [pipeline(name, own)] : [];
    }),
    variables: [variable('V', String(v)), variable('W', String(w))],
  });
  let suggested = 0;
  fc.assert(
    fc.property(anyState, anyState, fc.constantFrom(...names), (before, now, name) => {
      const last = validateConfig(stateOf(before)).config;
      const whole = stateOf(now);
      const ids = new Set(whole.pipelines.map(({ id }) => id));
      if (last === undefined || ids.size < whole.pipelines.length) return;
      if (!whole.pipelines.some((each) => each.key === key(name))) return;
      const scope = named(key(name));
      const found = suggestedScope(last, scope, whole);
      const others = names.filter((other) => other !== name);
      const subsets = Array.from({ length: 2 ** others.length }, (_, bits) =>
        others.filter((_, index) => (bits >> index) % 2 === 1),
      );
      const known = new Set([...last.pipelines, ...whole.pipelines].map((each) => each.key));
      const doing = subsets.filter(
        (subset) =>
          subset.every((other) => known.has(key(other))) &&
          errorsOf(last, widened(scope, subset.map(key)), whole).length === 0,
      );
      const does = (subset: readonly string[]) => doing.some((other) => String(other) === String(subset));
      if (found === undefined) {
        // Of a document that is wrong itself a part may still be right; nobody is told to look for one.
        const isRight = errorsOf(last, { kind: 'all' }, whole).length === 0;
        expect(!isRight || does([])).toBe(true);
        return;
      }
      suggested += 1;
      expect(errorsOf(last, found, whole)).toEqual([]);
      const added = others.filter((other) => scopeFilter(found)({ key: key(other), id: other, group: '' }));
      for (const spare of added) expect(does(added.filter((other) => other !== spare))).toBe(false);
    }),
    { numRuns: 3000 },
  );
  expect(suggested).toBeGreaterThan(50);
});
