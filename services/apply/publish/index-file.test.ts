// The index beside the bodies, as a pure function of what is there and what is published.
import { expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { utf8 } from '@hakiri/base/bytes';
import {
  CHANGED_LIMIT,
  INDEX_PAGE,
  indexPageFile,
  type Revision,
  type RevisionIndex,
} from '@hakiri/contracts/revision';
import { decodeIndex, encodeIndex } from '@hakiri/manifest/revision-index';
import { indexed, indexOf, planIndex } from './index-file.ts';

const revision = (sequence: number, digest = `sha256:${sequence}`): Revision => ({
  sequence,
  number: sequence,
  minor: 0,
  label: `v${sequence}`,
  file: `manifest@v${sequence}.toml`,
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

/** Of so many revisions, published one after the other; with the pages that were written on the way. */
function published(count: number): { bytes: Uint8Array; pages: Map<string, RevisionIndex> } {
  const pages = new Map<string, RevisionIndex>();
  let bytes: Uint8Array | undefined;
  for (let sequence = 1; sequence <= count; sequence++) {
    const plan = planIndex(bytes, 'default', revision(sequence));
    if (plan.kind !== 'write') throw new Error(plan.kind);
    if (plan.page !== undefined) pages.set(plan.page.file, plan.page.index);
    bytes = encodeIndex(plan.index);
    expect(planIndex(bytes, 'default', revision(sequence)).kind).toBe('current');
  }
  return { bytes: present(bytes, 'written'), pages };
}

const sequences = (index: RevisionIndex): number[] => index.revisions.map(({ sequence }) => sequence);

test('[AP3.3] the index grows by one, newest first, and the same revision again changes nothing', () => {
  const { bytes } = published(3);
  const { index } = present(decodeIndex(bytes), 'an index');
  expect(sequences(index)).toEqual([3, 2, 1]);
  expect(planIndex(bytes, 'default', revision(2)).kind).toBe('current');
});

test('[AP3.3] an index that is lost, damaged, of another team or with a gap is made again', () => {
  const one = encodeIndex(indexOf('default', 0, [indexed(revision(1))]));
  expect(planIndex(undefined, 'default', revision(2)).kind).toBe('rebuild');
  expect(planIndex(utf8('{"format":1'), 'default', revision(1)).kind).toBe('rebuild');
  expect(planIndex(utf8('[]'), 'default', revision(1)).kind).toBe('rebuild');
  expect(planIndex(one, 'other', revision(2)).kind).toBe('rebuild');
  expect(planIndex(one, 'default', revision(3)).kind).toBe('rebuild');
  expect(planIndex(one, 'default', revision(1, 'sha256:other')).kind).toBe('rebuild');
});

test('[AP10.1] an index stays small however many revisions there are, and its pages have every one of them', () => {
  const { bytes, pages } = published(7 * INDEX_PAGE + 5);
  const head = present(decodeIndex(bytes), 'an index').index;
  expect(head.revisions.length).toBeLessThan(2 * INDEX_PAGE);
  const seen = sequences(head);
  for (let file = head.older; file !== undefined; ) {
    const page = present(pages.get(file), file);
    expect(page.revisions).toHaveLength(INDEX_PAGE);
    seen.push(...sequences(page));
    file = page.older;
  }
  expect(seen).toEqual(Array.from({ length: 7 * INDEX_PAGE + 5 }, (_, at) => 7 * INDEX_PAGE + 5 - at));
  expect([...pages.keys()]).toEqual([1, 2, 3, 4, 5, 6].map(indexPageFile));
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

test('[AP3.11] an index of the first format is read as it was meant, and made again by the next Apply', () => {
  const { sequence, minor, ...entry } = indexed(revision(1));
  const first = utf8(JSON.stringify({ format: 1, team: 'default', revisions: [entry] }));
  expect(decodeIndex(first)).toEqual({
    format: 1,
    index: { format: 2, team: 'default', revisions: [indexed(revision(1))] },
  });
  expect(planIndex(first, 'default', revision(2)).kind).toBe('rebuild');
});
