import { expect, test } from 'bun:test';
import { addressedDocument } from './addresses.ts';

test('[PG1.52] an address is about a document, about none, or about what can be none', () => {
  expect(addressedDocument('/docs/main/pipelines')).toEqual({ kind: 'document', doc: 'main' });
  expect(addressedDocument('/docs/main')).toEqual({ kind: 'document', doc: 'main' });
  for (const path of ['/', '/docs', '/docs/', '/runs/x', '/revisions/docs/main'])
    expect(addressedDocument(path)).toEqual({ kind: 'none' });
  for (const [path, named] of [
    ['/docs/Main/pipelines', 'Main'],
    ['/docs/no%20such/changes', 'no such'],
    ['/docs/%E0%A4%A/pipelines', '%E0%A4%A'],
    ['/docs/-/x', '-'],
  ] as const)
    expect(addressedDocument(path)).toEqual({ kind: 'impossible', named });
});
