// A service's database on a real libSQL server: migrated, written in transactions, whole after the server was killed.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SqldServer, sqldServerAvailable, startSqldServer } from '@hakiri/testing/sqld-server';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { openDatabase } from './database.ts';

const things = sqliteTable('things', { id: integer().primaryKey(), name: text().notNull().unique() });
const JOURNAL = {
  version: '7',
  dialect: 'sqlite',
  entries: [{ idx: 0, version: '6', when: 1, tag: '0000_init', breakpoints: true }],
};

describe.skipIf(!sqldServerAvailable())('a libSQL server', () => {
  let server: SqldServer;
  let directory: TempDirectory;
  beforeAll(async () => {
    server = await startSqldServer();
    directory = await makeTempDirectory();
    await mkdir(join(directory.path, 'meta'));
    await writeFile(join(directory.path, 'meta/_journal.json'), JSON.stringify(JOURNAL));
    const statement = 'CREATE TABLE things (id integer PRIMARY KEY, name text NOT NULL UNIQUE);';
    await writeFile(join(directory.path, '0000_init.sql'), statement);
  });
  afterAll(async () => {
    await server?.stop();
    await directory?.remove();
  });

  const open = () => openDatabase(server.url, directory.path);

  test('[DB1] is migrated once, by however many processes', async () => {
    const [one, two] = await Promise.all([open(), open()]);
    await one.write((orm) => orm.insert(things).values({ name: 'one' }));
    expect(await two.orm.select().from(things)).toHaveLength(1);
    await one.close();
    await two.close();
  });

  test('[DB2] a batch is one transaction', async () => {
    const database = await open();
    const twice = database.write((orm) =>
      orm.batch([orm.insert(things).values({ name: 'two' }), orm.insert(things).values({ name: 'one' })]),
    );
    await expect(twice).rejects.toThrow();
    const names = await database.orm.select().from(things);
    expect(names.map(({ name }) => name)).toEqual(['one']);
    await database.close();
  });

  test('[DB3] what was answered is there after a SIGKILL of the server, and the client goes on by itself', async () => {
    const database = await open();
    for (let n = 0; n < 50; n++) await database.write((orm) => orm.insert(things).values({ name: `n${n}` }));
    await server.kill();
    await expect((async () => database.orm.select().from(things))()).rejects.toThrow();
    await server.start();
    const count = await database.orm.select({ rows: sql<number>`count(*)` }).from(things).get();
    expect(count?.rows).toBe(51);
    await database.close();
  });
});
