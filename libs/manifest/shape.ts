// When a draft has the shape of a manifest: by its schema alone, whatever it means. What was valid once stays readable so,
// also when the rules grow.
import { type ConfigDraft, ManifestConfig } from '@hakiri/contracts/config';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { canonicalPipeline, canonicalVariable } from './canonical.ts';

type Shaped = { kind: 'manifest'; manifest: ManifestConfig } | { kind: 'misfit'; reason: string };

const check = TypeCompiler.Compile(ManifestConfig);

export function canonicalDraft({ pipelines, variables }: ConfigDraft): ConfigDraft {
  return { pipelines: pipelines.map(canonicalPipeline), variables: variables.map(canonicalVariable) };
}

export function asManifest(draft: ConfigDraft): Shaped {
  const manifest: unknown = canonicalDraft(draft);
  if (check.Check(manifest)) return { kind: 'manifest', manifest };
  const first = check.Errors(manifest).First();
  return {
    kind: 'misfit',
    reason: `${first?.path ?? ''}: ${first?.message ?? 'it does not fit its schema'}`,
  };
}
