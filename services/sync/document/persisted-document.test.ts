// When a new base is made of a log that grows.
import { expect, test } from 'bun:test';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { entriesOf } from '@hakiri/substrate/log-group';
import { DEFAULTS } from '../config.ts';
import { PersistedDocument } from './persisted-document.ts';
import type { LogRecord } from './record.ts';

const ENTRIES = 10;
const RECORD: LogRecord = { kind: 'created', actor: { kind: 'service', id: 'sync' }, receivedAtMs: 0 };

/** A log that takes everything, and a document that says when it wants a base. */
function grow() {
  const log: DocumentLog = {
    open: () => Promise.reject(new Error('not opened here')),
    read: () => Promise.reject(new Error('not read here')),
    position: () => Promise.reject(new Error('not read here')),
    list: async () => [],
    compact: async () => {},
    append: async (_id, _epoch, position, group) => position + entriesOf(group).length,
  };
  const seen = { nowMs: 0, grown: 0 };
  const persisted = new PersistedDocument(
    { epoch: 1, base: undefined, entries: [], position: 0 },
    {
      log,
      id: { team: 'default', doc: 'main' },
      config: { ...DEFAULTS, compactEntries: ENTRIES },
      clock: { now: () => seen.nowMs },
      onFailure: () => {},
      onStored: () => {},
      onBaseFailed: () => {},
      onGrown: () => {
        seen.grown += 1;
      },
    },
  );
  const store = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) persisted.submit(RECORD, () => {});
    await persisted.durable();
  };
  /** Of all that is stored. */
  const compact = (tookMs: number, entries: number): Promise<void> =>
    persisted.compact(async () => {
      seen.nowMs += tookMs;
      const content = {
        base: undefined,
        position: entries,
        entries: Array.from({ length: entries }, () => EMPTY),
      };
      return { content, base: EMPTY };
    });
  return { seen, store, compact };
}

const EMPTY = new Uint8Array();

test('[SY2.15] after a base the next waits ten times as long as it took, unless the tail has grown to four times', async () => {
  const { seen, store, compact } = grow();
  await store(ENTRIES + 1);
  expect(seen.grown).toBe(1);
  await compact(50, ENTRIES + 1);
  await store(ENTRIES + 1);
  expect(seen.grown).toBe(1);
  seen.nowMs += 499;
  await store(1);
  expect(seen.grown).toBe(1);
  seen.nowMs += 1;
  await store(1);
  expect(seen.grown).toBe(2);
  await compact(50, ENTRIES + 3);
  await store(4 * ENTRIES);
  expect(seen.grown).toBe(2);
  await store(1);
  expect(seen.grown).toBe(3);
});
