// Handing in old work while its author goes on typing, against a server that takes everything.
import { expect, test } from 'bun:test';
import { commitEdit, createPipeline, setText } from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import { LoroDoc } from 'loro-crdt';
import { createLedger, spansOf } from './sync-ledger.ts';
import { rescue } from './sync-rescue.ts';

test('[SY16.10] what is typed faster than old work is handed in is in the patch at last', async () => {
  const doc = new LoroDoc();
  const ledger = createLedger();
  doc.subscribeLocalUpdates((update) => {
    for (const span of spansOf(update)) ledger.made(span, { kept: true, mine: true });
  });
  const key = commitEdit(doc, 'test', () => createPipeline(doc, { id: 'a', name: 'typed 0' }));
  const server = new LoroDoc();
  let typed = 0;
  const documents = {
    rescue: async (_doc: string, update: Uint8Array) => {
      server.import(update);
      return { kind: 'rebased' as const, version: '', changed: 1 };
    },
    bytes: async () => {
      const bytes = server.export({ mode: 'snapshot' });
      typed += 1;
      commitEdit(doc, 'test', () => setText(doc, key, 'name', `typed ${typed}`));
      return bytes;
    },
  };
  const { fresh, patch } = await rescue({ documents, docId: 'main', doc, ledger });
  const name = readPipeline(fresh, key)?.name;
  expect(name).toBe(`typed ${typed - 1}`);
  const [change, ...more] = patch;
  expect(more).toEqual([]);
  expect(change).toMatchObject({ key, path: ['name'], before: name, mine: `typed ${typed}` });
  expect(change?.isOthers).toBeUndefined();
});
