// The published JSON Schema, judged by a validator that editors' authors use, not by the one that wrote it.
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '@hakiri/base/json';
import Ajv from 'ajv';
import { parse } from 'smol-toml';
import { hakiriTomlSchema } from './toml-schema.ts';

const GOLDEN = join(import.meta.dir, 'golden/hakiri-toml.schema.1.json');
const validate = new Ajv({ strict: true, strictTypes: false, allErrors: true }).compile(hakiriTomlSchema());
const example = readFileSync(join(import.meta.dir, '../../examples/hakiri.toml'), 'utf8');
const PIPELINE = `[[pipeline]]
id = "a"
source = { kind = "csv-file", ref = "a.csv" }
destination = { table = "a" }
schedule = { kind = "every", expr = "1h" }
`;

test('[AP2.7] a real validator accepts the example and a smallest file', () => {
  expect(validate(parse(example))).toBe(true);
  expect(validate(parse(PIPELINE))).toBe(true);
  expect(
    validate(parse(`${PIPELINE}[pipeline.schema]\na = "int64"\nb = { type = "utf8", nullable = true }\n`)),
  ).toBe(true);
  expect(validate({})).toBe(true);
});

test('[AP2.7] it refuses what is known to be wrong, at its place', () => {
  const wrong: [string, string][] = [
    [PIPELINE.replace('"a"', '"Not An Id"'), '/pipeline/0/id'],
    [PIPELINE.replace('schedule', 'shedule'), '/pipeline/0'],
    [PIPELINE.replace('every', 'hourly'), '/pipeline/0/schedule'],
    [PIPELINE.replace('1h', 'often'), '/pipeline/0/schedule'],
    [PIPELINE.replace('ref = "a.csv"', 'rf = "a.csv"'), '/pipeline/0/source'],
    [PIPELINE.replace('table = "a"', 'table = "a b"'), '/pipeline/0/destination/table'],
    [`${PIPELINE}enabled = "yes"\n`, '/pipeline/0/enabled'],
    [`${PIPELINE}placement = { kind = "cloud" }\n`, '/pipeline/0/placement/kind'],
    [`${PIPELINE}[[pipeline.transforms]]\nkind = "magic"\n`, '/pipeline/0/transforms/0/kind'],
    [`${PIPELINE}[pipeline.schema]\na = 3\n`, '/pipeline/0/schema/a'],
    ['[[variable]]\nname = "lower"\n', '/variable/0/name'],
    ['format = 99\n', '/format'],
    ['[[pipelines]]\n', ''],
  ];
  for (const [toml, place] of wrong) {
    expect([toml, validate(parse(toml))]).toEqual([toml, false]);
    expect(validate.errors?.some(({ instancePath }) => instancePath.startsWith(place))).toBe(true);
  }
});

test('[AP2.7] every field says what it is, in words that old editors know', () => {
  const seen: string[] = [];
  const walk = (schema: unknown, path: string): void => {
    if (Array.isArray(schema)) for (const [index, item] of schema.entries()) walk(item, `${path}/${index}`);
    if (!isRecord(schema)) return;
    for (const word of ['const', '$ref', '$defs', 'prefixItems', 'unevaluatedProperties'])
      expect([path, word in schema]).toEqual([path, false]);
    for (const [name, field] of Object.entries(isRecord(schema.properties) ? schema.properties : {})) {
      seen.push(name);
      expect([`${path}/${name}`, isRecord(field) && typeof field.description]).toEqual([
        `${path}/${name}`,
        'string',
      ]);
    }
    for (const [key, value] of Object.entries(schema)) walk(value, `${path}/${key}`);
  };
  walk(hakiriTomlSchema(), '');
  for (const name of ['pipeline', 'variable', 'timezone', 'partition_by', 'inputs', 'nullable'])
    expect(seen).toContain(name);
});

test('[AP2.7] a version of the schema is what it was published as: a change that refuses more is a new version', async () => {
  const text = `${JSON.stringify(hakiriTomlSchema(), null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN === '1') await Bun.write(GOLDEN, text);
  expect(text).toBe(readFileSync(GOLDEN, 'utf8'));
});
