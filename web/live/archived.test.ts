import { expect, test } from 'bun:test';
import type { SyncStatus } from '@hakiri/client/sync';
import type { DocumentInfo } from '@hakiri/contracts/sync';
import { watchArchived } from './archived.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('[PG2.8] read only because of an archive is told from read only because of a role, and ends when it is taken back', async () => {
  let tell: (status: SyncStatus) => void = () => {};
  let docs: DocumentInfo[] = [{ doc: 'lab', title: 'Lab' }];
  let asked = 0;
  const { info, close } = watchArchived(
    {
      onStatus(listener) {
        tell = listener;
        return () => {};
      },
    },
    {
      async list() {
        asked += 1;
        return docs;
      },
    },
    'lab',
  );
  const readOnly: SyncStatus = { kind: 'read_only', unsaved: 0, kept: true };
  tell({ kind: 'saved' });
  tell(readOnly);
  await settle();
  expect(info.get()).toBeUndefined();
  tell({ kind: 'saved' });
  docs = [{ doc: 'lab', title: 'Lab', archivedAt: '2026-01-01T00:00:00Z' }];
  tell(readOnly);
  tell({ kind: 'read_only', unsaved: 3, kept: true });
  await settle();
  expect(info.get()?.archivedAt).toBe('2026-01-01T00:00:00Z');
  expect(asked).toBe(2);
  tell({ kind: 'offline', unsaved: 0, kept: true });
  expect(info.get()).toBeDefined();
  tell({ kind: 'saved' });
  expect(info.get()).toBeUndefined();
  close();
});
