// What a look tells: of which a crash left nothing but the edits, once; and of the others, where one author's cannot be looked at.
import { expect, test } from 'bun:test';
import { LOOKBACK_LIMIT } from '@hakiri/config-doc/conflicts';
import { createPipeline, setSchedule } from '@hakiri/config-doc/edit';
import { LoroDoc } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import { encodeRecord, type LogRecord } from '../document/record.ts';
import { aConflict } from '../testing/a-conflict.ts';
import { APART_LIMIT, ConflictWatch, type Found } from './conflict-watch.ts';
import { HostedDocument } from './hosted-document.ts';
import { Receipts } from './receipts.ts';
import { spansOf } from './update-header.ts';

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

test('[SY6.5] who had missed too much costs nobody else a notice', () => {
  const { notices, undetected } = lookWithALateOne(3);
  expect(notices.map(({ field }) => field)).toEqual(['schedule.expr']);
  expect(undetected).toBe('beyond');
});

test('[SY6.5] who had missed too much costs a bounded number of looks, and that more was not looked at is said', () => {
  const { notices, undetected } = lookWithALateOne(2 * APART_LIMIT);
  expect(notices.length).toBeGreaterThan(0);
  expect(notices.length).toBeLessThan(APART_LIMIT);
  expect(undetected).toBe('beyond');
});

/** The first of the authors had missed too much; the others wrote one field, each another value. */
function lookWithALateOne(authors: number): Found {
  const doc = new LoroDoc();
  doc.setPeerId('1');
  createPipeline(doc, { id: 'a' }, 'A');
  doc.commit();
  const forked = (peer: `${number}`): LoroDoc => {
    const fork = doc.fork();
    fork.setPeerId(peer);
    return fork;
  };
  const late = forked('2');
  doc.getText('typed').insert(0, 'x'.repeat(LOOKBACK_LIMIT + 1));
  doc.commit();
  const others = Array.from({ length: authors - 1 }, (_, index) => forked(`${index + 3}`));
  const watch = new ConflictWatch(doc, new Set());
  for (const [index, author] of [late, ...others].entries()) {
    const from = author.oplogVersion();
    if (author === late) author.getMap('meta').set('note', 'x');
    else setSchedule(author, 'A', { kind: 'every', expr: `${index}h` });
    author.commit();
    watch.saw(spansOf(doc.import(author.export({ mode: 'update', from })).success));
  }
  const found = watch.look(new Receipts(), 9);
  for (const one of [doc, late, ...others]) one.free();
  return found;
}
