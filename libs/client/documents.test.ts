// Documents over HTTP against a whole server in this process.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitEdit, createPipeline, moveToGroup } from '@hakiri/config-doc/edit';
import { DEFAULT_TEAM } from '@hakiri/contracts/names';
import { type Embedded, startEmbedded } from '@hakiri/embedded/embedded';
import { LoroDoc } from 'loro-crdt';
import { createClient } from './client.ts';
import { connectDocument } from './sync.ts';

let folder: string;
let server: Embedded;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hakiri-documents-'));
  server = await startEmbedded({ dataDir: folder, hostname: '127.0.0.1', port: 0, logLevel: 'error' });
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('[SY14] documents are created, renamed, archived and taken back; an archived one is read only', async () => {
  const client = createClient({ url: server.url, token: server.ownerToken });
  const { documents } = client;
  expect(await documents.create({ doc: 'eu', title: 'Europe' })).toMatchObject({
    doc: 'eu',
    title: 'Europe',
  });
  expect(await documents.update('eu', { title: 'All of Europe' })).toMatchObject({ title: 'All of Europe' });
  expect((await documents.list()).map(({ doc }) => doc)).toContain('eu');
  await documents.update('eu', { archived: true });
  expect((await documents.list()).map(({ doc }) => doc)).not.toContain('eu');
  expect((await documents.list({ archived: true })).map(({ doc }) => doc)).toContain('eu');
  const connection = await connectDocument({ client, team: DEFAULT_TEAM, doc: 'eu' });
  expect(connection.status()).toMatchObject({ kind: 'read_only', unsaved: 0 });
  connection.close();
  expect((await documents.update('eu', { archived: false })).archivedAt).toBeUndefined();
});

test('[SY14] a group moves to another document, and both are read as JSON and as bytes', async () => {
  const client = createClient({ url: server.url, token: server.ownerToken });
  const { documents } = client;
  const main = await connectDocument({ client, team: DEFAULT_TEAM, doc: 'main' });
  commitEdit(main.doc, 'test', () => {
    const key = createPipeline(main.doc, { id: 'moved' });
    moveToGroup(main.doc, key, 'shop');
  });
  await main.saved();
  await documents.create({ doc: 'shop' });
  expect(await documents.moveGroup('main', { group: 'shop', to: 'shop' })).toMatchObject({
    state: 'done',
    moved: 1,
  });
  expect((await documents.view('main')).config.pipelines).toEqual([]);
  expect((await documents.view('shop')).config.pipelines.map(({ id }) => id)).toEqual(['moved']);
  const doc = new LoroDoc();
  doc.import(await documents.bytes('shop'));
  expect(doc.getMap('pipelines').size).toBe(1);
  main.close();
});
