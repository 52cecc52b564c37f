// What of a configuration runs: everything but the fields that only people read. While it is the same, no daemon has anything to do.
import type { ManifestConfig, PipelineConfig, VariableConfig } from '@hakiri/contracts/config';

/** Fields that only people read, with what stands in their place. Its name defaults to a pipeline's id, which is of what runs. */
const COSMETIC = { description: '', tags: [], group: '' } satisfies Partial<PipelineConfig>;
const COSMETIC_OF_VARIABLE = { comment: '' } satisfies Partial<VariableConfig>;

/** The same for configurations that differ in names, descriptions, tags, groups, comments and owning documents alone. */
export function runtimeOf({ pipelines, variables }: ManifestConfig): ManifestConfig {
  return {
    pipelines: pipelines.map(({ doc, ...pipeline }) => ({ ...pipeline, ...COSMETIC, name: pipeline.id })),
    variables: variables.map(({ doc, ...variable }) => ({ ...variable, ...COSMETIC_OF_VARIABLE })),
  };
}
