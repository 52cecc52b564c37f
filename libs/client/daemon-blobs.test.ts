import { expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import type { IndexedRevision } from '@hakiri/contracts/revision';
import { digestOf } from '@hakiri/manifest/digest';
import { encodeIndex } from '@hakiri/manifest/revision-index';
import { blobSource } from './daemon-blobs.ts';
import { Unreachable } from './errors.ts';

const FILE = 'manifest@v1.toml';
const REVISION: IndexedRevision = {
  ...{ sequence: 1, number: 1, minor: 0, label: 'v1', file: FILE, digest: await digestOf(utf8('whole')) },
  ...{ sizeBytes: 5, publishedAt: '2026-01-01T00:00:00.000Z', author: 'alice', message: '' },
  ...{ doc: 'main', version: 'AA', pipelines: 0 },
};

test('[AP10.2] a daemon that reads the files finds a body that has moved, hands on one that is damaged, and waits for one that is nowhere', async () => {
  const index = encodeIndex({ format: 2, team: 't', revisions: [REVISION] });
  const files = new Map([['teams/t/manifest-revisions.json', index]]);
  const source = blobSource({ read: async (key) => files.get(key), team: 't' });
  const next = () => source.next(undefined, AbortSignal.timeout(5_000));
  await expect(next()).rejects.toBeInstanceOf(Unreachable);
  files.set(`teams/t/cold/${FILE}`, utf8('whole'));
  expect(await next()).toEqual({ signed: undefined, toml: 'whole' });
  // What is at the file itself goes first. The daemon refuses it with a reason.
  files.set(`teams/t/${FILE}`, utf8('other'));
  expect(await next()).toEqual({ signed: undefined, toml: 'other' });
});
