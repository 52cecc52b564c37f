import { describe, expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import type { ConfigDraft, ManifestConfig, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { EMPTY_CONFIG } from './canonical.ts';
import { takeCosmetic } from './cosmetic.ts';
import { discardPipeline, discardVariable } from './discard.ts';
import { comparePending } from './pending.ts';
import { renderManifest } from './render.ts';
import { runtimeOf } from './runtime.ts';
import { asManifest } from './shape.ts';

const SEED = Number(process.env.HAKIRI_SEED ?? 1);
const HISTORIES = Number(process.env.HAKIRI_HISTORIES ?? 150);
const key = (name: string): string => name.padStart(26, '0');
const STEPS = ['A', 'B', 'C'].map(key);

function randomPipeline(prng: Prng, at: number): PipelineDraft {
  const steps = STEPS.filter(() => prng.below(2) === 0).sort(() => prng.next() - 0.5);
  return {
    key: key(`P${at}`),
    id: prng.pick([`p-${at}`, `q-${at}`]),
    name: prng.pick(['', 'one', 'two']),
    description: prng.pick(['', 'text']),
    tags: prng.pick([[], ['x'], ['y', 'x']]),
    group: prng.pick(['', 'a', 'a/b']),
    enabled: prng.below(2) === 0,
    source: { kind: 'csv', ref: prng.pick(['1', '2']), ...(prng.below(2) === 0 ? { limit: 3 } : {}) },
    destination: { table: 't' },
    schedule: { kind: 'every', expr: prng.pick(['1h', '2h']) },
    placement: { kind: 'auto' },
    transforms: steps.map((step) => ({ key: step, kind: 'filter', body: prng.pick(['x', 'y']), inputs: [] })),
    schema: Object.fromEntries(
      ['c', 'd']
        .filter(() => prng.below(2) === 0)
        .map((name) => [name, { type: prng.pick(['int', 'text']) }]),
    ),
  };
}

function randomVariable(prng: Prng, at: number): VariableDraft {
  return {
    key: key(`V${at}`),
    name: `V${at}`,
    value: prng.pick(['1', '2']),
    comment: prng.pick(['', 'c', 'd']),
  };
}

function randomDraft(prng: Prng): ConfigDraft {
  const some = [0, 1, 2, 3].filter(() => prng.below(3) > 0);
  return {
    pipelines: some.map((at) => randomPipeline(prng, at)),
    variables: [0, 1, 2].filter(() => prng.below(3) > 0).map((at) => randomVariable(prng, at)),
  };
}

function manifestOf(draft: ConfigDraft): ManifestConfig {
  const shaped = asManifest(draft);
  if (shaped.kind !== 'manifest') throw new Error(shaped.reason);
  return shaped.manifest;
}

/** As if everything had been touched. */
function compare(applied: ManifestConfig, { pipelines, variables }: ConfigDraft) {
  const gone = (from: readonly { key: string }[], now: readonly { key: string }[]): string[] =>
    from.map((one) => one.key).filter((one) => !now.some((other) => other.key === one));
  return comparePending(
    applied,
    {
      pipelines,
      variables,
      gone: {
        pipelines: gone(applied.pipelines, pipelines),
        variables: gone(applied.variables, variables),
      },
      tooLarge: [],
    },
    'main',
  );
}

function histories(run: (prng: Prng) => void): void {
  for (let seed = SEED; seed < SEED + HISTORIES; seed++)
    try {
      run(createPrng(seed));
    } catch (error) {
      throw new Error(`HAKIRI_SEED=${seed}: ${error instanceof Error ? error.message : error}`);
    }
}

describe('what is not live', () => {
  test('[AP8.2] is nothing exactly when the document renders as what is applied', () =>
    histories((prng) => {
      const [applied, now] = [manifestOf(randomDraft(prng)), randomDraft(prng)];
      const { pipelines, variables } = compare(applied, now);
      const isSame = renderManifest(applied) === renderManifest(manifestOf(now));
      expect(pipelines.length + variables.length === 0).toBe(isSame);
      expect(compare(manifestOf(now), now)).toMatchObject({ pipelines: [], variables: [] });
    }));

  test('[AP8.2] is only cosmetic exactly when what runs is the same', () =>
    histories((prng) => {
      const [applied, now] = [manifestOf(randomDraft(prng)), randomDraft(prng)];
      const { pipelines, variables } = compare(applied, now);
      const isSame = renderManifest(runtimeOf(applied)) === renderManifest(runtimeOf(manifestOf(now)));
      expect([...pipelines, ...variables].every(({ cosmetic }) => cosmetic)).toBe(isSame);
    }));

  test('[AP8.4] goes with each pipeline, each variable and each field that is discarded, and nothing else does', () =>
    histories((prng) => {
      const [applied, now] = [manifestOf(randomDraft(prng)), randomDraft(prng)];
      const { pipelines, variables } = compare(applied, now);
      for (const change of [...pipelines, ...variables]) {
        const isPipeline = pipelines.includes(change);
        const fields =
          change.kind === 'changed'
            ? change.fields.map(({ path }) => path).filter(() => prng.below(2) === 0)
            : [];
        const at = isPipeline ? ('pipelines' as const) : ('variables' as const);
        const before = compare(applied, now)[at].find((one) => one.key === change.key);
        const chosen = fields.length === 0 ? undefined : fields;
        const after = isPipeline
          ? {
              ...now,
              pipelines: discarded(now.pipelines, applied.pipelines, change.key, chosen, discardPipeline),
            }
          : {
              ...now,
              variables: discarded(now.variables, applied.variables, change.key, chosen, discardVariable),
            };
        const left = compare(applied, after)[at].find((one) => one.key === change.key);
        if (chosen === undefined) expect(left).toBeUndefined();
        else {
          const rest =
            before?.kind === 'changed' ? before.fields.filter(({ path }) => !fields.includes(path)) : [];
          const paths = left?.kind === 'changed' ? left.fields.map(({ path }) => path).sort() : [];
          // The order of steps is compared among those that both have: with one that comes back there may be more to say. A name
          // that is left empty follows the id.
          const known = (path: string): boolean => path !== '/transforms' && path !== '/name';
          expect(paths.filter(known)).toEqual(
            rest
              .map(({ path }) => path)
              .filter(known)
              .sort(),
          );
        }
      }
    }));
});

function discarded<Draft extends { key: string }>(
  now: readonly Draft[],
  applied: readonly Draft[],
  at: string,
  fields: readonly string[] | undefined,
  discard: (
    applied: Draft | undefined,
    now: Draft | undefined,
    fields?: readonly string[],
  ) => { kind: string; draft?: Draft },
): Draft[] {
  const find = (all: readonly Draft[]) => all.find(({ key: one }) => one === at);
  const made = discard(find(applied), find(now), fields);
  const others = now.filter(({ key: one }) => one !== at);
  if (made.kind === 'delete') return others;
  if (made.draft === undefined) throw new Error(`${made.kind} of ${fields}`);
  return [...others, made.draft];
}

describe('a minor revision', () => {
  test('[AP7.2] takes what only people read of what is applied, and nothing that runs; the rest stays as it is', () =>
    histories((prng) => {
      const [applied, now] = [manifestOf(randomDraft(prng)), randomDraft(prng)];
      const taken = takeCosmetic(applied, now, 'main');
      expect(renderManifest(runtimeOf(taken))).toBe(renderManifest(runtimeOf(applied)));
      expect(taken.pipelines.map((one) => one.key)).toEqual(applied.pipelines.map((one) => one.key));
      const { pipelines, variables } = compare(taken, now);
      expect([...pipelines, ...variables].filter(({ cosmetic }) => cosmetic)).toEqual([]);
      for (const change of [...pipelines, ...variables])
        if (change.kind === 'changed')
          expect(
            change.fields.filter(({ path }) => /^\/(description|tags|group|comment)/.test(path)),
          ).toEqual([]);
      expect(takeCosmetic(applied, now, 'other')).toEqual(applied);
      expect(takeCosmetic(EMPTY_CONFIG, now, 'main')).toEqual(EMPTY_CONFIG);
    }));

  test('[AP7.3] keeps the old value where an Apply would refuse the new one', () => {
    const applied = manifestOf({ pipelines: [randomPipeline(createPrng(1), 1)], variables: [] });
    const [entry] = applied.pipelines;
    const [draft] = applied.pipelines.map((one) => ({
      ...one,
      name: 'n'.repeat(201),
      description: 'fine',
      tags: [''],
    }));
    if (draft === undefined || entry === undefined) throw new Error('there is one');
    const taken = takeCosmetic(applied, { pipelines: [draft], variables: [] }, 'main');
    expect(taken.pipelines).toEqual([{ ...entry, description: 'fine' }]);
  });
});

test('[AP8.9] what was to be written is recognised in the document, also when its name was left empty', () => {
  const prng = createPrng(SEED);
  const draft = { ...randomPipeline(prng, 1), name: '' };
  expect(discardPipeline(draft, structuredClone(draft))).toEqual({ kind: 'same' });
});
