import { expect, test } from 'bun:test';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { anyManifest } from '@hakiri/testing/config-arbitraries';
import fc from 'fast-check';
import { splitManifest } from './blocks.ts';
import { parseManifest } from './parse.ts';
import { renderManifest } from './render.ts';
import { asManifest } from './shape.ts';
import { type PartsRead, readParts } from './split.ts';

/** What a text may hold to look like an entry, or like the end of a text. */
const anyTrap = fc
  .array(
    fc.constantFrom(
      ...['\n\n[[pipeline]]\n', '\n\n[[variable]]\n', '\n', '"""', "'''", '"', "'", '\\', 'x'],
      ...[' = """\n', " = '''\n", 'key = "v"\n', '#', '\r\n'],
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

const anyTrapped = fc
  .tuple(anyManifest, fc.array(anyTrap, { minLength: 4, maxLength: 4 }))
  .map(([manifest, [a = '', b = '', c = '', d = '']]) => ({
    pipelines: manifest.pipelines.map((pipeline) => ({
      ...pipeline,
      description: a,
      source: { ...pipeline.source, ref: `${b}x` },
      transforms: pipeline.transforms.map((transform) => ({ ...transform, body: c, inputs: [b] })),
    })),
    variables: manifest.variables.map((variable) => ({ ...variable, value: d, comment: a })),
  }));

function whole(toml: string): ManifestConfig {
  const parsed = parseManifest(toml);
  if (parsed.kind !== 'parsed') throw new Error(parsed.issues[0]?.message);
  const shaped = asManifest(parsed.draft);
  if (shaped.kind !== 'manifest') throw new Error(shaped.reason);
  return shaped.manifest;
}

function read(toml: string, known: (block: string) => ManifestConfig | undefined = () => undefined) {
  const reading = readParts(toml, known);
  for (;;) {
    const step = reading.next();
    if (step.done) return step.value;
  }
}

function together(read: PartsRead<ManifestConfig>): ManifestConfig {
  if (read.kind !== 'parts') throw new Error(read.reason);
  const manifests = read.parts.map((part) => (part.kind === 'known' ? part.known : part.manifest));
  return {
    pipelines: manifests.flatMap(({ pipelines }) => pipelines),
    variables: manifests.flatMap(({ variables }) => variables),
  };
}

test('[AP3.22] a manifest that is read entry by entry says what it says as a whole, whatever stands in its texts', () => {
  fc.assert(
    fc.property(anyTrapped, (config) => {
      const toml = renderManifest(config);
      const blocks = [...splitManifest(toml)];
      expect(blocks.join('\n')).toBe(toml);
      expect(blocks).toHaveLength(1 + config.pipelines.length + config.variables.length);
      expect(together(read(toml))).toEqual(whole(toml));
    }),
    { numRuns: 500 },
  );
});

test('[AP3.22] what is known is not read again, and what a known entry says is in its place', () => {
  fc.assert(
    fc.property(anyTrapped, anyTrapped, (before, after) => {
      const mixed = { pipelines: [...before.pipelines, ...after.pipelines], variables: after.variables };
      const known = new Map<string, ManifestConfig>();
      const first = read(renderManifest(before));
      if (first.kind === 'parts')
        for (const part of first.parts) if (part.kind === 'read') known.set(part.block, part.manifest);
      const toml = renderManifest(mixed);
      const second = read(toml, (block) => known.get(block));
      expect(together(second)).toEqual(whole(toml));
      const again = second.kind === 'parts' ? second.parts.filter(({ kind }) => kind === 'known') : [];
      expect(again.length).toBeGreaterThan(before.pipelines.length);
    }),
    { numRuns: 200 },
  );
});

test('[AP3.22] what somebody wrote by hand is read as a whole where it does not come apart', () => {
  const FIELDS = `key = "${'A'.repeat(26)}"\nid = "a"\nname = "a"\nsource = { kind = "csv-file", ref = "r" }
destination = { table = "t" }\nschedule = { kind = "every", expr = "1h" }\n`;
  const toml = `format = 1\n\n[[pipeline]]\n${FIELDS}description = """one line\n\n[[pipeline]]\n"""\n`;
  const parts = read(toml);
  expect(together(parts)).toEqual(whole(toml));
  expect(parts.kind === 'parts' && parts.parts).toHaveLength(1);
  expect(read('format = 1\n\n[[pipeline]]\nid = 7\n').kind).toBe('unusable');
  expect(read('format = 7\n').kind).toBe('unusable');
});
