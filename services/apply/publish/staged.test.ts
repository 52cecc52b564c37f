// A body on its way to the blob store beside its commit: whose memory it is while somebody may still read it, and that nothing of
// it is left aside, whoever commits and whoever publishes.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { NO_POLICY } from '@hakiri/contracts/policy';
import { blobKey, bodyFile, signatureFile } from '@hakiri/contracts/revision';
import { type BlobStore, BlobStoreError, stagedAsPut } from '@hakiri/substrate/blob-store';
import { until } from '@hakiri/testing/until';
import { apply, type Bed, get, openBed, TEAM } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

const ALL = { kind: 'all' } as const;
const FIRST = { number: 1, minor: 0 };
const BODY = blobKey(TEAM, bodyFile(FIRST));

let bed: Bed;
let token: string;
beforeEach(async () => {
  bed = await openBed();
  token = bed.token('owner');
});
afterEach(() => bed.close());

const edit = (description: string): string =>
  bed.peer.edit({
    pipelines: [pipeline(1, { description }), ...Array.from({ length: 20 }, (_, at) => pipeline(at + 2))],
    variables: [],
  });

test('[AP3.24] a body that is still read is not written over, though what went out beside it failed first', async () => {
  const gate = Promise.withResolvers<void>();
  let read: { bytes: Uint8Array; copy: Uint8Array } | undefined;
  let refused = 0;
  let isAway = true;
  const { url } = await bed.start({
    // As a bucket does, which has nowhere to keep what has no name yet.
    blobs: (store) => ({
      ...store,
      stage: (key, bytes) =>
        stagedAsPut(async () => {
          read = { bytes, copy: bytes.slice() };
          await gate.promise;
          return store.putIfAbsent(key, bytes);
        }),
      putIfAbsent: async (key, bytes) => {
        if (!isAway || key !== blobKey(TEAM, signatureFile(FIRST))) return store.putIfAbsent(key, bytes);
        refused += 1;
        throw new BlobStoreError('away');
      },
    }),
  });
  const asked = await apply(url, token, { scope: ALL, version: edit('a') }, { prefer: 'respond-async' });
  // By the second time the first has been given up.
  await until(() => read && refused >= 2);
  // Other bodies are made meanwhile, and let go.
  for (const description of ['b', 'c', 'd']) {
    const body = JSON.stringify({ scope: ALL, version: edit(description) });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const dry = await fetch(`${url}/v1/manifest/apply?dryRun=true`, { method: 'POST', headers, body });
    expect(dry.status).toBe(200);
  }
  expect(read?.bytes).toEqual(read?.copy);
  isAway = false;
  gate.resolve();
  await until(
    async () => (await (await get(url, token, `requests/${asked.body.id}`)).json()).state === 'published',
  );
});

/** Counts what was taken in and is neither named nor dropped. */
function counted(aside: Set<Uint8Array>) {
  return (store: BlobStore): BlobStore => ({
    ...store,
    stage: (key, bytes) => {
      const staged = store.stage(key, bytes);
      aside.add(bytes);
      const done = <T>(outcome: T): T => {
        aside.delete(bytes);
        return outcome;
      };
      return { put: () => staged.put().then(done), drop: () => staged.drop().then(done) };
    },
  });
}

test('[AP3.24] nothing is left aside of a body whose commit was not the first', async () => {
  const aside = new Set<Uint8Array>();
  let isFirst = true;
  const { url } = await bed.start({
    blobs: counted(aside),
    step: async (name) => {
      if (name !== 'prepared' || !isFirst) return;
      isFirst = false;
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      // Another policy: what was prepared is prepared again.
      const body = JSON.stringify({ version: 0, policy: NO_POLICY });
      expect((await fetch(`${url}/v1/manifest/policy`, { method: 'PUT', headers, body })).status).toBe(200);
    },
  });
  const { body } = await apply(url, token, { scope: ALL, version: edit('a') });
  expect(body.state).toBe('published');
  expect(aside.size).toBe(0);
});

test('[AP3.24] nor of one that another process published meanwhile', async () => {
  const aside = new Set<Uint8Array>();
  let isFirst = true;
  const { url } = await bed.start({
    blobs: counted(aside),
    step: async (name) => {
      if (name !== 'committed' || !isFirst) return;
      isFirst = false;
      // At its start it finishes what is committed.
      const other = await bed.start();
      await until(async () => (await bed.blobs.get(BODY)) && (await bed.index()));
      await until(async () => (await get(other.url, token, 'latest')).status === 200);
    },
  });
  const { body } = await apply(url, token, { scope: ALL, version: edit('a') });
  expect(body.state).toBe('published');
  await until(() => aside.size === 0);
});
