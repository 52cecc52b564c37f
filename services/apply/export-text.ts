// The document as a file that import takes back unchanged.
import { type ConfigDraft, ManifestConfig } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { canonicalPipeline, canonicalVariable } from '@hakiri/manifest/canonical';
import { renderManifest } from '@hakiri/manifest/render';
import { validateConfig } from '@hakiri/manifest/validate';
import { TypeCompiler } from '@sinclair/typebox/compiler';

const isManifest = TypeCompiler.Compile(ManifestConfig);

function canonical(draft: ConfigDraft): ConfigDraft {
  return {
    pipelines: draft.pipelines.map(canonicalPipeline),
    variables: draft.variables.map(canonicalVariable),
  };
}

/** Whatever people have typed so far. */
export function exportJson(draft: ConfigDraft): string {
  return `${JSON.stringify(canonical(draft), null, 2)}\n`;
}

/** TOML holds what has the shape of a manifest, valid or not. @throws ProblemError with what has not. */
export function exportToml(draft: ConfigDraft): string {
  const config = canonical(draft);
  if (isManifest.Check(config)) return renderManifest(config);
  throw new ProblemError(
    'invalid_config',
    'TOML cannot hold the document as it is. Mend what `issues` lists, or export with format=json.',
    validateConfig(draft).issues,
  );
}
