// The example that the README, the demo and the conformance suite import.
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'smol-toml';
import { planImport } from './import.ts';
import { parseManifest } from './parse.ts';
import { hakiriTomlSchema } from './toml-schema.ts';
import { validateConfig } from './validate.ts';

const EXAMPLES = join(import.meta.dir, '../../examples');
const FILE_LIMIT_BYTES = 200 * 1024;
const text = readFileSync(join(EXAMPLES, 'hakiri.toml'), 'utf8');

function example() {
  const parsed = parseManifest(text);
  if (parsed.kind !== 'parsed') throw new Error(JSON.stringify(parsed.issues));
  let count = 0;
  const newKey = () => `01J${String(++count).padStart(23, '0')}`;
  return validateConfig(planImport(parsed.draft, { pipelines: [], variables: [] }, newKey).draft);
}

test('[AP13] the example is valid, without a warning', () => {
  const { config, issues } = example();
  expect(issues).toEqual([]);
  expect(config?.pipelines.length).toBeGreaterThanOrEqual(12);
  expect(new Ajv({ strictTypes: false }).validate(hakiriTomlSchema(), parse(text))).toBe(true);
});

test('[AP13] the example shows every kind of schedule, placement and transform', () => {
  const pipelines = example().config?.pipelines ?? [];
  const kinds = (of: (pipeline: (typeof pipelines)[number]) => string[]) =>
    [...new Set(pipelines.flatMap(of))].sort();
  expect(kinds(({ schedule }) => [schedule.kind])).toEqual(['cron', 'every', 'on-event']);
  expect(kinds(({ placement }) => [placement.kind])).toEqual(['auto', 'label', 'node']);
  expect(kinds(({ transforms }) => transforms.map(({ kind }) => kind))).toEqual([
    'filter',
    'polars',
    'select',
    'wasm',
  ]);
  expect(kinds(({ source }) => [source.kind])).toEqual(['csv-file', 'http-json', 'json-file']);
  expect(pipelines.some(({ group }) => group.split('/').length > 2)).toBe(true);
});

test('[AP13] what the reference node runs has its data beside it, in small files', () => {
  const local = (example().config?.pipelines ?? []).filter(
    ({ placement, source }) =>
      placement.kind === 'auto' && placement.target === undefined && source.kind !== 'http-json',
  );
  const files = readdirSync(join(EXAMPLES, 'data'));
  expect(local.length).toBeGreaterThanOrEqual(3);
  for (const { source } of local) expect(files).toContain(source.ref);
  for (const file of files)
    expect(statSync(join(EXAMPLES, 'data', file)).size).toBeLessThan(FILE_LIMIT_BYTES);
});
