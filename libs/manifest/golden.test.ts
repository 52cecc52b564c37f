// What was published in each format is read for ever as it was meant, and written as it was written. A golden file is added with a
// format and never changed after: when this fails, what was published could not be read any more.
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '@hakiri/base/bytes';
import { canonicalJson, isRecord, type Json } from '@hakiri/base/json';
import { asJson } from './canonical.ts';
import { digestOf } from './digest.ts';
import { MANIFEST_FORMAT, READABLE_FORMATS } from './format.ts';
import { parseManifest } from './parse.ts';
import { renderManifest } from './render.ts';
import { decodeIndex } from './revision-index.ts';
import { asManifest } from './shape.ts';
import { validateConfig } from './validate.ts';

const GOLDEN = join(import.meta.dir, 'golden');
const read = (name: string) => readFileSync(join(GOLDEN, name), 'utf8');
const manifestOf = (toml: string) => {
  const parsed = parseManifest(toml);
  if (parsed.kind !== 'parsed') throw new Error(JSON.stringify(parsed.issues));
  const shaped = asManifest(parsed.draft);
  if (shaped.kind !== 'manifest') throw new Error(shaped.reason);
  return shaped.manifest;
};

test('[AP3.21] there is a golden file of every format that is read, and the last two are', () => {
  const formats = readdirSync(GOLDEN).flatMap((name) => /^manifest@([0-9]+)\.toml$/.exec(name)?.[1] ?? []);
  expect(formats.map(Number).sort()).toEqual([...READABLE_FORMATS]);
  expect(READABLE_FORMATS).toContain(MANIFEST_FORMAT);
  if (MANIFEST_FORMAT > 1) expect(READABLE_FORMATS).toContain(MANIFEST_FORMAT - 1);
});

for (const format of READABLE_FORMATS) {
  test(`[AP3.21] a manifest of format ${format} means what it meant`, () => {
    const manifest = manifestOf(read(`manifest@${format}.toml`));
    const meant: Json = JSON.parse(read(`manifest@${format}.json`));
    expect(canonicalJson(asJson(manifest))).toBe(canonicalJson(meant));
    // Live already: what came under a rule since then is a warning.
    const { config, issues } = validateConfig(manifest, { applied: manifest });
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(config).toBeDefined();
  });
}

test('[AP3.21] the newest format is written byte for byte as its golden file, with the digest that it had', async () => {
  const golden = read(`manifest@${MANIFEST_FORMAT}.toml`);
  expect(renderManifest(manifestOf(golden))).toBe(golden);
  expect(await digestOf(utf8(golden))).toBe(read(`manifest@${MANIFEST_FORMAT}.digest`).trim());
});

test('[AP3.21] both formats of the index are read', () => {
  for (const format of [1, 2] as const) {
    const found = decodeIndex(utf8(read(`index@${format}.json`)));
    expect(found?.format).toBe(format);
    expect(found?.index.revisions.map(({ sequence, number, minor }) => [sequence, number, minor])).toEqual(
      format === 1
        ? [
            [2, 2, 0],
            [1, 1, 0],
          ]
        : [
            [3, 2, 1],
            [2, 2, 0],
            [1, 1, 0],
          ],
    );
  }
  expect(isRecord(JSON.parse(read('index@2.json')))).toBe(true);
});
