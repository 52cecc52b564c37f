import { expect, test } from 'bun:test';
import type { ConfigDraft } from '@hakiri/contracts/config';
import { anyManifest } from '@hakiri/testing/config-arbitraries';

import Ajv from 'ajv';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { planImport } from './import.ts';
import { parseManifest } from './parse.ts';
import { renderManifest } from './render.ts';
import { hakiriTomlSchema } from './toml-schema.ts';
import { validateConfig } from './validate.ts';

const FILE = `
[[pipeline]]
id = "orders"
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "orders" }
schedule = { kind = "every", expr = "15m" }
[[pipeline.transforms]]
kind = "filter"
body = "amount > 10"
[[pipeline.transforms]]
kind = "select"
inputs = ["amount"]
[pipeline.schema]
amount = "int64"

[[variable]]
name = "SPARE"
value = "1"
`;
const NOTHING: ConfigDraft = { pipelines: [], variables: [] };

function keys(): () => string {
  let count = 0;
  return () => `01J${String(++count).padStart(23, '0')}`;
}
function fileOf(toml: string): ConfigDraft {
  const parsed = parseManifest(toml);
  if (parsed.kind !== 'parsed') throw new Error(parsed.issues[0]?.message);
  return parsed.draft;
}

test('[AP13] a file without keys is created once; importing it again changes nothing', () => {
  const newKey = keys();
  const first = planImport(fileOf(FILE), NOTHING, newKey);
  expect([first.created, first.updated, first.unchanged]).toEqual([['orders'], [], []]);
  expect(validateConfig(first.draft).config).toBeDefined();
  const current = { pipelines: first.put, variables: first.putVariables };
  const second = planImport(fileOf(FILE), current, newKey);
  expect([second.put, second.putVariables, second.unchanged]).toEqual([[], [], ['orders']]);
});

test('[AP13] an edited file changes what it edits and keeps the identity of everything', () => {
  const newKey = keys();
  const first = planImport(fileOf(FILE), NOTHING, newKey);
  const current = { pipelines: first.put, variables: first.putVariables };
  const edited = FILE.replace('amount > 10', 'amount > 20').replace('"15m"', '"30m"');
  const { put, updated } = planImport(fileOf(edited), current, newKey);
  expect(updated).toEqual(['orders']);
  const expected = structuredClone(first.put);
  const [orders] = expected;
  if (orders === undefined || !Array.isArray(orders.transforms)) throw new Error('it was created');
  orders.schedule = { kind: 'every', expr: '30m' };
  orders.transforms[0].body = 'amount > 20';
  expect(put).toEqual(expected);
});

test('[AP13] what the file does not have is named, not deleted', () => {
  const newKey = keys();
  const current = planImport(fileOf(FILE), NOTHING, newKey).draft;
  const { absent, put } = planImport(NOTHING, current, newKey);
  expect(absent.map(({ id }) => id)).toEqual(['orders']);
  expect(put).toEqual([]);
});

test('[AP13] a published manifest imports into an empty document and back without a change', () => {
  fc.assert(
    fc.property(anyManifest, (manifest) => {
      const { config } = validateConfig(manifest);
      if (config === undefined) throw new Error('it is valid');
      const file = fileOf(renderManifest(config));
      const plan = planImport(file, NOTHING, keys());
      expect(validateConfig(plan.draft).config).toEqual(config);
      const again = planImport(file, plan.draft, keys());
      expect([again.put, again.putVariables]).toEqual([[], []]);
    }),
    { numRuns: 100 },
  );
});

test('[AP13] the JSON Schema of hakiri.toml takes hand-written files and published manifests', () => {
  const schema = hakiriTomlSchema();
  const accepts = new Ajv({ strictTypes: false }).compile(schema);
  expect(accepts(parse(FILE))).toBe(true);
  expect(accepts(parse(FILE.replace('id =', 'idd =')))).toBe(false);
  expect(JSON.parse(JSON.stringify(schema)).properties.pipeline.items.required).toEqual([
    'id',
    'source',
    'destination',
    'schedule',
  ]);
});
