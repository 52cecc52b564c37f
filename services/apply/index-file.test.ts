// The index beside the bodies, as a pure function of what is there and what is published.
import { expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { utf8 } from '@hakiri/base/bytes';
import type { Revision } from '@hakiri/contracts/apply';
import { decodeIndex, encodeIndex, planIndex } from './index-file.ts';

const revision = (number: number, digest = `sha256:${number}`): Revision => ({
  number,
  label: `v${number}`,
  file: `manifest@v${number}.toml`,
  digest,
  sizeBytes: 1,
  publishedAt: '2026-01-01T00:00:00.000Z',
  author: 'alice',
  message: '',
  doc: 'main',
  version: 'AA',
  scope: { kind: 'all' },
  pipelines: 1,
  changed: [],
});

test('[AP3.3] the index grows by one, newest first, and the same revision again changes nothing', () => {
  let bytes: Uint8Array | undefined;
  for (const number of [1, 2, 3]) {
    const plan = planIndex(bytes, 'default', revision(number));
    if (plan.kind !== 'write') throw new Error(plan.kind);
    bytes = encodeIndex(plan.index);
    expect(planIndex(bytes, 'default', revision(number)).kind).toBe('current');
  }
  const index = present(decodeIndex(present(bytes, 'written')), 'an index');
  expect(index.revisions.map(({ number }) => number)).toEqual([3, 2, 1]);
  expect(planIndex(bytes, 'default', revision(2)).kind).toBe('current');
});

test('[AP3.3] an index that is lost, damaged, of another team or with a gap is made again', () => {
  const one = encodeIndex({ format: 1, team: 'default', revisions: [revision(1)] });
  expect(planIndex(undefined, 'default', revision(2)).kind).toBe('rebuild');
  expect(planIndex(utf8('{"format":1'), 'default', revision(1)).kind).toBe('rebuild');
  expect(planIndex(utf8('[]'), 'default', revision(1)).kind).toBe('rebuild');
  expect(planIndex(one, 'other', revision(2)).kind).toBe('rebuild');
  expect(planIndex(one, 'default', revision(3)).kind).toBe('rebuild');
  expect(planIndex(one, 'default', revision(1, 'sha256:other')).kind).toBe('rebuild');
});
