// Canonical TOML under what nobody would write on purpose: the same configuration has the same bytes, read back and written again,
// and a small change is a small difference.
import { expect, test } from 'bun:test';
import type { ManifestConfig, PipelineDraft } from '@hakiri/contracts/config';
import { anyText } from '@hakiri/testing/config-arbitraries';
import fc from 'fast-check';
import { parseManifest } from './parse.ts';
import { renderManifest } from './render.ts';
import { asManifest } from './shape.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';

const KEY = '01J00000000000000000000000';
const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(0, -0, 0.1, 1e21, 1e-7, 2 ** 53, -(2 ** 53) - 2, 5e-324, 1.7976931348623157e308, 1e300),
);
/** Lone halves of surrogate pairs, line ends of all kinds, runs of quotes and backslashes, long lines, names that objects have. */
const anyWild = fc.oneof(
  anyText(300),
  fc.string({
    unit: fc.constantFrom(
      '\ud800',
      '\udc00',
      '\r\n',
      '\r',
      '\n',
      '"',
      "'",
      '\\',
      '\u2028',
      '\ufeff',
      'İ',
      'ß',
    ),
    maxLength: 60,
  }),
  fc.constantFrom(
    'constructor',
    '__proto__',
    'toString',
    '\n',
    '\n\n',
    "'''",
    '"""',
    '"""\n',
    "\\\n'",
    '\\',
    'x'.repeat(9000),
  ),
);
const anyKey = anyWild.filter(
  (name) => name !== '' && !['__proto__', 'kind', 'ref'].includes(name) && name.length <= 200,
);

const anyPipeline: fc.Arbitrary<PipelineDraft> = fc
  .record({
    name: anyWild,
    description: anyWild,
    tags: fc.array(anyKey, { maxLength: 4 }),
    options: fc.dictionary(anyKey, fc.oneof(anyWild, anyNumber, fc.boolean()), { maxKeys: 5 }),
    bodies: fc.array(anyWild, { maxLength: 3 }),
    columns: fc.dictionary(anyKey, fc.record({ type: fc.constant('utf8'), nullable: fc.boolean() }), {
      maxKeys: 4,
    }),
  })
  .map(({ name, description, tags, options, bodies, columns }) =>
    pipelineDraft(KEY, 'a', {
      name: name.slice(0, 200),
      description,
      tags: tags.map((tag) => tag.slice(0, 90)),
      source: { ...options, kind: 'x', ref: 'y' },
      transforms: bodies.map((body) => ({ key: KEY, kind: 'polars', body, inputs: [body.slice(0, 100)] })),
      schema: columns,
    }),
  );

function manifestOf(pipelines: PipelineDraft[]): ManifestConfig {
  const shaped = asManifest({ pipelines, variables: [] });
  if (shaped.kind !== 'manifest') throw new Error(shaped.reason);
  return shaped.manifest;
}
function readBack(toml: string): ManifestConfig {
  const parsed = parseManifest(toml);
  if (parsed.kind !== 'parsed') throw new Error(`${parsed.issues[0]?.message}\n${JSON.stringify(toml)}`);
  return manifestOf(parsed.draft.pipelines);
}

test('[AP3.20] whatever texts, numbers and names are in it: rendered, parsed and rendered again it is the same bytes', () => {
  fc.assert(
    fc.property(anyPipeline, (pipeline) => {
      const manifest = manifestOf([pipeline]);
      const toml = renderManifest(manifest);
      expect(toml.isWellFormed()).toBe(true);
      expect(toml).not.toContain('\r');
      const again = readBack(toml);
      expect(again).toEqual(manifest);
      expect(renderManifest(again)).toBe(toml);
    }),
    { numRuns: 2000 },
  );
});

test('[AP3.20] one changed field is one changed line; of a text of several lines, those lines', () => {
  const body = Array.from({ length: 30 }, (_, line) => `step ${line}`).join('\n');
  const base = pipelineDraft(KEY, 'a', {
    description: body,
    transforms: [{ key: KEY, kind: 'polars', body, inputs: ['a', 'b'] }],
    schema: { a: { type: 'utf8' }, b: { type: 'utf8' } },
  });
  const others = Array.from({ length: 20 }, (_, index) =>
    pipelineDraft(`01J${String(index).padStart(23, '1')}`, `p-${index}`),
  );
  const linesOf = (pipeline: PipelineDraft) => renderManifest(manifestOf([pipeline, ...others])).split('\n');
  const before = linesOf(base);
  const changes: [Partial<PipelineDraft>, number][] = [
    [{ enabled: false }, 1],
    [{ name: 'other' }, 1],
    [{ tags: ['x'] }, 1],
    [{ schedule: { kind: 'cron', expr: '0 * * * *' } }, 1],
    [{ description: body.replace('step 7\n', 'step seven\n') }, 1],
    [{ schema: { a: { type: 'utf8' }, b: { type: 'int64' } } }, 1],
    [
      {
        transforms: [{ key: KEY, kind: 'polars', body: body.replace('step 29', 'end'), inputs: ['a', 'b'] }],
      },
      1,
    ],
    [{ schema: { a: { type: 'utf8' }, b: { type: 'utf8' }, c: { type: 'utf8' } } }, 1],
  ];
  for (const [change, lines] of changes) {
    const after = linesOf({ ...base, ...change });
    const [there, here] = [new Set(before), new Set(after)];
    expect(after.filter((line) => !there.has(line)).length).toBe(lines);
    expect(before.filter((line) => !here.has(line)).length).toBeLessThanOrEqual(lines);
  }
});

test('[AP3.20] no order, number or letter follows the place where it runs', () => {
  const names = ['ä', 'z', 'Z', 'a', 'I', 'ı', '10', '9', '😀', 'ﬀ'];
  const toml = renderManifest(manifestOf([pipelineDraft(KEY, 'a', { tags: names })]));
  expect(toml).toContain('tags = ["10", "9", "I", "Z", "a", "z", "ä", "ı", "😀", "ﬀ"]');
  const kept = [Number.prototype.toLocaleString, String.prototype.localeCompare] as const;
  const never = () => {
    throw new Error('a locale was asked');
  };
  try {
    Number.prototype.toLocaleString = never;
    String.prototype.localeCompare = never;
    const other = pipelineDraft(KEY, 'a', { tags: names.toReversed() });
    expect(renderManifest(manifestOf([other]))).toBe(toml);
  } finally {
    [Number.prototype.toLocaleString, String.prototype.localeCompare] = kept;
  }
});
