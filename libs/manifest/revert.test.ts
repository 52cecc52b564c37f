import { expect, test } from 'bun:test';
import type { ConfigDraft, ManifestConfig, VariableDraft } from '@hakiri/contracts/config';
import { EMPTY_CONFIG } from './canonical.ts';
import { planRevert, revertedDocuments } from './revert.ts';
import { asManifest } from './shape.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';

const key = (name: string): string => name.padStart(26, '0');
const newKey = (): string => key('NEW');
const variable = (name: string, value: string, of: string): VariableDraft => ({
  ...{ key: key(of), name, value, comment: '' },
});

function manifest(draft: ConfigDraft): ManifestConfig {
  const shaped = asManifest(draft);
  if (shaped.kind !== 'manifest') throw new Error(shaped.reason);
  return shaped.manifest;
}

function subject(to: ManifestConfig, latest: ManifestConfig) {
  return { to, latest, label: 'v1', appliedFrom: 'main', only: undefined, keys: undefined };
}

test('[AP9.3] a whole revert to a revision with nothing in it takes away what was drafted since', () => {
  const asked = subject(EMPTY_CONFIG, EMPTY_CONFIG);
  expect(revertedDocuments(asked)).toEqual(['main']);
  const current = { pipelines: [pipelineDraft(key('P'), 'p')], variables: [variable('A', '1', 'V')] };
  const { documents } = planRevert(asked, new Map([['main', current]]), newKey);
  expect(documents).toMatchObject([
    { delete: [key('P')], deleteVariables: [key('V')], scope: { kind: 'all' } },
  ]);
});

test('[AP9.3] a variable that took the name of a deleted one gets its own back, and that one comes back beside it', () => {
  const [host, port] = [variable('HOST', 'a', 'V1'), variable('PORT', '1', 'V2')];
  const to = manifest({ pipelines: [], variables: [host, port] });
  const current = { pipelines: [], variables: [variable('PORT', 'b', 'V1')] };
  const { documents } = planRevert(subject(to, to), new Map([['main', current]]), newKey);
  expect(documents[0]?.putVariables).toEqual([host, port]);
  expect(documents[0]?.deleteVariables).toEqual([]);
});

test('[AP9.3] a variable that was made anew under the name of a deleted one keeps its key', () => {
  const to = manifest({ pipelines: [], variables: [variable('HOST', 'a', 'V1')] });
  const current = { pipelines: [], variables: [variable('HOST', 'b', 'V3')] };
  const { documents } = planRevert(subject(to, to), new Map([['main', current]]), newKey);
  expect(documents[0]?.putVariables).toEqual([variable('HOST', 'a', 'V3')]);
});
