// Tabs where nobody can tell which of them live, as in a browser over plain http: each writes under an id of its own, and nothing
// that was stored is lost.
import { afterEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { commitEdit, createPipeline } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import { DEFAULT_DOC, DEFAULT_TEAM } from '@hakiri/contracts/names';
import { startEmbedded } from '@hakiri/embedded/embedded';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { LoroDoc } from 'loro-crdt';
import { createClient } from './client.ts';
import { openReplica } from './replica.ts';
import { createFileReplicas } from './replica-file.ts';
import { NO_LOCKS, type ReplicaStore } from './replica-store.ts';
import { connectDocument, type DocumentConnection } from './sync.ts';
import { createEditing } from './sync-editing.ts';
import { versionMap } from './sync-ledger.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function newStore(): Promise<ReplicaStore> {
  const directory = await makeTempDirectory();
  const files = createFileReplicas(directory.path);
  ends.push(async () => {
    files.close();
    await directory.remove();
  });
  return { ...files, open: async (place) => ({ ...(await files.open(place)), locks: NO_LOCKS }) };
}

async function tabOf(store: ReplicaStore) {
  const place = { user: 'ada', room: 'default/main' };
  const replica = await openReplica({ store, ...place, onBroken: () => {} });
  if (!replica) throw new Error('the store does not open');
  const editing = createEditing({ replica, onChange: () => {}, onKept: () => {} });
  await editing.load();
  ends.push(() => editing.close());
  return { replica, editing };
}

test('[SY16.4] two tabs without locks never write under a leased id, and the store keeps what both typed', async () => {
  const store = await newStore();
  const leased = ['11', '12', '13'];
  const first = await tabOf(store);
  await first.editing.lease({ peers: leased }, 'write');
  const [one, two] = [await tabOf(store), await tabOf(store)];
  for (const { editing } of [first, one, two]) expect(leased).not.toContain(editing.doc().peerIdStr);
  for (const [name, { editing, replica }] of Object.entries({ one, two })) {
    editing.doc().getMap('m').set(name, 'typed');
    editing.doc().commit();
    await replica.flush();
  }
  const { doc } = await one.replica.read();
  expect(doc.getMap('m').toJSON()).toEqual({ one: 'typed', two: 'typed' });
  expect(one.editing.ledger().unsaved('mine')).toBe(1);
});

test('[SY16.4] a fold without locks keeps what another tab appended, and what is unsent stays known', async () => {
  const store = await newStore();
  const [one, two] = [await tabOf(store), await tabOf(store)];
  const [busy, quiet] = [new LoroDoc(), new LoroDoc()];
  quiet.getMap('quiet').set('typed', true);
  quiet.commit();
  await two.replica.keep({ kind: 'local', bytes: quiet.export({ mode: 'update' }) });
  let stored = await one.replica.log.read();
  for (let edit = 0; stored.base === undefined; edit++) {
    const from = busy.oplogVersion();
    busy.getMap('busy').set('edit', edit);
    busy.commit();
    await one.replica.keep({ kind: 'local', bytes: busy.export({ mode: 'update', from }) });
    stored = await one.replica.log.read();
    expect(edit).toBeLessThan(2_000);
  }
  const next = await tabOf(store);
  expect(next.editing.doc().getMap('quiet').toJSON()).toEqual({ typed: true });
  const unsent = new Map(
    next.editing
      .ledger()
      .unacknowledged(versionMap(next.editing.doc()))
      .map(({ peer, from }) => [peer, from]),
  );
  expect(unsent).toEqual(
    new Map([
      [busy.peerIdStr, 0],
      [quiet.peerIdStr, 0],
    ]),
  );
}, 120_000);

test('[SY16.4] without locks, what tabs typed offline and left reaches the server by the next one', async () => {
  const data = await makeTempDirectory();
  ends.push(() => data.remove());
  const options = { dataDir: join(data.path, 'data'), hostname: '127.0.0.1', logLevel: 'error' } as const;
  let server = await startEmbedded({ ...options, port: 0 });
  ends.push(() => server.stop());
  const { url, ownerToken } = server;
  const client = createClient({ url, token: ownerToken });
  const place = { client, team: DEFAULT_TEAM, doc: DEFAULT_DOC };
  const store = await newStore();
  const connect = async (): Promise<DocumentConnection> => {
    const connection = await connectDocument({ ...place, replica: { store, user: 'ada' } });
    ends.push(() => connection.close());
    return connection;
  };
  const tabs = [await connect(), await connect()];
  await server.stop();
  for (const [index, tab] of tabs.entries()) {
    commitEdit(tab.doc, 'test', () => createPipeline(tab.doc, { id: `typed-${index}` }));
    await tab.kept();
    tab.close();
  }
  server = await startEmbedded({ ...options, port: Number(new URL(url).port) });
  const next = await connect();
  const witness = await connectDocument(place);
  ends.push(() => witness.close());
  const typed = (): string[] => readConfig(witness.doc).pipelines.map(({ id }) => String(id));
  await new Promise<void>((resolve) => {
    const look = (): void => void (typed().length >= 2 && resolve());
    witness.doc.subscribe(look);
    look();
  });
  expect(typed().sort()).toEqual(['typed-0', 'typed-1']);
  expect(next.status()).toEqual({ kind: 'saved' });
}, 120_000);
