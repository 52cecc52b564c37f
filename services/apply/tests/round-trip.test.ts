// Import → export → import over generated configurations, through a real document: nothing is lost, and every key is kept.
import { describe, expect, test } from 'bun:test';
import { readConfig } from '@hakiri/config-doc/read';
import { applyEdit } from '@hakiri/config-doc/reconcile';
import type { ConfigDraft } from '@hakiri/contracts/config';
import { parseManifest } from '@hakiri/manifest/parse';
import { canonicalDraft } from '@hakiri/manifest/shape';
import { anyManifest } from '@hakiri/testing/config-arbitraries';
import fc from 'fast-check';
import { LoroDoc } from 'loro-crdt';
import { parseConfigJson } from '../documents/config-json.ts';
import { exportJson, exportToml } from '../documents/export-text.ts';
import { planEdits } from '../documents/import-plan.ts';

const FORMATS = [
  { name: 'TOML', render: exportToml, parse: parseManifest },
  { name: 'JSON', render: exportJson, parse: parseConfigJson },
];
const RUNS = { numRuns: 100 };

let made = 0;
function newKey(): string {
  made += 1;
  return `01HZ${String(made).padStart(22, '0')}`;
}

/** How many entries the document had to be changed in. */
function importInto(doc: LoroDoc, file: ConfigDraft): number {
  const plan = planEdits(file, readConfig(doc), 'replace', newKey);
  if (plan.kind !== 'planned') throw new Error(`the file is ${plan.kind}`);
  const changed = applyEdit(doc, plan.entries);
  doc.commit();
  return changed;
}

function sorted({ pipelines, variables }: ConfigDraft): ConfigDraft {
  const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : 1);
  return { pipelines: pipelines.toSorted(byKey), variables: variables.toSorted(byKey) };
}

/** Keys of entries and steps are of one document each. */
const hasOwnKeys = ({ pipelines, variables }: ConfigDraft): boolean => {
  const steps = pipelines.flatMap(({ transforms }) => (Array.isArray(transforms) ? transforms : []));
  const keys = [...pipelines, ...variables, ...steps].map(({ key }) => key);
  return new Set(keys).size === keys.length;
};

describe.each(FORMATS)('[AP13.23] $name', ({ render, parse }) => {
  const read = (text: string): ConfigDraft => {
    const parsed = parse(text);
    if (parsed.kind !== 'parsed') throw new Error(JSON.stringify(parsed.issues));
    return parsed.draft;
  };

  test('what was exported imports without a change, and into an empty document as the very same', () => {
    fc.assert(
      fc.property(anyManifest.filter(hasOwnKeys), (manifest) => {
        const doc = new LoroDoc();
        importInto(doc, manifest);
        const text = render(readConfig(doc));
        expect(importInto(doc, read(text))).toBe(0);
        const empty = new LoroDoc();
        importInto(empty, read(text));
        expect(sorted(canonicalDraft(readConfig(empty)))).toEqual(sorted(canonicalDraft(manifest)));
        expect(render(readConfig(empty))).toBe(text);
      }),
      RUNS,
    );
  });

  test('a file without keys keeps those that the document has', () => {
    fc.assert(
      fc.property(anyManifest.filter(hasOwnKeys), (manifest) => {
        const doc = new LoroDoc();
        importInto(doc, manifest);
        const before = readConfig(doc);
        const { pipelines, variables } = read(render(before));
        const keyless: ConfigDraft = {
          pipelines: pipelines.map((pipeline) => ({
            ...pipeline,
            key: '',
            transforms: Array.isArray(pipeline.transforms)
              ? pipeline.transforms.map((step) => ({ ...step, key: '' }))
              : pipeline.transforms,
          })),
          variables: variables.map((variable) => ({ ...variable, key: '' })),
        };
        expect(importInto(doc, keyless)).toBe(0);
        expect(sorted(readConfig(doc))).toEqual(sorted(before));
      }),
      RUNS,
    );
  });
});
