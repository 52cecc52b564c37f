// The document as a file that import takes back unchanged.
import type { ConfigDraft } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { renderManifest } from '@hakiri/manifest/render';
import { asManifest, canonicalDraft } from '@hakiri/manifest/shape';
import { validateConfig } from '@hakiri/manifest/validate';

/** Whatever people have typed so far. */
export function exportJson(draft: ConfigDraft): string {
  return `${JSON.stringify(canonicalDraft(draft), null, 2)}\n`;
}

/** TOML holds what has the shape of a manifest, valid or not. @throws ProblemError with what has not. */
export function exportToml(draft: ConfigDraft): string {
  const shaped = asManifest(draft);
  if (shaped.kind === 'manifest') return renderManifest(shaped.manifest);
  throw new ProblemError(
    'invalid_config',
    'TOML cannot hold the document as it is. Mend what `issues` lists, or export with format=json.',
    validateConfig(draft).issues,
  );
}
