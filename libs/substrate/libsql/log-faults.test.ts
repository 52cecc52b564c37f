// What is left of a document log after a crash at each of its steps, a torn or garbled file, and a full disk.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { copyFile, mkdir, open, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { createPrng } from '@hakiri/base/prng';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import type { LoadedLog } from '../document-log.ts';
import { openClient } from './database.ts';
import { openDocumentLogHere } from './document-log.ts';
import { LOG_STEPS } from './log-store.ts';

const SLOW_MS = 120_000;
const CRASHES = 2;
const TORN = 24;
const id = { team: 'crash', doc: 'd' };
const prng = createPrng(20260404);
let directory: TempDirectory;
let path: string;
beforeEach(async () => {
  directory = await makeTempDirectory();
  path = join(directory.path, 'documents.db');
});
afterEach(() => directory.remove());

/** Entries are their own positions, a base is the position it stands for: so a history can be checked by itself. */
function expectHistory(loaded: LoadedLog): void {
  const from = loaded.base ? Number(fromUtf8(loaded.base)) : 0;
  const expected = Array.from({ length: loaded.position - from }, (_, at) => `${from + at}`);
  expect(loaded.entries.map(fromUtf8)).toEqual(expected);
}

async function loadHere(file = path): Promise<LoadedLog> {
  const log = openDocumentLogHere({ path: file });
  try {
    return await log.open(id);
  } finally {
    await log.close();
  }
}

describe.each([...LOG_STEPS])('killed when %s', (step) => {
  test(
    `[DL15] a process killed at any step of a write loses nothing acknowledged and leaves nothing half-done (${step})`,
    async () => {
      let acknowledged = 0;
      for (let crash = 0; crash < CRASHES; crash += 1) {
        const command = [process.execPath, join(import.meta.dir, 'log-crash-child.ts'), path, step];
        const child = Bun.spawn([...command, `${1 + prng.below(8)}`], { stdout: 'pipe', stderr: 'inherit' });
        const output = await new Response(child.stdout).text();
        await child.exited;
        expect(child.signalCode).toBe('SIGKILL');
        for (const [, position] of output.matchAll(/appended (\d+)\n/g))
          acknowledged = Math.max(acknowledged, Number(position));
        const loaded = await loadHere();
        expectHistory(loaded);
        expect(loaded.position).toBeGreaterThanOrEqual(acknowledged);
        expect(loaded.position % 2).toBe(0);
      }
      expect(acknowledged).toBeGreaterThan(0);
    },
    SLOW_MS,
  );
});

/** A database of which `checkpointed` entries are in the file itself and the rest, up to `position`, in the write-ahead log. */
async function written(): Promise<{
  checkpointed: number;
  position: number;
  copy(name: string): Promise<string>;
}> {
  const log = openDocumentLogHere({ path });
  const client = await openClient(`file:${path}`);
  let { epoch, position } = await log.open(id);
  const append = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at += 1)
      position = await log.append(id, epoch, position, [utf8(`${position}`)]);
  };
  await append(40);
  await client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
  const checkpointed = position;
  await append(20);
  // As a crash leaves it: with the write-ahead log, which an orderly close would fold in.
  const copies = join(directory.path, 'crashed');
  await mkdir(copies);
  for (const end of ['', '-wal']) await copyFile(path + end, join(copies, `documents.db${end}`));
  client.close();
  await log.close();
  return {
    checkpointed,
    position,
    copy: async (name) => {
      const to = join(directory.path, name);
      for (const end of ['', '-wal']) await copyFile(join(copies, `documents.db${end}`), to + end);
      return to;
    },
  };
}

async function garble(file: string, from: number, bytes: number): Promise<void> {
  const handle = await open(file, 'r+');
  const noise = Uint8Array.from({ length: bytes }, () => prng.below(256));
  await handle.write(noise, 0, bytes, from);
  await handle.close();
}

