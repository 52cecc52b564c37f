// A bed for moves of groups between real documents in memory, with a registry in a directory that goes after each test.
import { afterEach, beforeEach } from 'bun:test';
import { createPipeline } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import type { MoveResult } from '@hakiri/contracts/sync';
import { systemClock } from '@hakiri/substrate/clock';
import { openDirectoryBlobStore } from '@hakiri/substrate/directory/blob-store';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import type { LoroDoc } from 'loro-crdt';
import { moveGroup } from '../team/move-group.ts';
import { createRegistryStore, type RegistryStore } from '../team/registry-store.ts';
import { realDocuments } from './real-documents.ts';

export const TEAM = 'default';
const ALICE = { kind: 'user', id: 'alice' } as const;

/** Called once in a test file, outside of its tests. */
export function movingBeds() {
  let directory: TempDirectory;
  let registry: RegistryStore;
  beforeEach(async () => {
    directory = await makeTempDirectory();
    const blobs = await openDirectoryBlobStore(directory.path);
    registry = createRegistryStore({ blobs, clock: systemClock });
  });
  afterEach(() => directory.remove());
  return {
    registryOf: (): RegistryStore => registry,
    bed(...names: string[]) {
      const { of, hooks, documents } = realDocuments(...names);
      const move = (group = 'g', from = 'main', to = 'eu'): Promise<MoveResult> =>
        moveGroup({ documents, registry }, { team: TEAM, from, to, group }, ALICE);
      return { of, hooks, move };
    },
  };
}

export function fill(doc: LoroDoc, count: number, group = 'g'): string[] {
  const keys = Array.from({ length: count }, (_, index) =>
    createPipeline(doc, {
      id: `p-${index}`,
      group,
      source: { kind: 'csv', ref: '${HOST}' },
      schedule: { kind: 'every', expr: '1h' },
      transforms: [
        { key: `01HZ${String(index).padStart(22, '0')}`, kind: 'filter', body: 'a > 1', inputs: ['a'] },
      ],
    }),
  );
  doc.commit();
  return keys;
}

export const ids = (doc: LoroDoc): string[] =>
  readConfig(doc)
    .pipelines.map(({ id }) => String(id))
    .sort();
