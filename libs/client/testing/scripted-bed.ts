// What tests against the scripted server share: servers, stores and connections that end with the test, and edits.
import { afterEach } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitEdit, createPipeline, setText } from '@hakiri/config-doc/edit';
import type { LoroDoc } from 'loro-crdt';
import { fixedToken } from '../http.ts';
import { createFileReplicas } from '../replica-file.ts';
import type { ReplicaStore } from '../replica-store.ts';
import { connectDocument, type DocumentConnection, type DocumentOptions, type SyncStatus } from '../sync.ts';
import { type Script, startScriptedServer } from './scripted-server.ts';

/** Once in a file, outside of its tests. */
export function scriptedBed() {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return {
    serve(script: Script) {
      const server = startScriptedServer(script);
      ends.push(() => server.stop());
      return server;
    },
    async newStore(): Promise<ReplicaStore> {
      const folder = await mkdtemp(join(tmpdir(), 'hakiri-scripted-'));
      const store = createFileReplicas(folder);
      ends.push(async () => {
        store.close();
        await rm(folder, { recursive: true, force: true });
      });
      return store;
    },
    async connect(
      url: string,
      store?: ReplicaStore,
      options: Pick<DocumentOptions, 'blockedAfterMs'> = {},
    ): Promise<DocumentConnection> {
      const client = { url, tokens: fixedToken('a token') };
      const replica = store ? { replica: { store, user: 'ada' } } : {};
      const connection = await connectDocument({
        client,
        team: 'default',
        doc: 'main',
        ...replica,
        ...options,
      });
      ends.push(() => connection.close());
      return connection;
    },
  };
}

export function statusOf(
  connection: DocumentConnection,
  isWanted: (status: SyncStatus) => boolean,
): Promise<SyncStatus> {
  return new Promise((resolve) => {
    connection.onStatus((status) => isWanted(status) && resolve(status));
  });
}

export const make = (doc: LoroDoc, id: string): string =>
  commitEdit(doc, 'test', () => createPipeline(doc, { id, name: id }));
export const rename = (doc: LoroDoc, key: string, name: string): void =>
  void commitEdit(doc, 'test', () => setText(doc, key, 'name', name));
