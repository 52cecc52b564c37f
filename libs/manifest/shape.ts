// When a draft has the shape of a manifest: by its schema alone, whatever it means. What was valid once stays readable so,
// also when the rules grow.
import { type ConfigDraft, ManifestConfig } from '@hakiri/contracts/config';
import { canonicalPipeline, canonicalVariable } from './canonical.ts';
import { checker } from './checker.ts';

type Shaped = { kind: 'manifest'; manifest: ManifestConfig } | { kind: 'misfit'; reason: string };

const check = checker(ManifestConfig);

export function canonicalDraft({ pipelines, variables }: ConfigDraft): ConfigDraft {
  return { pipelines: pipelines.map(canonicalPipeline), variables: variables.map(canonicalVariable) };
}

export function asManifest(draft: ConfigDraft): Shaped {
  const manifest: unknown = canonicalDraft(draft);
  if (check.accepts(manifest)) return { kind: 'manifest', manifest };
  const [first] = check.faults(manifest);
  return {
    kind: 'misfit',
    reason: `${first?.path ?? ''}: ${first?.message ?? 'it does not fit its schema'}`,
  };
}
