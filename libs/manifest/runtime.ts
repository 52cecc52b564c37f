// What of a configuration runs: everything but the fields that only people read. While it is the same, no daemon has anything to do.
import type { ManifestConfig, PipelineConfig, VariableConfig } from '@hakiri/contracts/config';
import { asCanonicalAs } from './canonical.ts';
import { isSameEntry } from './merge.ts';
import { betweenSameEnds } from './same-ends.ts';

/** Fields that only people read, with what stands in their place. Its name defaults to a pipeline's id, which is of what runs. */
const COSMETIC = { description: '', tags: [], group: '' } satisfies Partial<PipelineConfig>;
const COSMETIC_OF_VARIABLE = { comment: '' } satisfies Partial<VariableConfig>;

const ofPipelines = new WeakMap<PipelineConfig, PipelineConfig>();
const ofVariables = new WeakMap<VariableConfig, VariableConfig>();

/** The same for configurations that differ in names, descriptions, tags, groups, comments and owning documents alone. */
export function runtimeOf({ pipelines, variables }: ManifestConfig): ManifestConfig {
  return { pipelines: pipelines.map(runtimeOfPipeline), variables: variables.map(runtimeOfVariable) };
}

/** Whether `runtimeOf` both renders the same. Looks only into entries that are not the very same. */
export function runsTheSame(a: ManifestConfig, b: ManifestConfig): boolean {
  return (
    isEachSame(a.pipelines, b.pipelines, runtimeOfPipeline) &&
    isEachSame(a.variables, b.variables, runtimeOfVariable)
  );
}

function isEachSame<Entry extends { key: string }>(
  allA: readonly Entry[],
  allB: readonly Entry[],
  runtime: (entry: Entry) => Entry,
): boolean {
  if (allA.length !== allB.length) return false;
  const { a, b } = betweenSameEnds(allA, allB);
  const byKey = new Map(a.map((entry) => [entry.key, entry]));
  if (byKey.size !== a.length) return false;
  return b.every((entry) => {
    const other = byKey.get(entry.key);
    byKey.delete(entry.key);
    return other !== undefined && (other === entry || isSameEntry(runtime(other), runtime(entry)));
  });
}

function runtimeOfPipeline(pipeline: PipelineConfig): PipelineConfig {
  const known = ofPipelines.get(pipeline);
  if (known !== undefined) return known;
  const { doc, ...fields } = pipeline;
  const runtime = asCanonicalAs(pipeline, { ...fields, ...COSMETIC, name: pipeline.id });
  ofPipelines.set(pipeline, runtime);
  return runtime;
}

function runtimeOfVariable(variable: VariableConfig): VariableConfig {
  const known = ofVariables.get(variable);
  if (known !== undefined) return known;
  const { doc, ...fields } = variable;
  const runtime = asCanonicalAs(variable, { ...fields, ...COSMETIC_OF_VARIABLE });
  ofVariables.set(variable, runtime);
  return runtime;
}
