// Applies over a real S3 gateway that answers 503 SlowDown to a share of what it is asked, before or after having done it.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { fromUtf8 } from '@hakiri/base/bytes';
import { blobKey, INDEX_FILE } from '@hakiri/contracts/revision';
import { digestOf } from '@hakiri/manifest/digest';
import { parseManifest } from '@hakiri/manifest/parse';
import { decodeIndex } from '@hakiri/manifest/revision-index';
import { silentLogger } from '@hakiri/service/logger';
import { openBlobs } from '@hakiri/service/stores';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import { type S3Server, s3ServerAvailable, startS3Server } from '@hakiri/testing/s3-server';
import { type SlowDownProxy, startSlowDownProxy } from '@hakiri/testing/slow-down-proxy';
import { until } from '@hakiri/testing/until';
import { apply, type Bed, get, openBed, type Running, TEAM } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

const ALL = { kind: 'all' } as const;
const ASYNC = { prefer: 'respond-async' };
const SEED = 20_260_301;
const APPLIES = 10;
const START_LIMIT_MS = 150_000;
const TEST_LIMIT_MS = 180_000;

describe.skipIf(!s3ServerAvailable())('503 SlowDown', () => {
  let s3: S3Server;
  let proxy: SlowDownProxy;
  let blobs: BlobStore;
  let bed: Bed;
  let running: Running;
  let token: string;

  beforeAll(async () => {
    s3 = await startS3Server();
    proxy = await startSlowDownProxy(s3.port, SEED);
    const { accessKey, secretKey } = s3;
    const place = {
      endpoint: '127.0.0.1',
      tls: false,
      region: 'us-east-1',
      prefix: '',
      accessKey,
      secretKey,
    };
    const config = { ...place, bucket: await s3.bucket(), timeoutMs: 10_000 };
    // What was really stored is looked at past the proxy.
    blobs = await openBlobs({ kind: 's3', config: { ...config, port: s3.port } }, silentLogger);
    const through = await openBlobs({ kind: 's3', config: { ...config, port: proxy.port } }, silentLogger);
    bed = await openBed();
    running = await bed.start({ blobs: () => through });
    token = bed.token('applier');
  }, START_LIMIT_MS);
  afterAll(async () => {
    await bed?.close();
    await proxy?.stop();
    await s3?.stop();
  });

  const edit = (count: number): string =>
    bed.peer.edit({
      pipelines: [pipeline(1, { source: { kind: 'csv', ref: `${count}.csv` } })],
      variables: [],
    });
  const request = async (id: string) => (await get(running.url, token, `requests/${id}`)).json();
  const published = (id: string) =>
    until(async () => {
      const now = await request(id);
      return now.state === 'published' && now;
    });
  /** The sequences that the index names, newest first, after reading what each of them names. */
  async function indexed(): Promise<number[]> {
    const bytes = (await blobs.get(blobKey(TEAM, INDEX_FILE)))?.bytes;
    const revisions = (bytes && decodeIndex(bytes)?.index)?.revisions ?? [];
    for (const { file, digest } of revisions) {
      const body = (await blobs.get(blobKey(TEAM, file)))?.bytes ?? new Uint8Array();
      expect(await digestOf(body)).toBe(digest);
      expect(parseManifest(fromUtf8(body)).kind).toBe('parsed');
      expect(await blobs.get(blobKey(TEAM, `${file}.sig`))).toBeDefined();
    }
    return revisions.map(({ sequence }) => sequence);
  }

  test(
    '[AP3.13] to everything: an Apply waits, nothing of it is seen, reading and asking go on; then it goes live once',
    async () => {
      proxy.refuse({ before: 1, after: 0 });
      const { status, body } = await apply(running.url, token, { scope: ALL, version: edit(0) }, ASYNC);
      expect([status, body.state]).toEqual([202, 'pending']);
      await until(() => proxy.refused.before >= 10, { what: 'ten refusals' });
      expect(await indexed()).toEqual([]);
      expect((await get(running.url, token, 'latest')).status).toBe(404);
      expect((await request(body.id)).state).toBe('pending');
      expect((await get(running.url, token, 'requests')).status).toBe(200);
      proxy.refuse({ before: 0, after: 0 });
      expect((await published(body.id)).revision.sequence).toBe(1);
      expect(await indexed()).toEqual([1]);
    },
    TEST_LIMIT_MS,
  );

  test(
    '[AP3.13] to every answer, after it was done: what was put is not put again, and no revision is doubled',
    async () => {
      proxy.refuse({ before: 0, after: 1 });
      const { body } = await apply(running.url, token, { scope: ALL, version: edit(-1) }, ASYNC);
      await until(() => proxy.refused.after >= 10, { what: 'ten refusals' });
      proxy.refuse({ before: 0, after: 0 });
      expect((await published(body.id)).revision.sequence).toBe(2);
      expect(await indexed()).toEqual([2, 1]);
    },
    TEST_LIMIT_MS,
  );

  test(
    `[AP3.13] to a share: each Apply goes live once and in order, whatever was refused (seed ${SEED})`,
    async () => {
      const before = (await indexed()).length;
      const refused = { ...proxy.refused };
      proxy.refuse({ before: 0.3, after: 0.3 });
      for (let count = 1; count <= APPLIES; count++) {
        const { body } = await apply(running.url, token, { scope: ALL, version: edit(count) }, ASYNC);
        expect((await published(body.id)).revision.sequence).toBe(before + count);
        const seen = await indexed();
        expect(seen).toEqual(Array.from({ length: before + count }, (_, index) => before + count - index));
      }
      expect(proxy.refused.before - refused.before).toBeGreaterThan(APPLIES / 2);
      expect(proxy.refused.after - refused.after).toBeGreaterThan(APPLIES / 2);
      proxy.refuse({ before: 0, after: 0 });
      await until(() => bed.announced.applied.length >= before + APPLIES, { what: 'the last event' });
      expect(bed.announced.applied.map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: before + APPLIES }, (_, index) => index + 1),
      );
    },
    TEST_LIMIT_MS,
  );
});
