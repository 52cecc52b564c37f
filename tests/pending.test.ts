import { describe, expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { parseManifest } from '@hakiri/manifest/parse';
import { canonicalDraft } from '@hakiri/manifest/shape';
import { PendingModel } from './pending-model.ts';
import { openPendingWorld, type PendingWorld } from './pending-world.ts';

const SEED = Number(process.env.HAKIRI_SEED ?? 1);
const HISTORIES = Number(process.env.HAKIRI_HISTORIES ?? 5);
const STEPS = 30;
const key = (name: string): string => name.padStart(26, '0');

function pipeline(prng: Prng, at: number): PipelineDraft {
  return {
    key: key(`P${at}`),
    id: `p-${at}`,
    name: prng.pick(['one', 'two', prng.below(6) === 0 ? 'n'.repeat(201) : 'three']),
    description: prng.pick(['', 'text']),
    tags: prng.pick([[], ['x'], ['x', 'y']]),
    group: prng.pick(['', 'a', 'a/b']),
    enabled: prng.below(2) === 0,
    source: { kind: 'csv', ref: prng.pick(['1', '2']), ...(prng.below(2) === 0 ? { limit: 3 } : {}) },
    destination: { table: `t${at}` },
    schedule: { kind: 'every', expr: prng.pick(['1h', '2h']) },
    placement: { kind: 'auto' },
    transforms: [],
    schema: prng.below(2) === 0 ? {} : { c: { type: 'int' } },
  };
}

function variable(prng: Prng, at: number): VariableDraft {
  return {
    key: key(`V${at}`),
    name: `V${at}`,
    value: prng.pick(['1', '2']),
    comment: prng.pick(['', 'c', 'd']),
  };
}

/** As both sides say it, whatever the order. */
function told(changes: readonly { key: string }[]): unknown[] {
  const plain: { key: string; fields?: { path: string }[] }[] = JSON.parse(JSON.stringify(changes));
  for (const change of plain) {
    change.fields?.sort((a, b) => (a.path < b.path ? -1 : 1));
    if ('moved' in change) delete change.moved;
  }
  return plain.sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function agree(world: PendingWorld, model: PendingModel): Promise<void> {
  const [found, expected] = [await world.pending(), model.pending()];
  expect(told(found.pipelines)).toEqual(told(expected.pipelines));
  expect(told(found.variables)).toEqual(told(expected.variables));
}

async function isLive(world: PendingWorld, model: PendingModel): Promise<void> {
  const [newest] = await world.revisions();
  expect(newest?.label ?? 'v0').toBe(model.label());
  const parsed = parseManifest(await world.body());
  if (parsed.kind !== 'parsed') throw new Error('what was published parses');
  const byKey = (entries: readonly { key: string }[]) => new Map(entries.map((one) => [one.key, one]));
  const { pipelines, variables } = canonicalDraft(parsed.draft);
  for (const [entries, live] of [
    [byKey(pipelines), model.live.pipelines],
    [byKey(variables), model.live.variables],
  ] as const) {
    expect([...entries.keys()].sort()).toEqual([...live.keys()].sort());
    for (const [one, entry] of live) expect(entries.get(one)).toMatchObject(entry);
  }
}

async function step(prng: Prng, world: PendingWorld, model: PendingModel): Promise<void> {
  const choice = prng.below(15);
  const at = prng.below(4);
  if (choice < 5) {
    const draft = pipeline(prng, at);
    model.doc.pipelines.set(draft.key, { ...draft });
    await world.edit({ put: [draft] });
  } else if (choice === 5) {
    model.doc.pipelines.delete(key(`P${at}`));
    await world.edit({ delete: [key(`P${at}`)] });
  } else if (choice === 6) {
    const draft = variable(prng, at);
    model.doc.variables.set(draft.key, { ...draft });
    await world.edit({ putVariables: [draft] });
  } else if (choice === 7) {
    model.doc.variables.delete(key(`V${at}`));
    await world.edit({ deleteVariables: [key(`V${at}`)] });
  } else if (choice === 8) {
    const isValid = model.isValid(model.doc.pipelines.keys());
    const { state } = await world.apply({ kind: 'all' });
    expect(state === 'published').toBe(isValid);
    if (isValid) model.applyAll();
  } else if (choice < 11) {
    const known = [...new Set([...model.doc.pipelines.keys(), ...model.live.pipelines.keys()])];
    const keys = known.filter(() => prng.below(2) === 0);
    if (keys.length === 0) return;
    const isValid = model.isValid(keys);
    const { state } = await world.apply({ kind: 'pipelines', pipelines: keys });
    expect(state === 'published').toBe(isValid);
    if (isValid) model.applySome(keys);
  } else if (choice === 11) {
    if (model.name.number === 0) return;
    model.minor();
    await world.rest();
  } else if (choice < 14) await discard(prng, world, model);
  else await world.restart();
}

async function discard(prng: Prng, world: PendingWorld, model: PendingModel): Promise<void> {
  const { pipelines, variables } = model.pending();
  const kind = prng.pick(['pipelines', 'variables'] as const);
  const all = kind === 'pipelines' ? pipelines : variables;
  if (all.length === 0) return;
  const change = prng.pick(all);
  const paths = (change.fields ?? []).map(({ path }) => path).filter(() => prng.below(2) === 0);
  const fields = paths.length === 0 ? undefined : paths;
  model.discard(kind, change.key, fields);
  const chosen = fields === undefined ? {} : { fields };
  const result = await world.discard(
    kind === 'pipelines'
      ? { pipelines: [{ pipeline: change.key, ...chosen }] }
      : { variables: [{ variable: change.key, ...chosen }] },
  );
  expect(result).toMatchObject({ discarded: [change.key], kept: [] });
}

describe('editing and going live', () => {
  test('[AP8.3] an oracle agrees with what is pending, what is discarded, partial Applies and minor revisions, over random histories and restarts', async () => {
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const prng = createPrng(seed);
      const world = await openPendingWorld();
      const model = new PendingModel();
      try {
        for (let count = 0; count < STEPS; count++) {
          await step(prng, world, model);
          await agree(world, model);
        }
        if (model.name.number > 0) await isLive(world, model);
      } catch (error) {
        throw new Error(`HAKIRI_SEED=${seed}: ${error instanceof Error ? error.message : error}`);
      } finally {
        await world.close();
      }
    }
  });
});
