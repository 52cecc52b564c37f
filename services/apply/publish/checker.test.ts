// What the check of the blob store says of what is there, of what is not, and of what nobody needs.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { createClient } from '@hakiri/client/client';
import {
  blobKey,
  bodyFile,
  coldFile,
  INDEX_FILE,
  indexPageFile,
  type RevisionIndex,
} from '@hakiri/contracts/revision';
import { encodeIndex } from '@hakiri/manifest/revision-index';
import { until } from '@hakiri/testing/until';
import { apply, type Bed, openBed, type Running, TEAM } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { revisionOf } from '../testing/bed-store.ts';
import { indexFindings, type KeptRevision, planCheck } from './check-plan.ts';
import { fullPages, indexed, indexOf } from './index-file.ts';

const bodyOf = (number: number): string => bodyFile({ number, minor: 0 });
const kept = (count: number, hot: number): KeptRevision[] =>
  Array.from({ length: count }, (_, at) => ({
    revision: revisionOf(at + 1),
    state: 'published',
    cold: at + 1 <= count - hot,
  }));

function indexesOf(rows: readonly KeptRevision[]): Map<string, RevisionIndex | undefined> {
  const full = fullPages(rows.length);
  const all = rows.map(({ revision }) => indexed(revision));
  const read = new Map<string, RevisionIndex | undefined>();
  for (let page = full; page > 0; page--)
    read.set(indexPageFile(page), indexOf(TEAM, page - 1, all.slice((page - 1) * 100, page * 100).reverse()));
  return new Map([[INDEX_FILE, indexOf(TEAM, full, all.slice(full * 100).reverse())], ...read]);
}

test('[AP10.4] the plan reads all that was published, and takes for garbage only what no revision has', () => {
  const rows = kept(350, 40);
  rows.push({ revision: revisionOf(351), state: 'publishing', cold: false });
  const files = [
    ...rows.map(({ revision, cold }) => (cold ? coldFile(revision.file) : revision.file)),
    ...[INDEX_FILE, indexPageFile(1), indexPageFile(2)],
    `${bodyOf(350)}.sig`,
    // On its way to the prefix.
    coldFile(bodyOf(311)),
  ];
  const clean = planCheck(rows, files);
  expect(clean).toMatchObject({
    unreferenced: [],
    foreign: [],
    indexFiles: [INDEX_FILE, indexPageFile(2), indexPageFile(1)],
  });
  expect(clean.verify.length).toBe(350);
  const garbage = [bodyOf(3), bodyOf(400), coldFile(bodyOf(400)), `${bodyOf(400)}.sig`, indexPageFile(3)];
  expect(planCheck(rows, [...files, ...garbage, 'notes.txt'])).toMatchObject({
    unreferenced: garbage,
    foreign: ['notes.txt'],
  });
  expect(planCheck([], [INDEX_FILE, bodyOf(1)])).toEqual({
    verify: [],
    indexFiles: [],
    unreferenced: [INDEX_FILE, bodyOf(1)],
    foreign: [],
  });
});

test('[AP10.4] a page that is missing, and a revision that index and pages leave out or tell otherwise, are found', () => {
  const rows = kept(350, 350);
  expect(indexFindings(rows, indexesOf(rows))).toEqual([]);
  const missing = indexesOf(rows).set(indexPageFile(1), undefined);
  expect(indexFindings(rows, missing)).toEqual([{ kind: 'missing', file: indexPageFile(1) }]);
  const other = rows.with(120, {
    revision: revisionOf(121, 'sha256:other'),
    state: 'published',
    cold: false,
  });
  expect(indexFindings(rows, indexesOf(other))).toEqual([{ kind: 'unlisted', file: bodyOf(121) }]);
});

let bed: Bed;
let running: Running;
beforeEach(async () => {
  bed = await openBed();
  running = await bed.start({ config: { hotRevisions: 2, checkPauseMs: 0 } });
  const token = bed.token('applier');
  for (let n = 1; n <= 5; n++) {
    const version = bed.peer.edit({ pipelines: [pipeline(n)], variables: [] });
    await apply(running.url, token, { scope: { kind: 'all' }, version });
  }
  await until(async () => (await bed.blobs.list(blobKey(TEAM, 'cold/'))).length === 3);
  await until(async () => (await bed.blobs.get(blobKey(TEAM, bodyOf(3)))) === undefined);
});
afterEach(() => bed.close());

