// The example of the first steps goes live as it is.
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKey } from '@hakiri/config-doc/schema';
import { planImport } from '@hakiri/manifest/import';
import { parseManifest } from '@hakiri/manifest/parse';
import { validateConfig } from '@hakiri/manifest/validate';

test('[PG1.28] the example is valid, without a warning', () => {
  const parsed = parseManifest(readFileSync(join(import.meta.dir, 'example.toml'), 'utf8'));
  if (parsed.kind !== 'parsed') throw new Error(JSON.stringify(parsed.issues));
  const { draft } = planImport(parsed.draft, { pipelines: [], variables: [] }, newKey);
  const { config, issues } = validateConfig(draft);
  expect(issues).toEqual([]);
  expect(config?.pipelines.map(({ id }) => id)).toContain('orders');
});
