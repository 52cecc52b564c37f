// Kills alone cannot tell a flushed commit from one that the system still holds: so the settings themselves are asked.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { openClient } from './database.ts';

type Client = Awaited<ReturnType<typeof openClient>>;

const FULL = 2;
let directory: TempDirectory;
let client: Client;
beforeEach(async () => {
  directory = await makeTempDirectory();
  client = await openClient(`file:${join(directory.path, 'thing.db')}`);
  await client.execute('CREATE TABLE thing (id INTEGER PRIMARY KEY)');
});
afterEach(async () => {
  client.close();
  await directory.remove();
});

async function expectDurable(): Promise<void> {
  const synchronous = await client.execute('PRAGMA synchronous');
  const journal = await client.execute('PRAGMA journal_mode');
  expect([synchronous.rows[0]?.synchronous, journal.rows[0]?.journal_mode]).toEqual([FULL, 'wal']);
}

const insert = (id: number) => ({ sql: 'INSERT INTO thing VALUES (?)', args: [id] });

test('[DB3] every commit waits for the disk: write-ahead log, synchronous FULL', async () => {
  await expectDurable();
});

test('[DB3] also after batches and transactions, and after those that failed', async () => {
  await client.batch([insert(1), insert(2)], 'write');
  await expectDurable();
  await expect(client.batch([insert(3), insert(3)], 'write')).rejects.toThrow(/UNIQUE/);
  await expectDurable();
  await expect(client.migrate([insert(4), insert(4)])).rejects.toThrow(/UNIQUE/);
  await expectDurable();

  const committed = await client.transaction('write');
  await committed.execute(insert(5));
  await committed.commit();
  await expectDurable();
  const refused = await client.transaction('write');
  await expect(refused.execute(insert(5))).rejects.toThrow(/UNIQUE/);
  await refused.rollback();
  await expectDurable();
  const closed = await client.transaction('write');
  closed.close();
  await expectDurable();
  const left = await client.execute('SELECT id FROM thing ORDER BY id');
  expect(left.rows.map((row) => row.id)).toEqual([1, 2, 5]);
});

test('[DB3] also on a connection that the client opens anew', async () => {
  await client.reconnect();
  await expectDurable();
});