const check = (options = {}, role: 'admin' | 'applier' = 'admin') =>
  createClient({ url: running.url, token: bed.token(role) }).store.check(options);

test('[AP10.4] a store that has all that was published is clean, and its check is audited', async () => {
  const seen: number[] = [];
  const report = await check({ onProgress: (checked: number) => seen.push(checked) });
  expect(report).toEqual({
    kind: 'report',
    revisions: 5,
    files: 11,
    findings: [],
    findingsMore: 0,
    deleted: 0,
  });
  expect(seen.length).toBeGreaterThan(0);
  await until(() => bed.announced.audited.some(({ action }) => action === 'manifest.store_check'), {
    what: 'the audit record',
  });
});

test('[AP10.4] what is missing, damaged, unlisted and unreferenced is said; only what is unreferenced goes, and only when asked', async () => {
  const put = (file: string, text: string) => bed.blobs.putIfAbsent(blobKey(TEAM, file), utf8(text));
  await bed.blobs.delete(blobKey(TEAM, coldFile(bodyOf(1))));
  await bed.blobs.delete(blobKey(TEAM, bodyOf(4)));
  await put(bodyOf(4), 'something else');
  const cold = await bed.blobs.get(blobKey(TEAM, coldFile(bodyOf(2))));
  // Copied back by somebody: needed where the copy in the prefix is gone, garbage where it is there.
  await put(bodyOf(2), new TextDecoder().decode(cold?.bytes));
  const third = await bed.blobs.get(blobKey(TEAM, coldFile(bodyOf(3))));
  await put(bodyOf(3), new TextDecoder().decode(third?.bytes));
  await bed.blobs.delete(blobKey(TEAM, coldFile(bodyOf(3))));
  await put(bodyOf(9), 'nobody has this');
  await put('notes.txt', 'somebody put this');
  const index = await bed.blobs.get(blobKey(TEAM, INDEX_FILE));
  await bed.blobs.putIfMatch(
    blobKey(TEAM, INDEX_FILE),
    encodeIndex(
      indexOf(
        TEAM,
        0,
        [5, 4, 3, 2].map((n) => indexed(revisionOf(n))),
      ),
    ),
    index?.etag ?? '',
  );
  const found = (await check()).findings.map(({ kind, file }) => `${kind} ${file}`);
  expect(found).toEqual(
    expect.arrayContaining([
      `missing ${coldFile(bodyOf(1))}`,
      `damaged ${bodyOf(4)}`,
      `missing ${coldFile(bodyOf(3))}`,
      `unlisted ${bodyOf(1)}`,
      `unreferenced ${bodyOf(2)}`,
      `unreferenced ${bodyOf(9)}`,
      'foreign notes.txt',
    ]),
  );
  expect(await bed.blobs.get(blobKey(TEAM, bodyOf(9)))).toBeDefined();
  const report = await check({ deleteUnreferenced: true });
  expect(report.deleted).toBe(2);
  const isThere = async (file: string): Promise<boolean> =>
    (await bed.blobs.get(blobKey(TEAM, file))) !== undefined;
  expect(
    await Promise.all([bodyOf(2), bodyOf(9), bodyOf(3), 'notes.txt', coldFile(bodyOf(2))].map(isThere)),
  ).toEqual([...[false, false, true, true, true]]);
});

test('[AP10.5] who may not manage the team checks nothing; a team is checked once at a time, and rarely', async () => {
  await expect(check({}, 'applier')).rejects.toMatchObject({ problem: { code: 'denied' } });
  const rare = await bed.start({ config: { hotRevisions: 2, checkPauseMs: 60_000 } });
  const { store } = createClient({ url: rare.url, token: bed.token('admin') });
  const both = await Promise.allSettled([store.check(), store.check()]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await expect(store.check()).rejects.toMatchObject({ problem: { code: 'rate_limited' } });
});
