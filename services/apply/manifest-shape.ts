// When a draft has the shape of a manifest: by its schema alone, whatever it means.
import { type ConfigDraft, ManifestConfig } from '@hakiri/contracts/config';
import { canonicalPipeline, canonicalVariable } from '@hakiri/manifest/canonical';
import { TypeCompiler } from '@sinclair/typebox/compiler';

const isManifest = TypeCompiler.Compile(ManifestConfig);

export function canonicalDraft({ pipelines, variables }: ConfigDraft): ConfigDraft {
  return { pipelines: pipelines.map(canonicalPipeline), variables: variables.map(canonicalVariable) };
}

/** Undefined when it has not. */
export function asManifest(draft: ConfigDraft): ManifestConfig | undefined {
  const config: unknown = canonicalDraft(draft);
  return isManifest.Check(config) ? config : undefined;
}
