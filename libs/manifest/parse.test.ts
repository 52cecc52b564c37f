import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseManifest } from './parse.ts';

function issuesOf(toml: string) {
  const parsed = parseManifest(toml);
  return parsed.kind === 'refused' ? parsed.issues : [];
}

test('[AP13] a hand-written file leaves out keys and what has a default', () => {
  const parsed = parseManifest(`
[[pipeline]]
id = "orders"
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "orders" }
schedule = { kind = "every", expr = "15m" }

[[pipeline.transforms]]
kind = "filter"
body = "amount > 10"

[pipeline.schema]
amount = "int64"
day = { type = "date", nullable = true }
`);
  expect(parsed).toEqual({
    kind: 'parsed',
    draft: {
      pipelines: [
        {
          key: '',
          id: 'orders',
          name: null,
          description: null,
          tags: null,
          group: null,
          enabled: null,
          source: { kind: 'csv-file', ref: 'orders.csv' },
          destination: { table: 'orders' },
          schedule: { kind: 'every', expr: '15m' },
          placement: null,
          transforms: [{ key: '', kind: 'filter', body: 'amount > 10' }],
          schema: { amount: { type: 'int64' }, day: { type: 'date', nullable: true } },
        },
      ],
      variables: [],
    },
  });
});

test('[AP13] bad syntax names its line and column', () => {
  const [issue] = issuesOf('format = 1\n[[pipeline]]\nid = = "a"\n');
  expect(issue?.code).toBe('toml.syntax');
  expect(issue?.message).toContain('line 3, column 6');
});

test('[AP13] a field nobody knows is named, with those that are known', () => {
  const issues = issuesOf('[[pipeline]]\nid = "a"\nschedul = "x"\n[[pipelines]]\nid = "b"\n');
  expect(issues.map(({ path, code }) => [path, code])).toEqual([
    ['/pipelines', 'toml.unknown_field'],
    ['/pipelines/a/schedul', 'toml.unknown_field'],
  ]);
});

test('[AP13] what is not a list of tables, or of another format, is refused', () => {
  expect(issuesOf('pipeline = "a"').map(({ code }) => code)).toEqual(['toml.not_tables']);
  expect(issuesOf('format = 2').map(({ code }) => code)).toEqual(['toml.format_unsupported']);
});

test('[SY11] any text is parsed or refused with an issue, never an exception', () => {
  const toml = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({
      unit: fc.constantFrom('[', ']', '"', "'", '=', '\n', 'a', '1', '.', '{', '}', ',', '#', '-'),
    }),
  );
  fc.assert(
    fc.property(toml, (text) => {
      const parsed = parseManifest(text);
      if (parsed.kind === 'refused') expect(parsed.issues.length).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
  expect(issuesOf(`a = ${'['.repeat(10_000)}`)[0]?.code).toBe('toml.syntax');
});
