import { expect, test } from 'bun:test';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { anyManifest, anyText } from '@hakiri/testing/config-arbitraries';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { parseManifest } from './parse.ts';
import { renderManifest } from './render.ts';
import { tomlLine } from './toml-text.ts';
import { validateConfig } from './validate.ts';

function readBack(toml: string): ManifestConfig {
  const parsed = parseManifest(toml);
  if (parsed.kind !== 'parsed') throw new Error(parsed.issues[0]?.message);
  const { config, issues } = validateConfig(parsed.draft);
  if (config === undefined) throw new Error(JSON.stringify(issues));
  return config;
}

test('[AP3] rendering, parsing and rendering again gives the same bytes', () => {
  fc.assert(
    fc.property(anyManifest, (manifest) => {
      const { config, issues } = validateConfig(manifest);
      expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
      if (config === undefined) return;
      const toml = renderManifest(config);
      const again = readBack(toml);
      expect(again).toEqual(config);
      expect(renderManifest(again)).toBe(toml);
    }),
    { numRuns: 300 },
  );
});

test('[AP3] the order in which pipelines, tags and options are given does not show', () => {
  fc.assert(
    fc.property(anyManifest, (manifest) => {
      const shuffled = {
        pipelines: manifest.pipelines.toReversed().map((pipeline) => ({
          ...pipeline,
          tags: pipeline.tags.toReversed(),
          source: Object.fromEntries(Object.entries(pipeline.source).toReversed()),
          schema: Object.fromEntries(Object.entries(pipeline.schema).toReversed()),
        })),
        variables: manifest.variables.toReversed(),
      };
      const [a, b] = [validateConfig(manifest).config, validateConfig(shuffled).config];
      if (a === undefined || b === undefined) throw new Error('both are valid');
      expect(renderManifest(a)).toBe(renderManifest(b));
    }),
    { numRuns: 100 },
  );
});

test('[AP3] any text is one TOML value that reads back exactly', () => {
  fc.assert(
    fc.property(anyText(200), (text) => {
      expect(parse(tomlLine('text', text))).toEqual({ text: text.toWellFormed() });
    }),
    { numRuns: 3000 },
  );
});

test('[AP3] several lines stay several lines', () => {
  expect(tomlLine('body', 'a > 1\nand b < 2')).toBe('body = """\na > 1\nand b < 2"""');
  expect(tomlLine('body', '\\d+\n')).toBe("body = '''\n\\d+\n'''");
  expect(tomlLine('body', 'say ""\n"')).toBe('body = """\nsay \\""\n\\""""');
});

test('[AP3] numbers read back as what they were', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      expect(parse(tomlLine('number', number))).toEqual({ number: number === 0 ? 0 : number });
    }),
  );
  expect(tomlLine('number', 2 ** 60)).toBe('number = 1152921504606847000.0');
  expect(tomlLine('number', 3)).toBe('number = 3');
});

test('[AP3] a manifest reads like this', () => {
  const manifest: ManifestConfig = {
    pipelines: [
      {
        key: '01M7YAH3NQYS8CRJ7TWPVDWFMZ',
        id: 'orders',
        name: 'Orders',
        description: '',
        tags: ['shop'],
        group: 'sales/daily',
        enabled: true,
        source: { kind: 'csv-file', ref: 'orders.csv' },
        destination: { table: 'orders', partition_by: 'day' },
        schedule: { kind: 'cron', expr: '0 6 * * *', timezone: 'Europe/Berlin' },
        placement: { kind: 'auto' },
        transforms: [
          {
            key: '01M7YAH3NQYS8CRJ7TWPVDWFN0',
            kind: 'filter',
            body: 'amount > 10\nand country == "DE"',
            inputs: ['amount'],
          },
        ],
        schema: { day: { type: 'date' }, 'unit price': { type: 'float64', nullable: true } },
      },
    ],
    variables: [{ key: '01M7YAH3NQYS8CRJ7TWPVDWFN1', name: 'MIN', value: '10', comment: '' }],
  };
  expect(
    renderManifest(manifest),
  ).toBe(`# hakiri manifest. Published by an Apply and never changed after; edit the document instead.
format = 1

[[pipeline]]
key = "01M7YAH3NQYS8CRJ7TWPVDWFMZ"
id = "orders"
name = "Orders"
description = ""
tags = ["shop"]
group = "sales/daily"
enabled = true
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "orders", partition_by = "day" }
schedule = { kind = "cron", expr = "0 6 * * *", timezone = "Europe/Berlin" }
placement = { kind = "auto" }

[[pipeline.transforms]]
key = "01M7YAH3NQYS8CRJ7TWPVDWFN0"
kind = "filter"
body = """
amount > 10
and country == "DE\\""""
inputs = ["amount"]

[pipeline.schema]
day = { type = "date" }
"unit price" = { type = "float64", nullable = true }

[[variable]]
key = "01M7YAH3NQYS8CRJ7TWPVDWFN1"
name = "MIN"
value = "10"
comment = ""
`);
});
