// What is found out in pieces is what is found out at once.
import { expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import type { ConfigDraft, ManifestConfig, PipelineDraft } from '@hakiri/contracts/config';
import { canonicalPipeline } from './canonical.ts';
import { changedNames, diffManifests } from './diff.ts';
import { learnDraft } from './learn.ts';
import { mergeScope } from './merge.ts';
import { validateConfig } from './validate.ts';

const ALL = { kind: 'all' } as const;
const SEED = 7;

function pipeline(number: number, description: string): PipelineDraft {
  return {
    key: `01HZ${String(number).padStart(22, '0')}`,
    id: `p-${number}`,
    name: '',
    description,
    tags: ['b', 'a'],
    group: 'g',
    enabled: true,
    source: { kind: 'csv', ref: `p-${number}.csv` },
    destination: { table: `raw.p${number}` },
    schedule: { kind: 'cron', expr: '0 6 * * *' },
    placement: { kind: 'auto' },
    transforms: [],
    schema: {},
  };
}

function learned(
  draft: ConfigDraft,
  doc: string,
  applied?: ManifestConfig,
): { draft: ConfigDraft; pieces: number } {
  const work = learnDraft(draft, doc, applied);
  for (let pieces = 0; ; pieces++) {
    const { done, value } = work.next();
    if (done) return { draft: value, pieces };
  }
}

function configOf(draft: ConfigDraft, doc = 'main'): ManifestConfig {
  const { config } = validateConfig(mergeScope({ pipelines: [], variables: [] }, ALL, draft, { doc }).draft);
  if (!config) throw new Error('not valid');
  return config;
}

test('[AP4.10] a draft that was learnt in pieces comes to the same, and what did not change is the applied entry itself', () => {
  for (const doc of ['main', 'finance']) {
    const before = { pipelines: [1, 2, 3].map((n) => pipeline(n, 'a')), variables: [] };
    const applied = configOf(learned(before, doc).draft, doc);
    const draft = { pipelines: [pipeline(1, 'a'), pipeline(2, 'b'), pipeline(4, 'a')], variables: [] };
    const { draft: known, pieces } = learned(draft, doc, applied);
    expect(pieces).toBe(3);
    expect<unknown>(known.pipelines[0]).toBe(applied.pipelines.find(({ id }) => id === 'p-1'));
    for (const one of known.pipelines) expect(canonicalPipeline(one)).toBe(one);
    const merge = (from: ConfigDraft) => mergeScope(applied, ALL, from, { doc });
    expect(merge(known)).toEqual(merge(draft));
    // What was learnt is used and not made again.
    expect(merge(known).draft.pipelines.every((one) => known.pipelines.includes(one))).toBe(true);
  }
});

test(`[AP9.2] what changed is what the difference names, from seed ${SEED}`, () => {
  const prng = createPrng(SEED);
  for (let round = 0; round < 200; round++) {
    const some = (): ManifestConfig =>
      configOf({
        pipelines: Array.from({ length: 8 }, (_, n) => pipeline(n, `${prng.below(2)}`)).filter(
          () => prng.next() < 0.8,
        ),
        variables: [],
      });
    const [from, to] = [some(), some()];
    const diff = diffManifests(from, to);
    expect(changedNames(from, to)).toEqual([...diff.pipelines, ...diff.variables].map(({ id }) => id));
  }
});
