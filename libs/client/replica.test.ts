// The stored replica against a whole server in this process: reloads, an hour offline, two tabs, refusals, a crash.
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitEdit, createPipeline, setText } from '@hakiri/config-doc/edit';
import { readConfig, readPipeline } from '@hakiri/config-doc/read';
import { DEFAULT_DOC, DEFAULT_TEAM } from '@hakiri/contracts/names';
import { type Embedded, startEmbedded } from '@hakiri/embedded/embedded';
import { createClient } from './client.ts';
import { createFileReplicas } from './replica-file.ts';
import type { ReplicaStore } from './replica-store.ts';
import { connectDocument, type DocumentConnection, type SyncStatus } from './sync.ts';

const place = { team: DEFAULT_TEAM, doc: DEFAULT_DOC };
const PROGRAM = join(import.meta.dir, 'testing', 'offline-editor.ts');
let folder: string;
let server: Embedded;
let port = 0;
let ownerToken: string;
const opened: { close(): void }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hakiri-replica-'));
  await start();
});
afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close();
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const dataDir = join(folder, 'data');
  server = await startEmbedded({ dataDir, hostname: '127.0.0.1', port, logLevel: 'error' });
  port = Number(new URL(server.url).port);
  ownerToken = server.ownerToken;
}

function storeOf(name: string): ReplicaStore {
  const store = createFileReplicas(join(folder, name));
  opened.push(store);
  return store;
}

async function connect(store?: ReplicaStore, token = ownerToken): Promise<DocumentConnection> {
  const client = createClient({ url: `http://127.0.0.1:${port}`, token });
  const replica = store ? { replica: { store, user: 'ada' } } : {};
  const connection = await connectDocument({ client, ...place, ...replica });
  opened.push(connection);
  return connection;
}

function until(connection: DocumentConnection, wanted: (status: SyncStatus) => boolean): Promise<void> {
  return new Promise((resolve) => {
    connection.onStatus((status) => wanted(status) && resolve());
  });
}

function seen(connection: DocumentConnection, isThere: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isThere()) return;
      stop();
      resolve();
    };
    const stop = connection.doc.subscribe(look);
    look();
  });
}

const unsavedOf = (status: SyncStatus): number => ('unsaved' in status ? status.unsaved : 0);
const make = (connection: DocumentConnection, id: string): string =>
  commitEdit(connection.doc, 'test', () => createPipeline(connection.doc, { id, name: id }));
const rename = (connection: DocumentConnection, key: string, name: string): void =>
  void commitEdit(connection.doc, 'test', () => setText(connection.doc, key, 'name', name));

test('[SY16.1] an hour offline with 50 edits merges with what others did meanwhile', async () => {
  const store = storeOf('hour');
  const ada = await connect(store);
  const bob = await connect(storeOf('hour-bob'));
  const mine = make(ada, 'mine');
  const shared = make(bob, 'shared');
  await Promise.all([ada.saved(), bob.saved()]);
  await seen(ada, () => readPipeline(ada.doc, shared) !== undefined);
  await server.stop();
  await Promise.all([
    until(ada, ({ kind }) => kind === 'offline'),
    until(bob, ({ kind }) => kind === 'offline'),
  ]);
  for (let edit = 0; edit < 49; edit++) rename(ada, mine, `mine ${edit}`);
  commitEdit(ada.doc, 'test', () => setText(ada.doc, shared, 'description', 'of ada'));
  rename(bob, shared, 'of bob');
  await Promise.all([ada.kept(), bob.kept()]);
  expect(ada.status()).toMatchObject({ kind: 'offline', kept: true });
  expect(unsavedOf(ada.status())).toBeGreaterThanOrEqual(50);
  await start();
  await Promise.all([ada.saved(), bob.saved()]);
  await seen(ada, () => readPipeline(ada.doc, shared)?.name === 'of bob');
  await seen(bob, () => readPipeline(bob.doc, mine)?.name === 'mine 48');
  await seen(bob, () => readPipeline(bob.doc, shared)?.description === 'of ada');
  expect(ada.version()).toBe(bob.version());
}, 120_000);

