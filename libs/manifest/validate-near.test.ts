// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations refer to variables
// What is remembered between validations changes what they cost, never what they say.
import { expect, test } from 'bun:test';
import type { ConfigDraft, ManifestConfig, PipelineDraft } from '@hakiri/contracts/config';
import { anyDraft, anyPipeline, anyVariable } from '@hakiri/testing/config-arbitraries';
import fc from 'fast-check';
import { renderManifest } from './render.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';
import { validateConfig } from './validate.ts';

/** A few ids, keys, names and triggers, so that entries get in each other's way. */
const anyEntry: fc.Arbitrary<PipelineDraft> = fc
  .record({
    pipeline: fc.oneof({ weight: 8, arbitrary: anyPipeline }, { weight: 1, arbitrary: anyDraft }),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    key: fc.constantFrom('K', 'L', 'M', 'N', '').map((key) => (key === '' ? '' : `01J${key.repeat(23)}`)),
    target: fc.constantFrom('a', 'b', 'e', undefined),
    variable: fc.constantFrom('A', 'B', undefined),
    node: fc.constantFrom('mac', 'linux', undefined),
  })
  .map(({ pipeline, id, key, target, variable, node }) => ({
    ...pipeline,
    id,
    key,
    ...(target === undefined ? {} : { schedule: { kind: 'on-event', expr: `pipeline.finished:${target}` } }),
    ...(variable === undefined ? {} : { source: { kind: 'x', ref: `\${${variable}}` } }),
    ...(node === undefined ? {} : { placement: { kind: 'node', target: node } }),
  }));
const anyConfig: fc.Arbitrary<ConfigDraft> = fc.record({
  pipelines: fc.array(anyEntry, { maxLength: 5 }),
  variables: fc.array(
    fc.tuple(anyVariable, fc.constantFrom('A', 'B', 'C')).map(([variable, name]) => ({ ...variable, name })),
    { maxLength: 3 },
  ),
});
const places = { nodes: ['mac'], pools: [], labels: [] };

/** Half of what was there stays, as the very same entries. */
function mixed(applied: ManifestConfig | undefined, draft: ConfigDraft, seed: number): ConfigDraft {
  const staying = (applied?.pipelines ?? []).filter((_, index) => (seed >> index) % 2 === 0);
  return { ...draft, pipelines: [...staying, ...draft.pipelines] };
}

test('[AP2.6] what is remembered of entries changes no answer: issues, their order, the configuration', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyConfig, fc.nat()), { minLength: 2, maxLength: 6 }), (steps) => {
      let applied: ManifestConfig | undefined;
      for (const [draft, seed] of steps) {
        const next = mixed(applied, draft, seed);
        const near = validateConfig(next, { applied, places });
        const anew = validateConfig(structuredClone(next), { applied: structuredClone(applied), places });
        expect(near).toEqual(anew);
        if (near.config === undefined) continue;
        expect(renderManifest(near.config)).toBe(renderManifest(structuredClone(near.config)));
        applied = near.config;
      }
    }),
    { numRuns: 400 },
  );
});

test('[AP2.6] validating beside the same configuration again and again says the same', () => {
  const key = (name: string) => `01J${name.repeat(23)}`;
  const { config: applied } = validateConfig({
    pipelines: [pipelineDraft(key('A'), 'a'), pipelineDraft(key('B'), 'b')],
    variables: [],
  });
  if (applied === undefined) throw new Error('it is valid');
  const twice = { pipelines: [...applied.pipelines, ...applied.pipelines], variables: [] };
  const codes = (draft: ConfigDraft) => validateConfig(draft, { applied }).issues.map(({ code }) => code);
  for (let round = 0; round < 3; round++) {
    expect(codes(applied)).toEqual([]);
    expect(codes({ ...applied, pipelines: [...applied.pipelines, pipelineDraft(key('C'), 'a')] })).toEqual([
      'id.duplicate',
      'id.duplicate',
    ]);
    expect(codes(twice)).toHaveLength(8);
  }
});
