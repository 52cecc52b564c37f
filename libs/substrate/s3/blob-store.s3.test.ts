// The S3 adapter against a real server: the port's promises, what it says of the store, and what it does when the store is away.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { blobStoreContract } from '@hakiri/testing/blob-store-contract';
import { type S3Server, s3ServerAvailable, startS3Server } from '@hakiri/testing/s3-server';
import { until } from '@hakiri/testing/until';
import { BlobStoreError } from '../blob-store.ts';
import { openS3BlobStore, type S3Config } from './blob-store.ts';

describe.skipIf(!s3ServerAvailable())('S3', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  }, 150_000);
  afterAll(() => server?.stop());

  async function configOf(changes: Partial<S3Config> = {}): Promise<S3Config> {
    const { port, accessKey, secretKey } = server;
    const place = { endpoint: '127.0.0.1', port, tls: false, region: 'us-east-1', prefix: 'hakiri/' };
    return { ...place, bucket: await server.bucket(), accessKey, secretKey, timeoutMs: 10_000, ...changes };
  }

  blobStoreContract('s3', async () => {
    const config = await configOf();
    const stores = await Promise.all([openS3BlobStore(config), openS3BlobStore(config)]);
    return { stores: [stores[0].store, stores[1].store], close: async () => {} };
  });

  test('[BS9] what the store can do is asked at the start, and nothing of that is left', async () => {
    const { store, abilities } = await openS3BlobStore(await configOf());
    expect(abilities).toEqual({ putIfAbsent: true, putIfMatch: true });
    expect(await store.list('')).toEqual([]);
  });

  test('[BS10] two prefixes of one bucket know nothing of each other', async () => {
    const config = await configOf({ prefix: 'one/' });
    const one = (await openS3BlobStore(config)).store;
    const two = (await openS3BlobStore({ ...config, prefix: 'two/' })).store;
    await one.putIfAbsent('k', utf8('1'));
    expect(await two.get('k')).toBeUndefined();
    expect(await two.list('')).toEqual([]);
    expect(await one.list('')).toEqual(['k']);
  });

  test('[BS11] a store that is away or refuses says so, and never with a credential', async () => {
    const config = await configOf({ timeoutMs: 500 });
    const { store } = await openS3BlobStore(config);
    const wrong = { ...config, secretKey: 'not-the-secret' };
    const refused: unknown = await openS3BlobStore(wrong).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BlobStoreError);
    server.signal('SIGSTOP');
    let slow: unknown;
    // It takes a moment until the process stands still.
    await until(async () => {
      slow = await store.get('k').catch((error: unknown) => error);
      return slow !== undefined;
    });
    server.signal('SIGCONT');
    expect(slow).toBeInstanceOf(BlobStoreError);
    await server.kill();
    const away: unknown = await store.putIfAbsent('k', utf8('1')).catch((error: unknown) => error);
    expect(away).toBeInstanceOf(BlobStoreError);
    for (const error of [refused, slow, away]) {
      const said = Bun.inspect(error, { depth: 10 });
      for (const secret of [config.secretKey, wrong.secretKey, 'authorization', 'Signature='])
        expect(said.toLowerCase()).not.toContain(secret.toLowerCase());
    }
    await server.start();
    expect((await store.putIfAbsent('k', utf8('1'))).kind).toBe('stored');
  }, 120_000);
});
