import { expect, test } from 'bun:test';
import { pipeline } from '../testing/world.ts';
import { withVariables } from './variables.ts';

test('[SC8.5] variables are put into source, destination and transform bodies, and nowhere else', () => {
  const source = { kind: 'http-json', ref: 'https://${HOST}/orders', path: '${AT}' };
  const before = pipeline(1, {
    name: '${REGION}',
    source,
    destination: { table: 'orders_${REGION}', partition_by: '${COLUMN}' },
    transforms: [
      { key: '0'.repeat(26), kind: 'filter', body: 'region == "${REGION}"', inputs: ['${REGION}'] },
    ],
  });
  const variables = { HOST: 'example.org', REGION: 'eu', AT: 'items', COLUMN: 'country' };
  const after = withVariables(before, variables);
  expect(after.source).toEqual({
    kind: 'http-json',
    ref: 'https://example.org/orders',
    path: 'items',
  } as never);
  expect(after.destination).toEqual({ table: 'orders_eu', partition_by: 'country' });
  expect(after.transforms[0]).toMatchObject({ body: 'region == "eu"', inputs: ['${REGION}'] });
  expect(after.name).toBe('${REGION}');
});

test('[SC8.5] a variable that is not there, or only inherited, stops the run with its name', () => {
  for (const name of ['MISSING', 'constructor', '__proto__']) {
    const lacks = pipeline(1, { source: { kind: 'csv-file', ref: `\${${name}}` } });
    expect(() => withVariables(lacks, {})).toThrow(name);
  }
});

test('[SC8.5] a reference to a secret stops the run with its name, as the reference node keeps none', () => {
  const asks = pipeline(1, { source: { kind: 'http-json', ref: 'https://x?t=${secret:API_TOKEN}' } });
  expect(() => withVariables(asks, {})).toThrow('API_TOKEN');
});

test('[SC8.5] a value is put in as it is', () => {
  const before = pipeline(1, { source: { kind: 'csv-file', ref: '${A}' } });
  expect(withVariables(before, { A: '${B}$&', B: 'no' }).source.ref).toBe('${B}$&');
});
