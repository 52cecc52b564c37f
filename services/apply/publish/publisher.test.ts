// In which order a revision comes out, and who takes it out when two meet.
import { expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { KEYS_FILE } from '@hakiri/contracts/delivery';
import { blobKey, INDEX_FILE, signatureFile } from '@hakiri/contracts/revision';
import { digestOf } from '@hakiri/manifest/digest';
import { readBody } from '@hakiri/manifest/read-body';
import { decodeIndex, encodeIndex } from '@hakiri/manifest/revision-index';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import { type BlobStore, BlobStoreError, stagedAsPut } from '@hakiri/substrate/blob-store';
import { DEFAULTS } from '../config.ts';
import { requests } from '../store/schema.ts';
import { createStore } from '../store/store.ts';
import { apply, openBed, TEAM } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { openStoreBed, revisionOf } from '../testing/bed-store.ts';
import { indexed } from './index-file.ts';
import { createPublisher } from './publisher.ts';

const ALL = { kind: 'all' } as const;
const INDEX = blobKey(TEAM, INDEX_FILE);

test('[AP11.13] when the index names a revision its body, its signature and its key are there, also when the store was away at the start', async () => {
  const bed = await openBed();
  const missing: string[] = [];
  let written = 0;
  let isAway = true;
  const beforeIndex = async (store: BlobStore, key: string, bytes: Uint8Array): Promise<void> => {
    if (key !== INDEX) return;
    written += 1;
    const read = async (name: string) => (await store.get(name))?.bytes;
    for (const revision of decodeIndex(bytes)?.index.revisions ?? []) {
      if ((await readBody(read, TEAM, revision)).kind !== 'whole') missing.push(revision.file);
      const beside = signatureFile(revision);
      if (!(await read(blobKey(TEAM, beside)))) missing.push(beside);
      const keys = fromUtf8((await read(KEYS_FILE)) ?? utf8(''));
      if (!keys.includes(revision.signature?.key ?? 'unsigned')) missing.push(`the key of ${revision.label}`);
    }
  };
  const running = await bed.start({
    blobs: (store) => ({
      ...store,
      putIfAbsent: async (key, bytes) => {
        if (isAway) throw new BlobStoreError('away');
        await beforeIndex(store, key, bytes);
        return store.putIfAbsent(key, bytes);
      },
      putIfMatch: async (key, bytes, etag) => {
        await beforeIndex(store, key, bytes);
        return store.putIfMatch(key, bytes, etag);
      },
    }),
  });
  isAway = false;
  const token = bed.token('applier');
  for (const description of ['a', 'b']) {
    const version = bed.peer.edit({ pipelines: [pipeline(1, { description })], variables: [] });
    expect((await apply(running.url, token, { scope: ALL, version })).body.state).toBe('published');
  }
  expect([written, missing]).toEqual([2, []]);
  await bed.close();
});

test('[AP3.6] who comes late with a revision that another took out takes nothing newer out of the index', async () => {
  const bed = await openStoreBed();
  const { store, history, blobs } = bed;
  const parts = {
    store,
    history,
    signing: { putKeys: async () => {} },
    step: () => {},
    onPublished: () => {},
  };
  const commit = async (sequence: number) => {
    const row = await bed.accept(sequence);
    expect(await store.commitRevision(row, revisionOf(sequence), utf8(`body ${sequence}`), [])).toBe(true);
    return present(await store.ofRequest(row.id), 'it was committed');
  };
  const publisher = createPublisher({ ...parts, blobs });
  const first = await commit(1);
  // Another process takes it out and the next with it, and the first has moved to a page, while this one reads the index.
  let isFirst = true;
  const late = createPublisher({
    ...parts,
    blobs: {
      ...blobs,
      get: async (key) => {
        if (key === INDEX && isFirst) {
          isFirst = false;
          await publisher.put(first);
          await publisher.finish(first);
          const second = await commit(2);
          await publisher.put(second);
          await publisher.finish(second);
          const there = present(await blobs.get(INDEX), 'it was published');
          const shorter = encodeIndex({ format: 2, team: TEAM, revisions: [indexed(second.meta)] });
          expect((await blobs.putIfMatch(INDEX, shorter, there.etag)).kind).toBe('stored');
        }
        return blobs.get(key);
      },
    },
  });
  await late.put(first);
  const left = present(await blobs.get(INDEX), 'it was published');
  expect(decodeIndex(left.bytes)?.index.revisions.map(({ sequence }) => sequence)).toEqual([2]);
  await bed.close();
});

test('[AP3.12] what this process prepared does not come out under the name of what another committed for the same request', async () => {
  const bed = await openBed();
  const database = await bed.substrate.database('apply', new URL('../migrations', import.meta.url).pathname);
  const theirs = utf8('format = 1\n# theirs\n');
  const digest = await digestOf(theirs);
  const messaging = createMessaging({ ...bed.substrate, logger: silentLogger });
  const other = createStore({ ...DEFAULTS, ...bed.substrate, database, messaging });
  let isFirst = true;
  const running = await bed.start({
    // As a bucket does, which has nowhere to keep what has no name yet.
    blobs: (store) => ({
      ...store,
      stage: (key, bytes) => stagedAsPut(() => store.putIfAbsent(key, bytes)),
    }),
    step: async (name) => {
      if (name !== 'prepared' || !isFirst) return;
      isFirst = false;
      const [row] = await database.orm.select().from(requests);
      const asked = present(row, 'it was accepted');
      expect(await other.commitRevision(asked, revisionOf(1, digest), theirs, [])).toBe(true);
    },
  });
  const version = bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
  const token = bed.token('applier');
  const { body } = await apply(running.url, token, { scope: ALL, version });
  expect(body).toMatchObject({ state: 'published', revision: { sequence: 1, digest } });
  const stored = await bed.blobs.get(blobKey(TEAM, 'manifest@v1.toml'));
  expect(stored && (await digestOf(stored.bytes))).toBe(digest);
  await bed.close();
});
