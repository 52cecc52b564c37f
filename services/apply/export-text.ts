// The document as a file that import takes back unchanged.
import type { ConfigDraft } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { renderManifest } from '@hakiri/manifest/render';
import { validateConfig } from '@hakiri/manifest/validate';
import { asManifest, canonicalDraft } from './manifest-shape.ts';

/** Whatever people have typed so far. */
export function exportJson(draft: ConfigDraft): string {
  return `${JSON.stringify(canonicalDraft(draft), null, 2)}\n`;
}

/** TOML holds what has the shape of a manifest, valid or not. @throws ProblemError with what has not. */
export function exportToml(draft: ConfigDraft): string {
  const config = asManifest(draft);
  if (config) return renderManifest(config);
  throw new ProblemError(
    'invalid_config',
    'TOML cannot hold the document as it is. Mend what `issues` lists, or export with format=json.',
    validateConfig(draft).issues,
  );
}
