// What people type in a history of the oracle: small entries whose fields take few values, so that they meet again and again.
import type { Prng } from '@hakiri/base/prng';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import type { Fields } from './fields.ts';
import type { OracleModel } from './model.ts';

export const GROUPS = ['x', 'x/y', 'z'];
const IDS = ['a', 'b', 'c', 'd'];
const NAMES = ['U', 'V', 'W'];
const PIPELINES = 4;
const VARIABLES = 3;

export const pipelineKey = (prng: Prng): string => keyOf(`P${prng.below(PIPELINES)}`);
export const variableKey = (prng: Prng): string => keyOf(`V${prng.below(VARIABLES)}`);

function keyOf(name: string): string {
  return name.padStart(26, '0');
}

/** As it was but for a field or two; new when there is none. */
export function anyPipeline(prng: Prng, key: string, before: Fields | undefined): PipelineDraft {
  const uses = NAMES.filter(() => prng.below(9) === 0).map((name) => `\${${name}}`);
  const made: PipelineDraft = {
    key,
    id: prng.below(8) > 0 ? (IDS[Number(key.at(-1))] ?? 'a') : prng.pick(IDS),
    name: prng.pick(['', 'one', 'two', prng.below(12) === 0 ? 'n'.repeat(201) : 'three']),
    description: prng.pick(['', 'text']),
    tags: prng.pick([[], ['x'], ['x', 'y']]),
    group: prng.pick(['', ...GROUPS]),
    enabled: prng.below(2) === 0,
    source: {
      kind: 'x',
      ref: ['r', ...uses].join(' '),
      ...(prng.below(2) === 0 ? { limit: prng.below(3) } : {}),
    },
    destination: { table: 't' },
    schedule:
      prng.below(8) > 0
        ? { kind: 'every', expr: prng.pick(['1h', '2h']) }
        : { kind: 'on-event', expr: `pipeline.finished:${prng.pick(IDS)}` },
    placement: { kind: 'auto' },
    transforms: [0, 1]
      .filter(() => prng.below(3) === 0)
      .map((at) => ({
        key: keyOf(`T${at}${key.at(-1)}`),
        kind: 'filter',
        body: prng.pick(['x', 'y']),
        inputs: [],
      })),
    schema: prng.below(2) === 0 ? {} : { c: { type: prng.pick(['int', 'text']) } },
  };
  if (before === undefined) return made;
  const changed = Object.entries(made).filter(() => prng.below(8) === 0);
  return { ...made, ...before, key, ...Object.fromEntries(changed) };
}

export function anyVariable(prng: Prng, key: string, others: readonly Fields[]): VariableDraft {
  const free = NAMES.filter((name) => !others.some((other) => other.name === name));
  return {
    key,
    name: free.length > 0 && prng.below(8) > 0 ? prng.pick(free) : prng.pick(NAMES),
    value: prng.pick(['1', '2']),
    comment: prng.pick(['', 'c', 'd']),
  };
}

export function anyScope(prng: Prng, { doc, live }: OracleModel): Scope {
  const entries = [...doc.pipelines.values(), ...live.pipelines.values()];
  const some = (): string[] =>
    Array.from({ length: 1 + prng.below(3) }, () => {
      const { key = 'nobody', id = 'nobody' } =
        entries.length === 0 || prng.below(12) === 0 ? {} : prng.pick(entries);
      return String(prng.below(2) === 0 ? key : id);
    });
  switch (prng.below(5)) {
    case 0:
    case 1:
      return { kind: 'all' };
    case 2:
      return { kind: 'group', group: prng.pick(GROUPS) };
    case 3:
      return { kind: 'pipelines', pipelines: [...new Set(some())] };
    default:
      return { kind: 'selection', groups: [prng.pick(GROUPS)], pipelines: prng.below(2) === 0 ? [] : some() };
  }
}
