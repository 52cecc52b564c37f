// The store: rows and audit entries together or not at all, one change at a time, and the chain whole whatever happens.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { type Database, openDatabase } from '@hakiri/substrate/libsql/database';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { checkChain, EMPTY_CHAIN } from './audit-chain.ts';
import { type AuditNote, createStore, type Store } from './store.ts';
import { readEntries } from './store-audit.ts';
import { findMember, hasTeam, insertMember, insertTeam, listMembers } from './store-members.ts';
import { readRevocations } from './store-tokens.ts';

let directory: TempDirectory;
let database: Database;
let store: Store;

beforeEach(async () => {
  directory = await makeTempDirectory();
  await open();
});

afterEach(async () => {
  await database.close();
  await directory.remove();
});

async function open(): Promise<void> {
  database = await openDatabase(
    `file:${join(directory.path, 'auth.db')}`,
    join(import.meta.dir, 'migrations'),
  );
  store = createStore(database);
}

function note(id: string): AuditNote {
  const at = '2026-03-01T12:00:00.000Z';
  const actor = { kind: 'user', id: 'alice' } as const;
  return { id, at, actor, service: 'auth', action: 'test', outcome: 'done', target: id, detail: { id } };
}

const bob = { team: 't', user: 'bob', name: 'Bob', role: 'viewer', sinceMs: 1 } as const;

test('[AU4.1] a change that fails leaves neither rows, nor revocations, nor an audit entry', async () => {
  const { orm } = store;
  await store.change('t', async () => ({
    statements: [insertMember(orm, bob)],
    notes: [note('1')],
    revoked: [],
  }));
  const failing = store.change('t', async () => ({
    statements: [insertTeam(orm, 't', 1), insertMember(orm, bob)],
    notes: [note('2')],
    revoked: [{ id: 'r', untilMs: 10 }],
  }));
  await expect(failing).rejects.toThrow();
  expect(await hasTeam(orm, 't')).toBe(false);
  expect(await readRevocations(orm, 0, 10, 0)).toEqual([]);
  expect(await readEntries(orm, 't', 0, 10)).toHaveLength(1);
});

test('[AU4.1] a hundred changes at once, some of them failing, make one gapless chain that survives a restart', async () => {
  const changes = Array.from({ length: 100 }, (_, index) =>
    store.change('t', async (orm) => {
      if (index % 7 === 0) throw new Error('decided badly');
      const team = insertTeam(orm, index % 5 === 0 ? 'same' : `team-${index}`, 1);
      return { statements: [team], notes: [note(`a${index}`), note(`b${index}`)], revoked: [] };
    }),
  );
  const committed = (await Promise.allSettled(changes)).filter(({ status }) => status === 'fulfilled').length;
  expect(committed).toBeLessThan(100);
  await database.close();
  await open();
  const entries = await readEntries(store.orm, 't', 0, 1_000);
  expect(entries).toHaveLength(committed * 2);
  expect(checkChain(EMPTY_CHAIN, 't', entries)).toMatchObject({ kind: 'intact' });
});

test('[AU1.7] decisions see every change before them: a read in a change is of the latest rows', async () => {
  const counts = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      store.change('t', async (orm) => {
        const before = (await listMembers(orm, 't')).length;
        const statements = [insertMember(orm, { ...bob, user: `user-${index}` })];
        return { statements, notes: [], revoked: [], before };
      }),
    ),
  );
  expect(counts.map(({ before }) => before).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, index) => index),
  );
  expect(await findMember(store.orm, 'other', 'user-1')).toBeUndefined();
});
