// The document log's thread: what is slow stays on it, and what happens when it dies.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { openClient } from './database.ts';
import { openDocumentLog, openDocumentLogHere } from './document-log.ts';

const id = { team: 't', doc: 'd' };
const SLOW_MS = 300;
/** Far below the slow write. */
const STALL_MS = 150;
let directory: TempDirectory;
let path: string;
beforeEach(async () => {
  directory = await makeTempDirectory();
  path = join(directory.path, 'documents.db');
});
afterEach(() => directory.remove());

/** The longest time for which the loop did not turn while `work` ran. */
async function longestStall<T>(work: Promise<T>): Promise<{ stallMs: number; result: T }> {
  let stallMs = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    stallMs = Math.max(stallMs, performance.now() - last);
    last = performance.now();
  }, 1);
  try {
    const result = await work;
    return { stallMs: Math.max(stallMs, performance.now() - last), result };
  } finally {
    clearInterval(watch);
  }
}

/** Makes every write wait, as a slow disk would, until it is released. */
async function holdWrites(): Promise<() => Promise<void>> {
  const client = await openClient(`file:${path}`);
  const transaction = await client.transaction('write');
  return async () => {
    await transaction.rollback();
    client.close();
  };
}

test('[DL12] a slow write does not stop the event loop', async () => {
  const log = await openDocumentLog({ path });
  const { epoch } = await log.open(id);
  const release = await holdWrites();
  let isDone = false;
  const appending = log.append(id, epoch, 0, [utf8('a')]).finally(() => {
    isDone = true;
  });
  // As many as it likes, for as long as the write waits.
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve));
  expect(isDone).toBe(false);
  await release();
  expect(await appending).toBe(1);
  await log.close();
});

test('[DL12] on the caller’s own thread the same write does', async () => {
  const log = openDocumentLogHere({ path, busyMs: SLOW_MS });
  const { epoch } = await log.open(id);
  const release = await holdWrites();
  const appending = log.append(id, epoch, 0, [utf8('a')]).catch((error: unknown) => error);
  const { stallMs, result } = await longestStall(appending);
  expect(result).toMatchObject({ kind: 'unavailable' });
  expect(stallMs).toBeGreaterThan(STALL_MS);
  await release();
  expect(await log.append(id, epoch, 0, [utf8('a')])).toBe(1);
  await log.close();
});

test('[DL13] when the thread dies what waits and what comes fails; opening a document starts another', async () => {
  const log = await openDocumentLog({ path });
  const other = { team: 't', doc: 'e' };
  let { epoch } = await log.open(id);
  const bystander = await log.open(other);
  expect(await log.append(id, epoch, 0, [utf8('a')])).toBe(1);
  const asked = log.append(id, epoch, 1, [utf8('b')]).catch((error: unknown) => error);
  log.kill();
  expect(await asked).toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('thread ended'),
  });
  const later = await log.append(id, epoch, 1, [utf8('c')]).catch((error: unknown) => error);
  expect(later).toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('open the document again'),
  });

  const loaded = await until(() => log.open(id).catch(() => undefined));
  expect(loaded.entries.map(fromUtf8)).toEqual(['a']);
  epoch = loaded.epoch;
  expect(await log.append(id, epoch, loaded.position, [utf8('d')])).toBe(loaded.position + 1);
  // Nobody replaced this writer, and its history is as it knows it.
  expect(await log.append(other, bystander.epoch, 0, [utf8('z')])).toBe(1);
  await log.close();
});

test('[DL14] closing waits for the appends under way; afterwards all fails', async () => {
  const log = await openDocumentLog({ path });
  const { epoch } = await log.open(id);
  const appended = log.append(id, epoch, 0, [utf8('a')]);
  await log.close();
  expect(await appended).toBe(1);
  await expect(log.open(id)).rejects.toMatchObject({ kind: 'unavailable' });
  const again = await openDocumentLog({ path });
  expect((await again.open(id)).position).toBe(1);
  await again.close();
});

test('[DL14] a database that cannot be opened says so', async () => {
  const nowhere = openDocumentLog({ path: join(directory.path, 'missing', 'documents.db') });
  await expect(nowhere).rejects.toMatchObject({ kind: 'unavailable' });
});
