// The directory blob store: its port's contract, and that it leaves nothing lying about.
import { expect, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8 } from '@hakiri/base/bytes';
import { blobStoreContract } from '@hakiri/testing/blob-store-contract';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { openDirectoryBlobStore } from './blob-store.ts';

blobStoreContract('directory', async () => {
  const directory = await makeTempDirectory();
  return {
    stores: [await openDirectoryBlobStore(directory.path), await openDirectoryBlobStore(directory.path)],
    close: () => directory.remove(),
  };
});

test('[BS8] nothing is left aside, whatever the outcome', async () => {
  const directory = await makeTempDirectory();
  const store = await openDirectoryBlobStore(directory.path);
  await store.putIfAbsent('a', utf8('1'));
  await store.putIfAbsent('a', utf8('2'));
  await store.stage('a', utf8('2')).put();
  await store.stage('b', utf8('2')).put();
  await store.stage('c', utf8('2')).drop();
  await expect(store.stage('a/b', utf8('5')).put()).rejects.toThrow(/put a\/b/);
  await store.putIfMatch('a', utf8('3'), 'not the etag');
  await store.putIfMatch('a', utf8('4'), (await store.get('a'))?.etag ?? '');
  await expect(store.putIfAbsent('a/b', utf8('5'))).rejects.toThrow(/putIfAbsent a\/b/);
  expect(await readdir(join(directory.path, '~aside'))).toEqual([]);
  await directory.remove();
});
