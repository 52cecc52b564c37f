import { describe, expect, test } from 'bun:test';
import type { ConfigDraft, ManifestConfig } from '@hakiri/contracts/config';
import { takeCosmetic } from './cosmetic.ts';
import { asManifest } from './shape.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';
import { validateConfig } from './validate.ts';

const KEY = '01ARZ3NDEKTSV4RRFFQ6000001';
const OTHER = '01ARZ3NDEKTSV4RRFFQ6000002';
const SECRET = `AKIA${'QWERTYUIOPASDFGH'}`;
const TOKEN = `ghp_${'A1b2'.repeat(9)}`;

const source = (more: object) => ({ kind: 'csv-file', ref: 'a.csv', ...more });
const draftOf = (...pipelines: ConfigDraft['pipelines']): ConfigDraft => ({ pipelines, variables: [] });
const said = (issues: readonly { path: string; code: string }[]) =>
  issues.map(({ path, code }) => `${path} ${code}`);
const errors = (...args: Parameters<typeof validateConfig>) =>
  said(validateConfig(...args).issues.filter(({ severity }) => severity === 'error'));

function live(...pipelines: ConfigDraft['pipelines']): ManifestConfig {
  const shaped = asManifest(draftOf(...pipelines));
  if (shaped.kind !== 'manifest') throw new Error(shaped.reason);
  return shaped.manifest;
}

describe('a secret in what only people read', () => {
  const texts = [
    { description: SECRET },
    { name: TOKEN },
    { tags: ['ok', SECRET] },
    { tags: ['https://u:S3cr3tP4ss@h/'] },
    { group: `ingest/${SECRET}` },
  ];

  test('[AP2.9] is found in tags and groups too', () => {
    const places = texts.map((text) => errors(draftOf(pipelineDraft(KEY, 'a', text))));
    const [found] = validateConfig(draftOf(pipelineDraft(KEY, 'a', { tags: [SECRET] }))).issues;
    expect(found?.suggestion).toEqual({ value: '${secret:A_TAG}' });
    expect(places).toEqual([
      ['/pipelines/a/description secret.literal'],
      ['/pipelines/a/name secret.literal'],
      ['/pipelines/a/tags/0 secret.literal'],
      ['/pipelines/a/tags/0 secret.literal'],
      ['/pipelines/a/group secret.literal'],
    ]);
  });

  test('[AP7.20] never goes live by itself, and what stands beside it does', () => {
    const variable = { key: OTHER, name: 'V', value: 'v', comment: 'old' };
    const applied: ManifestConfig = { ...live(pipelineDraft(KEY, 'a', {})), variables: [variable] };
    const [entry] = applied.pipelines;
    if (entry === undefined) throw new Error('there is one');
    for (const text of texts) {
      const draft = { ...entry, name: 'New', ...text };
      const taken = takeCosmetic(applied, draftOf(draft), 'main');
      const kept = Object.hasOwn(text, 'name') ? entry.name : 'New';
      expect(taken.pipelines).toEqual([{ ...entry, name: kept }]);
    }
    const commented = { pipelines: [], variables: [{ ...variable, comment: `key ${TOKEN}` }] };
    expect(takeCosmetic(applied, commented, 'main').variables).toEqual([variable]);
  });

  test('[AP7.21] stops an Apply of its pipeline though it is live, and of no other', () => {
    for (const text of texts) {
      const applied = live(pipelineDraft(KEY, 'a', text), pipelineDraft(OTHER, 'b', {}));
      const asked = (...keys: string[]) => errors(applied, { applied, asked: new Set(keys) });
      expect(asked(OTHER)).toEqual([]);
      expect(asked(OTHER, KEY)).toHaveLength(1);
    }
    const inSource = live(pipelineDraft(KEY, 'a', { source: source({ password: SECRET }) }));
    expect(errors(inSource, { applied: inSource, asked: new Set([KEY]) })).toEqual([]);
  });
});
