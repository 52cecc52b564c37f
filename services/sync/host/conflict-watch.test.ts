// Conflicts of which a crash left nothing but the edits: found again when the document is opened, and told once.
import { expect, test } from 'bun:test';
import { createPipeline, setSchedule } from '@hakiri/config-doc/edit';
import { LoroDoc } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import { encodeRecord, type LogRecord } from '../record.ts';
import { HostedDocument } from './hosted-document.ts';

/** A pipeline, and two who set its schedule without knowing of each other. */
function aConflict(): { user: string; update: Uint8Array }[] {
  const alice = new LoroDoc();
  alice.setPeerId('701');
  const key = createPipeline(alice, { id: 'gh-issues' });
  alice.commit();
  const made = alice.export({ mode: 'update' });
  const bob = new LoroDoc();
  bob.setPeerId('702');
  bob.import(made);
  const edit = (doc: LoroDoc, expr: string): Uint8Array => {
    const from = doc.oplogVersion();
    setSchedule(doc, key, { kind: 'every', expr });
    doc.commit();
    return doc.export({ mode: 'update', from });
  };
  return [
    { user: 'alice', update: made },
    { user: 'alice', update: edit(alice, '1m') },
    { user: 'bob', update: edit(bob, '2m') },
  ];
}

const logOf = (records: LogRecord[]): Uint8Array[] => records.map(encodeRecord);

test('[SY6.12] what was not told when the server died is told when the document is opened, and not again', () => {
  const updates = aConflict().map(
    ({ user, update }, index): LogRecord => ({
      actor: { kind: 'user', id: user },
      receivedAtMs: index,
      kind: 'update',
      update,
    }),
  );
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
