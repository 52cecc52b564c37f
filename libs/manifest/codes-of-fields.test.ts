// What is said of every field: each code that is made of a field's name is what validation says of that field.
import { expect, test } from 'bun:test';
import type { ConfigDraft } from '@hakiri/contracts/config';
import { PIPELINE_ADVICE, VARIABLE_ADVICE } from './check-fields.ts';
import { validationCodes } from './codes.ts';
import { validateConfig } from './validate.ts';

const PIPELINE = {
  key: '01HZ0000000000000000000001',
  id: 'a',
  name: 'A',
  description: '',
  tags: [],
  group: '',
  enabled: true,
  source: { kind: 'csv', ref: '${V}' },
  destination: { table: 't' },
  schedule: { kind: 'every', expr: '1h' },
  placement: { kind: 'auto' },
  transforms: [],
  schema: {},
};
const VARIABLE = { key: '01HZ0000000000000000000002', name: 'V', value: 'v', comment: '' };

const without = (entry: Record<string, unknown>, field: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(entry).filter(([name]) => name !== field));
const codesOf = (draft: unknown): string[] =>
  // Of any shape, as a document may hold: the type says what people mean to write.
  validateConfig(JSON.parse(JSON.stringify(draft)) as ConfigDraft).issues.map(({ code }) => code);

test('[AP2.14] every field that is missing, or is nothing that it may be, is said with its code', () => {
  expect(codesOf({ pipelines: [PIPELINE], variables: [VARIABLE] })).toEqual([]);
  const kinds = [
    {
      prefix: '',
      advice: PIPELINE_ADVICE,
      entry: PIPELINE,
      list: 'pipelines',
      rest: { variables: [VARIABLE] },
    },
    {
      prefix: 'variable.',
      advice: VARIABLE_ADVICE,
      entry: VARIABLE,
      list: 'variables',
      rest: { pipelines: [PIPELINE] },
    },
  ];
  const listed = validationCodes().map(({ code }) => code);
  for (const { prefix, advice, entry, list, rest } of kinds)
    for (const field of Object.keys(advice)) {
      const { missing, invalid } = {
        missing: `${prefix}${field}.missing`,
        invalid: `${prefix}${field}.invalid`,
      };
      expect(codesOf({ ...rest, [list]: [{ ...entry, [field]: 42 }] })).toContain(invalid);
      expect(listed).toContain(invalid);
      // What may be left out is filled in, and its absence is no code of the list.
      const found = codesOf({ ...rest, [list]: [without(entry, field)] });
      expect([field, found.includes(missing)]).toEqual([field, listed.includes(missing)]);
    }
  const twice = { ...VARIABLE, name: 'W' };
  expect(codesOf({ pipelines: [PIPELINE], variables: [VARIABLE, twice] })).toContain(
    'variable.key_duplicate',
  );
});
