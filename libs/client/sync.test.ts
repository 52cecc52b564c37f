// The live document against a whole server in this process, which goes away and comes back.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitEdit, createPipeline, setText } from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import { DEFAULT_DOC, DEFAULT_TEAM } from '@hakiri/contracts/names';
import { type Embedded, startEmbedded } from '@hakiri/embedded/embedded';
import { createClient } from './client.ts';
import { fixedToken } from './http.ts';
import { connectDocument, type DocumentConnection, JoinRefused } from './sync.ts';

const place = { team: DEFAULT_TEAM, doc: DEFAULT_DOC };
let folder: string;
let server: Embedded;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hakiri-client-'));
  await start(0);
});

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(at: number): Promise<void> {
  const dataDir = join(folder, 'data');
  server = await startEmbedded({ dataDir, hostname: '127.0.0.1', port: at, logLevel: 'error' });
  port = Number(new URL(server.url).port);
}

const connect = (token = server.ownerToken): Promise<DocumentConnection> =>
  connectDocument({ client: createClient({ url: server.url, token }), ...place });

/** Resolves at the first status for which `wanted` holds. */
function until(connection: DocumentConnection, kind: string, unsaved?: number): Promise<void> {
  return new Promise((resolve) => {
    connection.onStatus((status) => {
      const fits = unsaved === undefined || ('unsaved' in status && status.unsaved === unsaved);
      if (status.kind === kind && fits) resolve();
    });
  });
}

function seen(connection: DocumentConnection, key: string, name: string): Promise<void> {
  const isThere = (): boolean => readPipeline(connection.doc, key)?.name === name;
  return new Promise((resolve) => {
    if (isThere()) return resolve();
    const stop = connection.doc.subscribe(() => {
      if (!isThere()) return;
      stop();
      resolve();
    });
  });
}

test('[SY1] two connections converge, and "saved" comes after the acknowledgement', async () => {
  const [ada, bob] = await Promise.all([connect(), connect()]);
  const states: string[] = [];
  ada.onStatus(({ kind }) => states.push(kind));
  const key = commitEdit(ada.doc, 'test', () => createPipeline(ada.doc, { id: 'one', name: 'One' }));
  await ada.saved();
  expect(states).toEqual(['saved', 'saving', 'saved']);
  await seen(bob, key, 'One');
  expect(bob.version()).toBe(ada.version());
  ada.close();
  bob.close();
  expect(ada.status()).toEqual({ kind: 'closed' });
});

test('[SY4] presence reaches the others under the identity of its writer', async () => {
  const [ada, bob] = await Promise.all([connect(), connect()]);
  const arrived = new Promise<unknown>((resolve) => {
    bob.presence.subscribe(() => {
      const entry = bob.presence.get('ada/1');
      if (entry !== undefined) resolve(entry);
    });
  });
  ada.presence.set('ada/1', { field: 'name' });
  expect(await arrived).toMatchObject({ field: 'name', user: ada.joined.extra?.user ?? 'unknown' });
  ada.close();
  bob.close();
});

test('[SY2] edits made while the server is away are called unsaved, and are there when it is back', async () => {
  const ada = await connect();
  const key = commitEdit(ada.doc, 'test', () => createPipeline(ada.doc, { id: 'two', name: 'Two' }));
  await ada.saved();
  await server.stop();
  await until(ada, 'offline', 0);
  commitEdit(ada.doc, 'test', () => setText(ada.doc, key, 'name', 'Two, offline'));
  expect(ada.status()).toMatchObject({ kind: 'offline', kept: false });
  await start(port);
  await ada.saved();
  const bob = await connect();
  expect(readPipeline(bob.doc, key)?.name).toBe('Two, offline');
  ada.close();
  bob.close();
}, 120_000);

test('[SY12] nobody gets in without a token that may', async () => {
  const client = { url: server.url, tokens: fixedToken('nonsense') };
  const refusal = await connectDocument({ client, ...place }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(JoinRefused);
  const node = await createClient({ url: server.url, token: server.ownerToken }).auth.createToken({
    name: 'node',
    role: 'node',
    ttlDays: 1,
  });
  expect(await connect(node.token).catch((error: unknown) => error)).toBeInstanceOf(JoinRefused);
});

test('[SY12] a revoked token ends the connection within two seconds, and says why', async () => {
  const owner = createClient({ url: server.url, token: server.ownerToken }).auth;
  const { info, token } = await owner.createToken({ name: 'ci', role: 'editor', ttlDays: 1 });
  const connection = await connect(token);
  const revoked = performance.now();
  await owner.revokeToken(info.id);
  await until(connection, 'refused', 0);
  expect(performance.now() - revoked).toBeLessThan(2_000);
  expect(connection.status()).toMatchObject({ kind: 'refused', code: 'token_revoked', unsaved: 0 });
  connection.close();
});

test('[SY12] edits of somebody who may only read are refused, and not called saved', async () => {
  const owner = createClient({ url: server.url, token: server.ownerToken }).auth;
  const { token } = await owner.createToken({ name: 'reader', role: 'viewer', ttlDays: 1 });
  const connection = await connect(token);
  expect(connection.joined.permission).toBe('read');
  commitEdit(connection.doc, 'test', () => createPipeline(connection.doc, { id: 'mine' }));
  expect(await connection.saved().catch((error: unknown) => error)).toBeInstanceOf(JoinRefused);
  expect(connection.status()).toMatchObject({ kind: 'read_only' });
  connection.close();
});
