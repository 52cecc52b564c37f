// What of a configuration runs: everything but the fields that only people read. While it is the same, no daemon has anything to do.
import type { ManifestConfig, PipelineConfig, VariableConfig } from '@hakiri/contracts/config';
import { asCanonicalAs } from './canonical.ts';

/** Fields that only people read, with what stands in their place. Its name defaults to a pipeline's id, which is of what runs. */
const COSMETIC = { description: '', tags: [], group: '' } satisfies Partial<PipelineConfig>;
const COSMETIC_OF_VARIABLE = { comment: '' } satisfies Partial<VariableConfig>;

const ofPipelines = new WeakMap<PipelineConfig, PipelineConfig>();
const ofVariables = new WeakMap<VariableConfig, VariableConfig>();

/** The same for configurations that differ in names, descriptions, tags, groups, comments and owning documents alone. */
export function runtimeOf({ pipelines, variables }: ManifestConfig): ManifestConfig {
  return {
    pipelines: pipelines.map((pipeline) => {
      const known = ofPipelines.get(pipeline);
      if (known !== undefined) return known;
      const { doc, ...fields } = pipeline;
      const runtime = asCanonicalAs(pipeline, { ...fields, ...COSMETIC, name: pipeline.id });
      ofPipelines.set(pipeline, runtime);
      return runtime;
    }),
    variables: variables.map((variable) => {
      const known = ofVariables.get(variable);
      if (known !== undefined) return known;
      const { doc, ...fields } = variable;
      const runtime = asCanonicalAs(variable, { ...fields, ...COSMETIC_OF_VARIABLE });
      ofVariables.set(variable, runtime);
      return runtime;
    }),
  };
}
