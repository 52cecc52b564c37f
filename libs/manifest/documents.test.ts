// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations refer to variables
import { expect, test } from 'bun:test';
import type { ConfigDraft, ManifestConfig, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { anyManifest } from '@hakiri/testing/config-arbitraries';
import fc from 'fast-check';
import { EMPTY_CONFIG } from './canonical.ts';
import { diffManifests } from './diff.ts';
import { foreignEntries, inDocument, withoutDocument } from './documents.ts';
import { claimedFromOthers, mergeScope, missingFromScope, type Whereabouts } from './merge.ts';
import { parseManifest } from './parse.ts';
import { renderManifest } from './render.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';
import { validateConfig } from './validate.ts';

const ALL = { kind: 'all' } as const;
const keyOf = (name: string): string => `01J${name.toUpperCase().padStart(23, '0')}`;

const pipeline = (id: string, fields: Partial<PipelineDraft> = {}): PipelineDraft =>
  pipelineDraft(keyOf(id), id, fields);
const uses = (id: string, name: string): PipelineDraft =>
  pipeline(id, { source: { kind: 'x', ref: `\${${name}}` } });
const variable = (name: string, value: string, key = name): VariableDraft => ({
  key: keyOf(key),
  name,
  value,
  comment: '',
});
const draft = (pipelines: PipelineDraft[], variables: VariableDraft[] = []): ConfigDraft => ({
  pipelines,
  variables,
});

/** An Apply of everything in `doc`; throws when it is refused. */
function applyAll(
  last: ManifestConfig,
  doc: string,
  of: ConfigDraft,
  whereabouts: Whereabouts = {},
): ManifestConfig {
  const merged = mergeScope(last, ALL, of, { ...whereabouts, doc });
  const { config, issues } = validateConfig(merged.draft);
  const errors = [...merged.issues, ...issues].filter(({ severity }) => severity === 'error');
  if (config === undefined || errors.length > 0) throw new Error(JSON.stringify(errors));
  return config;
}
const issuesOf = (last: ManifestConfig, doc: string, of: ConfigDraft, whereabouts: Whereabouts = {}) => {
  const merged = mergeScope(last, ALL, of, { ...whereabouts, doc });
  return [...merged.issues, ...validateConfig(merged.draft).issues].filter(
    ({ severity }) => severity === 'error',
  );
};
const places = ({ pipelines }: ManifestConfig) => pipelines.map(({ id, doc }) => `${id}@${doc ?? 'main'}`);
const names = ({ variables }: ManifestConfig) =>
  variables.map(({ name, value, doc }) => `${name}=${value}@${doc ?? 'main'}`);

test('[AP1.3] an Apply of all takes, replaces and removes only what belongs to its document', () => {
  const one = applyAll(EMPTY_CONFIG, 'main', draft([pipeline('a'), pipeline('b')]));
  const two = applyAll(one, 'eu', draft([pipeline('c'), pipeline('d')]));
  expect(places(two)).toEqual(['a@main', 'b@main', 'c@eu', 'd@eu']);
  const three = applyAll(two, 'main', draft([pipeline('a', { enabled: false })]));
  expect(places(three)).toEqual(['a@main', 'c@eu', 'd@eu']);
  expect(places(applyAll(three, 'eu', draft([])))).toEqual(['a@main']);
});

test('[AP1.3] for any two documents, what is of the other one stays byte for byte', () => {
  let compared = 0;
  fc.assert(
    fc.property(anyManifest, anyManifest, anyManifest, (a, { pipelines: before }, { pipelines: after }) => {
      const main = validateConfig(a).config ?? EMPTY_CONFIG;
      const b = { pipelines: before, variables: a.variables };
      const c = { pipelines: after, variables: a.variables };
      const first = mergeScope(main, ALL, b, { doc: 'eu' });
      const both = validateConfig(first.draft).config;
      if (both === undefined || first.issues.length > 0) return;
      const second = mergeScope(both, ALL, c, { doc: 'eu' });
      const { config } = validateConfig(second.draft);
      if (config === undefined || second.issues.length > 0) return;
      compared += 1;
      const ofMain = (of: ManifestConfig) => ({
        pipelines: of.pipelines.filter(({ doc }) => doc === undefined),
        variables: [],
      });
      const taken = new Set([...b.pipelines, ...c.pipelines].map(({ key }) => key));
      const kept = ofMain(main).pipelines.filter(({ key }) => !taken.has(key));
      expect(renderManifest(ofMain(config))).toBe(renderManifest({ pipelines: kept, variables: [] }));
    }),
  );
  expect(compared).toBeGreaterThan(20);
});

test('[AP1.4] the default document is not named: its bytes are what they were', () => {
  fc.assert(
    fc.property(anyManifest, (manifest) => {
      const { config } = validateConfig(manifest);
      if (config === undefined) return;
      const named = {
        pipelines: config.pipelines.map((one) => ({ ...one, doc: 'main' })),
        variables: config.variables.map((one) => ({ ...one, doc: 'main' })),
      };
      const toml = renderManifest(config);
      expect(toml).not.toMatch(/^doc = /m);
      expect(renderManifest(named)).toBe(toml);
      expect(validateConfig(named).config).toEqual(config);
    }),
    { numRuns: 50 },
  );
});

test('[AP1.4] another document is named in the entry, and reads back', () => {
  const config = applyAll(EMPTY_CONFIG, 'eu', draft([uses('a', 'V')], [variable('V', '1')]));
  const toml = renderManifest(config);
  expect(toml).toContain('group = ""\ndoc = "eu"\nenabled = true');
  expect(toml).toContain('name = "V"\ndoc = "eu"\nvalue = "1"');
  const parsed = parseManifest(toml);
  if (parsed.kind !== 'parsed') throw new Error('it parses');
  expect(validateConfig(parsed.draft).config).toEqual(config);
  const bad = validateConfig(draft([pipeline('a', { doc: 'No Such' })])).issues;
  expect(bad).toMatchObject([{ path: '/pipelines/a/doc', code: 'doc.invalid' }]);
});

test('[AP1.5] ids and names of variables are unique over all documents, and the issue names the other one', () => {
  const last = applyAll(EMPTY_CONFIG, 'main', draft([pipeline('a')], [variable('V', '1')]));
  const twice = issuesOf(last, 'eu', draft([pipeline('a', { key: keyOf('z') })]));
  expect(twice.map(({ code }) => code)).toEqual(['id.duplicate', 'id.duplicate']);
  expect(twice[0]?.message).toContain(`${keyOf('a')} in main, ${keyOf('z')} in eu`);
  const other = issuesOf(last, 'eu', draft([], [variable('V', '2', 'w')]));
  expect(other).toMatchObject([{ path: '/variables/V', code: 'variable.other_document' }]);
  expect(other[0]?.message).toContain('main');
});

test('[AP1.5] a variable that two documents have with one value is one entry, and changing it asks for both', () => {
  const main = applyAll(EMPTY_CONFIG, 'main', draft([uses('a', 'V')], [variable('V', '1')]));
  const eu = draft([uses('b', 'V')], [variable('V', '1', 'w')]);
  const both = applyAll(main, 'eu', eu);
  expect(names(both)).toEqual(['V=1@main']);
  expect(renderManifest(applyAll(both, 'eu', eu))).toBe(renderManifest(both));
  const changed = issuesOf(both, 'main', draft([uses('a', 'V')], [variable('V', '2')]));
  expect(changed).toMatchObject([{ code: 'scope.variable_shared' }]);
  expect(changed[0]?.message).toContain('`b`');
});

test('[AP1.5] a variable that its document drops passes to the document that still uses it', () => {
  const main = applyAll(EMPTY_CONFIG, 'main', draft([uses('a', 'V')], [variable('V', '1')]));
  const both = applyAll(main, 'eu', draft([uses('b', 'V')], [variable('V', '1', 'w')]));
  const dropped = applyAll(both, 'main', draft([pipeline('a')]));
  expect(names(dropped)).toEqual(['V=1@eu']);
  expect(names(applyAll(dropped, 'eu', draft([uses('b', 'V')], [variable('V', '2', 'w')])))).toEqual([
    'V=2@eu',
  ]);
});

test('[AP1.6] a pipeline that was moved passes to its new document, whichever is applied first', () => {
  const last = applyAll(EMPTY_CONFIG, 'main', draft([pipeline('a'), pipeline('b')]));
  const rest = draft([pipeline('a')]);
  const target = draft([pipeline('b')]);
  const moved = new Map([[keyOf('b'), 'eu']]);
  expect(missingFromScope(last, ALL, rest)).toEqual([keyOf('b')]);
  expect(claimedFromOthers(last, target, 'eu')).toEqual(new Map([['main', [keyOf('b')]]]));

  const targetFirst = applyAll(applyAll(last, 'eu', target), 'main', rest);
  const waiting = applyAll(last, 'main', rest, { moved });
  expect(places(waiting)).toEqual(['a@main', 'b@main']);
  const sourceFirst = applyAll(waiting, 'eu', target);
  expect(places(targetFirst)).toEqual(['a@main', 'b@eu']);
  expect(renderManifest(sourceFirst)).toBe(renderManifest(targetFirst));
  expect(places(applyAll(sourceFirst, 'main', rest))).toEqual(['a@main', 'b@eu']);
});

test('[AP1.6] a variable of a pipeline that waits for its new document stays with it', () => {
  const last = applyAll(EMPTY_CONFIG, 'main', draft([uses('b', 'V')], [variable('V', '1')]));
  const moved = new Map([[keyOf('b'), 'eu']]);
  const waiting = applyAll(last, 'main', draft([]), { moved });
  expect(names(waiting)).toEqual(['V=1@main']);
  const taken = applyAll(waiting, 'eu', draft([uses('b', 'V')], [variable('V', '1', 'w')]));
  expect(names(applyAll(taken, 'main', draft([])))).toEqual(['V=1@eu']);
});

test('[AP1.6] a pipeline that two documents have is refused, naming the other', () => {
  const last = applyAll(EMPTY_CONFIG, 'main', draft([pipeline('b')]));
  const issues = issuesOf(last, 'eu', draft([pipeline('b')]), { contested: new Map([[keyOf('b'), 'main']]) });
  expect(issues).toMatchObject([{ path: '/pipelines/b/key', code: 'doc.contested' }]);
  expect(issues[0]?.message).toContain('main');
});

test('[AP1.6] a scope that names a pipeline of another document is told which', () => {
  const last = applyAll(EMPTY_CONFIG, 'main', draft([pipeline('b')]));
  const named = { kind: 'pipelines' as const, pipelines: ['b'] };
  const fromEu = mergeScope(last, named, draft([]), { doc: 'eu' });
  const moved = mergeScope(last, named, draft([]), { moved: new Map([[keyOf('b'), 'eu']]) });
  expect(fromEu.issues).toMatchObject([{ code: 'scope.pipeline_elsewhere' }]);
  expect(fromEu.issues[0]?.message).toContain('main');
  expect(moved.issues).toMatchObject([{ code: 'scope.pipeline_elsewhere' }]);
  expect(moved.issues[0]?.message).toContain('eu');
  expect(moved.draft.pipelines).toHaveLength(1);
});

test('[AP9.2] the difference says that a pipeline changed its document', () => {
  const last = applyAll(EMPTY_CONFIG, 'main', draft([pipeline('b')]));
  const next = applyAll(last, 'eu', draft([pipeline('b')]));
  expect(diffManifests(last, next).pipelines).toMatchObject([
    { kind: 'changed', id: 'b', fields: [{ path: '/doc', after: 'eu' }] },
  ]);
});

test('[AP13.14] a file names its document or none; entries of another one are listed', () => {
  const plain = draft([pipeline('a')], [variable('V', '1')]);
  const ofEu = inDocument(plain, 'eu');
  expect(foreignEntries(plain, 'eu')).toEqual([]);
  expect(foreignEntries(ofEu, 'eu')).toEqual([]);
  expect(withoutDocument(ofEu)).toEqual(plain);
  expect(inDocument(ofEu, 'main')).toEqual(plain);
  expect(foreignEntries(ofEu, 'main').map(({ path }) => path)).toEqual([
    '/pipelines/a/doc',
    '/variables/V/doc',
  ]);
  const mixed = draft([...ofEu.pipelines, pipeline('b')]);
  expect(foreignEntries(mixed, 'eu')).toMatchObject([{ path: '/pipelines/b/doc', code: 'doc.other' }]);
});