test('[DL16] a torn or garbled end of the write-ahead log costs a part of it, never what is in the database', async () => {
  const { checkpointed, position, copy } = await written();
  expect((await loadHere(await copy('whole.db'))).position).toBe(position);
  const lost: number[] = [];
  for (let at = 0; at < TORN; at += 1) {
    const file = await copy(`torn-${at}.db`);
    const { size } = await stat(`${file}-wal`);
    const from = size - 1 - prng.below(size - 64);
    if (at % 2 === 0) await truncate(`${file}-wal`, from);
    else await garble(`${file}-wal`, from, Math.min(64, size - from));
    const loaded = await loadHere(file);
    expectHistory(loaded);
    expect(loaded.position).toBeGreaterThanOrEqual(checkpointed);
    lost.push(position - loaded.position);
  }
  expect(Math.max(...lost)).toBeGreaterThan(0);
});

test('[DL17] a garbled database loads whole or says that it is damaged, never less or other than was written', async () => {
  const { copy } = await written();
  const source = await copy('source.db');
  const { position } = await loadHere(source);
  const { size } = await stat(source);
  const seen = { whole: 0, refused: 0 };
  for (let at = 0; at < TORN * 2; at += 1) {
    const file = join(directory.path, `garbled-${at}.db`);
    await copyFile(source, file);
    const page = at % 2 === 0 ? size - 4096 : 4096 * prng.below(size / 4096);
    await garble(file, page + prng.below(4096 - 64), 64);
    const loaded = await loadHere(file).catch((error: unknown) => error);
    if (loaded instanceof Error) seen.refused += 1;
    else {
      seen.whole += 1;
      expect(loaded).toMatchObject({ position });
      expectHistory(await loadHere(file));
    }
  }
  expect(Math.min(seen.whole, seen.refused)).toBeGreaterThan(0);
});

const mounts = process.platform === 'linux' && process.getuid?.() === 0 && Bun.which('mount') !== null;

test.skipIf(!mounts)('[DL10] a disk that is really full, and then has room again', async () => {
  const disk = join(directory.path, 'disk');
  await mkdir(disk);
  const mount = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
  // In a container even root may not.
  if (mount.exitCode !== 0) return;
  try {
    const file = join(disk, 'documents.db');
    const log = openDocumentLogHere({ path: file });
    const { epoch } = await log.open(id);
    let position = 0;
    const fill = async (): Promise<unknown> => {
      for (;;)
        position = await log.append(id, epoch, position, [
          utf8(`${position}`),
          utf8(`${position + 1}`),
          new Uint8Array(64_000),
        ]);
    };
    await expect(fill()).rejects.toMatchObject({ kind: 'full' });
    expect(await log.list(id.team)).toEqual([id.doc]);
    Bun.spawnSync(['mount', '-o', 'remount,size=8m', disk]);
    const loaded = await log.open(id);
    expect(loaded.position).toBe(position);
    expect(await log.append(id, loaded.epoch, position, [utf8('more')])).toBe(position + 1);
    await log.close();
  } finally {
    Bun.spawnSync(['umount', '-l', disk]);
  }
});

test('[DL18] a log from before the checksums comes along whole', async () => {
  const client = await openClient(`file:${path}`);
  await client.batch(
    [
      'CREATE TABLE document (id INTEGER PRIMARY KEY, team TEXT NOT NULL, doc TEXT NOT NULL, epoch INTEGER NOT NULL, position INTEGER NOT NULL, UNIQUE (team, doc))',
      'CREATE TABLE base (document INTEGER PRIMARY KEY, position INTEGER NOT NULL, data BLOB NOT NULL)',
      'CREATE TABLE entry (document INTEGER NOT NULL, position INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (document, position))',
      "INSERT INTO document VALUES (1, 'crash', 'd', 4, 3)",
      "INSERT INTO base VALUES (1, 1, CAST('1' AS BLOB))",
      "INSERT INTO entry VALUES (1, 1, CAST('1' AS BLOB)), (1, 2, CAST('2' AS BLOB))",
    ],
    'write',
  );
  client.close();
  for (const epoch of [5, 6]) {
    const loaded = await loadHere();
    expect(loaded).toMatchObject({ epoch, position: 3 });
    expectHistory(loaded);
  }
});
