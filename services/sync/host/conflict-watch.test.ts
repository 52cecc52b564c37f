// Conflicts of which a crash left nothing but the edits: found again when the document is opened, and told once.
import { expect, test } from 'bun:test';
import { DEFAULTS } from '../config.ts';
import { encodeRecord, type LogRecord } from '../record.ts';
import { aConflict } from '../testing/a-conflict.ts';
import { HostedDocument } from './hosted-document.ts';

const logOf = (records: LogRecord[]): Uint8Array[] => records.map(encodeRecord);

test('[SY6.12] what was not told when the server died is told when the document is opened, and not again', () => {
  const updates = aConflict();
  const { hosted, reply } = HostedDocument.open({ base: undefined, entries: logOf(updates) }, DEFAULTS);
  expect(reply.isConcurrent).toBe(true);
  const { notices } = hosted.look({ atMs: 9 });
  expect(new Set(notices.flatMap(({ won, lost }) => [won.user, lost.user]))).toEqual(
    new Set(['alice', 'bob']),
  );
  expect(notices.map(({ field }) => field)).toEqual(['schedule.expr']);
  const told = notices.map(
    (notice): LogRecord => ({
      actor: { kind: 'service', id: 'sync' },
      receivedAtMs: 9,
      kind: 'notice',
      note: { users: ['alice', 'bob'], notice },
    }),
  );
  // Told, and then dismissed: neither is news after the next crash.
  const dismissed = notices.map(
    ({ id }): LogRecord => ({
      actor: { kind: 'user', id: 'bob' },
      receivedAtMs: 10,
      kind: 'dismissed',
      note: { user: 'bob', id },
    }),
  );
  for (const entries of [logOf([...updates, ...told]), logOf([...updates, ...told, ...dismissed])]) {
    const again = HostedDocument.open({ base: undefined, entries }, DEFAULTS);
    expect(again.hosted.look({ atMs: 11 }).notices).toEqual([]);
    again.hosted.free();
  }
  hosted.free();
});