test('[SY16.2] a reload while the server is away begins with what was there, and what was unsent is sent on return', async () => {
  const store = storeOf('reload');
  const before = await connect(store);
  const key = make(before, 'reloaded');
  await before.saved();
  await server.stop();
  await until(before, ({ kind }) => kind === 'offline');
  rename(before, key, 'typed offline');
  await before.kept();
  before.close();
  const after = await connect(store);
  expect(after.status()).toMatchObject({ kind: 'offline', kept: true });
  expect(unsavedOf(after.status())).toBeGreaterThan(0);
  expect(readPipeline(after.doc, key)?.name).toBe('typed offline');
  await start();
  await after.saved();
  const witness = await connect();
  expect(readPipeline(witness.doc, key)?.name).toBe('typed offline');
}, 120_000);

test('[SY16.3] a process killed between an edit and its sending loses nothing that was kept', async () => {
  const seed = await connect(storeOf('killed'));
  await seed.saved();
  seed.close();
  await server.stop();
  const child = Bun.spawn([process.execPath, PROGRAM, join(folder, 'killed'), `http://127.0.0.1:${port}`], {
    stdout: 'pipe',
    stderr: 'inherit',
  });
  // It says so when its edits are kept, and goes on typing.
  const { value } = await child.stdout.getReader().read();
  const key = new TextDecoder().decode(value).trim();
  child.kill('SIGKILL');
  await child.exited;
  await start();
  const after = await connect(storeOf('killed'));
  await after.saved();
  const witness = await connect();
  expect(String(readPipeline(witness.doc, key)?.name)).toStartWith('typed 4');
}, 120_000);

test('[SY16.4] tabs of one browser see each other offline, write under different peers, and drain one that is gone', async () => {
  const store = storeOf('tabs');
  const [one, two] = [await connect(store), await connect(store)];
  expect(one.doc.peerIdStr).not.toBe(two.doc.peerIdStr);
  await server.stop();
  await Promise.all([
    until(one, ({ kind }) => kind === 'offline'),
    until(two, ({ kind }) => kind === 'offline'),
  ]);
  const key = make(one, 'tabbed');
  await seen(two, () => readPipeline(two.doc, key) !== undefined);
  // Without a connection each says how much waits on this device.
  expect(unsavedOf(two.status())).toBe(unsavedOf(one.status()));
  rename(two, key, 'by the second tab');
  await Promise.all([one.kept(), two.kept()]);
  one.close();
  await start();
  await two.saved();
  const witness = await connect();
  expect(readPipeline(witness.doc, key)?.name).toBe('by the second tab');
}, 120_000);

test('[SY16.5] edits that are refused stay, are said, and go when they are given up', async () => {
  const { auth } = createClient({ url: server.url, token: ownerToken });
  const { token } = await auth.createToken({ name: 'reader', role: 'viewer', ttlDays: 1 });
  const store = storeOf('refused');
  const before = await connect(store, token);
  expect(before.status()).toMatchObject({ kind: 'read_only', unsaved: 0 });
  make(before, 'not-mine');
  await before.kept();
  expect(unsavedOf(before.status())).toBeGreaterThan(0);
  before.close();
  const after = await connect(store, token);
  await until(after, ({ kind }) => kind === 'read_only');
  expect(unsavedOf(after.status())).toBeGreaterThan(0);
  expect(readConfig(after.doc).pipelines.some(({ id }) => id === 'not-mine')).toBe(true);
  await after.forget();
  const fresh = await connect(store, token);
  await until(fresh, ({ kind }) => kind === 'read_only');
  expect(readConfig(fresh.doc).pipelines.some(({ id }) => id === 'not-mine')).toBe(false);
});

test('[SY16.6] a join that is refused keeps the replica and says so', async () => {
  const store = storeOf('shut');
  const before = await connect(store);
  const key = make(before, 'shut-out');
  await before.saved();
  before.close();
  const after = await connect(store, 'nonsense');
  await until(after, ({ kind }) => kind === 'refused');
  rename(after, key, 'typed before the door');
  await after.kept();
  expect(after.status()).toMatchObject({ kind: 'refused', kept: true });
  after.close();
  const back = await connect(store);
  await back.saved();
  const witness = await connect();
  expect(readPipeline(witness.doc, key)?.name).toBe('typed before the door');
});
