// Reverts that were answered before they had rows of their own: a retry of one finds it still.
import { expect, test } from 'bun:test';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { utf8 } from '@hakiri/base/bytes';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { sql } from 'drizzle-orm';
import { pack, unpack } from '../publish/packed.ts';
import { requests, reverts } from './schema.ts';

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));
const BEFORE = '0010_reverts';
const [KEY, BODY] = ['a'.repeat(32), 'b'.repeat(32)];

/** The migrations as they were before `reverts`. */
async function migrationsBefore(directory: string): Promise<string> {
  const path = join(directory, 'migrations');
  await cp(MIGRATIONS, path, { recursive: true });
  for (const name of await readdir(path)) if (name >= BEFORE && name < 'meta') await rm(join(path, name));
  const journal = join(path, 'meta', '_journal.json');
  const { entries, ...rest } = await Bun.file(journal).json();
  const kept = entries.filter(({ tag }: { tag: string }) => tag < BEFORE);
  await Bun.write(journal, JSON.stringify({ ...rest, entries: kept }));
  return path;
}

test('[AP9.11] reverts that were answered before keep their keys, and no other request becomes one of theirs', async () => {
  const directory = await makeTempDirectory();
  const asked = async (id: string, key: string, author = 'ada') => {
    await old.orm.run(sql`insert into requests (id, team, author, idempotency_key, body_hash, body, traceparent, audit_id, created_at_ms, state)
      values (${id}, 'default', ${author}, ${key}, 'hash', '{"doc":"main","version":"v","scope":{"kind":"all"}}', 't', ${id}, 1, 'requested')`);
  };
  const first = await openEmbedded(directory.path);
  const old = await first.database('apply', await migrationsBefore(directory.path));
  await asked('1', `revert:${KEY}:${BODY}:main`);
  await asked('2', `revert:${KEY}:${BODY}:eu`);
  await asked('3', `revert:${KEY}:${BODY}:main`, 'bob');
  await asked('4', 'revert:by-hand');
  await old.orm.run(
    sql`insert into revert_answers (request, packed) values ('1', ${await pack(utf8('{}'))})`,
  );
  await first.close();

  const second = await openEmbedded(directory.path);
  const { orm } = await second.database('apply', MIGRATIONS);
  const [kept, ...more] = await orm.select().from(reverts);
  expect([kept, more]).toMatchObject([{ id: '1', author: 'ada', keyHash: KEY, bodyHash: BODY }, []]);
  expect(kept && (await unpack(kept.packed))).toEqual(utf8('{}'));
  const rows = await orm.select({ id: requests.id, revert: requests.revert }).from(requests);
  expect(rows).toEqual([
    { id: '1', revert: '1' },
    { id: '2', revert: '1' },
    { id: '3', revert: null },
    { id: '4', revert: null },
  ]);
  await second.close();
  await directory.remove();
});
