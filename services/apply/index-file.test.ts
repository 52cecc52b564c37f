// The index beside the bodies, as a pure function of what is there and what is published.
import { expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { utf8 } from '@hakiri/base/bytes';
import { CHANGED_LIMIT, type Revision } from '@hakiri/contracts/apply';
import { decodeIndex, encodeIndex, indexed, planIndex } from './index-file.ts';

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
  const one = encodeIndex({ format: 1, team: 'default', revisions: [indexed(revision(1))] });
  expect(planIndex(undefined, 'default', revision(2)).kind).toBe('rebuild');
  expect(planIndex(utf8('{"format":1'), 'default', revision(1)).kind).toBe('rebuild');
  expect(planIndex(utf8('[]'), 'default', revision(1)).kind).toBe('rebuild');
  expect(planIndex(one, 'other', revision(2)).kind).toBe('rebuild');
  expect(planIndex(one, 'default', revision(3)).kind).toBe('rebuild');
  expect(planIndex(one, 'default', revision(1, 'sha256:other')).kind).toBe('rebuild');
});

test('[AP3.10] what an Apply changed, however much, makes its entry no longer', () => {
  const ids = Array.from({ length: CHANGED_LIMIT }, (_, n) => `pipeline-${n}`.padEnd(60, 'x'));
  const large: Revision = {
    ...revision(1),
    scope: { kind: 'pipelines', pipelines: ids },
    changed: ids,
    changedMore: 5_000,
  };
  const plan = planIndex(undefined, 'default', large);
  if (plan.kind !== 'write') throw new Error(plan.kind);
  expect(encodeIndex(plan.index).length).toBeLessThan(1_000);
  expect(planIndex(encodeIndex(plan.index), 'default', large).kind).toBe('current');
});
