import { expect, test } from 'bun:test';
import { encodeVersion } from '@hakiri/config-doc/version';
import {
  type ArchiveEntry,
  archivesCovering,
  blobName,
  EMPTY_HISTORY,
  HISTORY_POLICY,
  isCompactionDue,
  keptArchives,
  orphans,
  type RootEntry,
  withCompaction,
} from './archives.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const version = (counter: number) => encodeVersion(new Map([['1', counter]]));

function archive(day: number): ArchiveEntry {
  return {
    name: `archive-${day}`,
    digest: '',
    bytes: 1,
    atMs: day * DAY_MS,
    rootVersion: version(day * 10 - 10),
    tipVersion: version(day * 10),
  };
}
function root(day: number): RootEntry {
  return { name: `root-${day}`, digest: '', bytes: 1, atMs: day * DAY_MS, version: version(day * 10) };
}

test('[SY7.6] a document is due by age, or by size when a day has passed', () => {
  const due = (roots: RootEntry[], nowDay: number, historyBytes: number) =>
    isCompactionDue({ archives: [], roots }, { nowMs: nowDay * DAY_MS, sinceMs: DAY_MS, historyBytes });
  const large = HISTORY_POLICY.historyBytes + 1;
  expect(due([], 7.9, 0)).toBe(false);
  expect(due([], 8, 0)).toBe(true);
  expect(due([root(8)], 14.9, 0)).toBe(false);
  expect(due([root(8)], 15, 0)).toBe(true);
  expect(due([root(8)], 8.9, large)).toBe(false);
  expect(due([root(8)], 9, large)).toBe(true);
  expect(due([root(8)], 9, large - 1)).toBe(false);
});

test('[SY7.6] archives are dropped from the oldest on, by age and number, the newest never', () => {
  const archives = [1, 8, 15, 22, 29].map(archive);
  const days = (nowDay: number, limit = 30) =>
    keptArchives(archives, nowDay * DAY_MS, { ...HISTORY_POLICY, archivesLimit: limit }).map(
      ({ atMs }) => atMs / DAY_MS,
    );
  expect(days(31)).toEqual([1, 8, 15, 22, 29]);
  expect(days(31.1)).toEqual([8, 15, 22, 29]);
  expect(days(31.1, 2)).toEqual([22, 29]);
  expect(days(400)).toEqual([29]);
  expect(keptArchives([], 0)).toEqual([]);
});

test('[SY7.6] a compaction adds its archive and root, and drops the roots that it has passed', () => {
  const first = withCompaction(EMPTY_HISTORY, { archive: archive(1), root: root(1), keptRoots: 0 });
  const second = withCompaction(first, { archive: archive(8), root: root(8), keptRoots: 1 });
  expect(second).toEqual({ archives: [archive(1), archive(8)], roots: [root(1), root(8)] });
  const third = withCompaction(second, { archive: archive(15), root: root(15), keptRoots: 1 });
  expect(third.roots).toEqual([root(8), root(15)]);
});

test('[SY7.6] a client needs the archives from the newest that reaches back to it', () => {
  const archives = [1, 2, 3].map(archive);
  const needed = (counter: number) =>
    archivesCovering(archives, new Map([['1', counter]])).map(({ name }) => name);
  expect(needed(25)).toEqual(['archive-3']);
  expect(needed(20)).toEqual(['archive-3']);
  expect(needed(19)).toEqual(['archive-2', 'archive-3']);
  expect(archivesCovering(archives, new Map())).toEqual(archives);
  expect(archivesCovering(archives.slice(1), new Map([['9', 5]]))).toEqual([]);
});

test('[SY7.6] only a blob of ours that nobody names and that is old is swept', () => {
  // 01ARZ3NDEKTSV4RRFFQ69G5FAV is the ULID specification's example: 2016-07-30T23:54:10.259Z.
  const id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  const madeMs = Date.parse('2016-07-30T23:54:10.259Z');
  const name = blobName('team', 'main', 'archive', id);
  expect(name).toBe(`sync/team/main/archive-${id}`);
  const late = madeMs + HISTORY_POLICY.orphanMs + 1;
  expect(orphans([name, blobName('team', 'main', 'root', id)], EMPTY_HISTORY, late)).toHaveLength(2);
  expect(orphans([name], EMPTY_HISTORY, late - 1)).toEqual([]);
  expect(orphans([name], { archives: [{ ...archive(1), name }], roots: [] }, late)).toEqual([]);
  expect(orphans([name], { archives: [], roots: [{ ...root(1), name }] }, late)).toEqual([]);
  expect(orphans(['sync/team/main/other', `sync/team/main/x-${id}`, 'main'], EMPTY_HISTORY, late)).toEqual(
    [],
  );
});
