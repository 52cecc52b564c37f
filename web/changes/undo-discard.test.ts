import { expect, test } from 'bun:test';
import { createPipeline, deletePipeline, setSchedule, setText } from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import type { PendingChange } from '@hakiri/contracts/pending';
import { LoroDoc } from 'loro-crdt';
import { broughtBack, undoDiscard } from './undo-discard.ts';

const changed = (...fields: { path: string; before?: unknown; after?: unknown }[]): PendingChange => ({
  kind: 'changed',
  key: 'K',
  id: 'orders',
  cosmetic: false,
  fields,
});
const step = (key: string, body: string) => ({ key, kind: 'filter', body, inputs: [] });

function document() {
  const doc = new LoroDoc();
  const key = createPipeline(doc, { id: 'orders', schedule: { kind: 'cron', expr: '0 7 * * *' } });
  doc.commit();
  return { doc, key, read: () => readPipeline(doc, key) };
}

test('[PG3.6] fields that were discarded are what they were, and others stay as they are by now', () => {
  const { doc, key, read } = document();
  const draft = read();
  const change = { ...changed({ path: '/schedule/expr', before: '0 6 * * *' }), key };
  // The discard, and somebody who edits something else since.
  setSchedule(doc, key, { kind: 'cron', expr: '0 6 * * *' });
  setText(doc, key, 'name', 'Newer');
  expect(undoDiscard(doc, [{ root: 'pipelines', change, draft }])).toBe(1);
  expect(read()).toMatchObject({ schedule: { expr: '0 7 * * *' }, name: 'Newer' });
});

test('[PG3.6] a field that somebody changed since the discard keeps the newer value', () => {
  const { doc, key, read } = document();
  const draft = read();
  const change = { ...changed({ path: '/schedule/expr', before: '0 6 * * *' }), key };
  setSchedule(doc, key, { kind: 'cron', expr: '0 9 * * *' });
  expect(undoDiscard(doc, [{ root: 'pipelines', change, draft }])).toBe(0);
  expect(read()).toMatchObject({ schedule: { expr: '0 9 * * *' } });
});

test('[PG3.6] what the discard deleted is there again under its key, and what it brought back goes', () => {
  const { doc, key, read } = document();
  const draft = read();
  const change = { key, id: 'orders', cosmetic: false } as const;
  deletePipeline(doc, key);
  expect(undoDiscard(doc, [{ root: 'pipelines', change: { ...change, kind: 'added' }, draft }])).toBe(1);
  expect(read()).toEqual(draft);
  const removed = { ...change, kind: 'removed' } as const;
  expect(undoDiscard(doc, [{ root: 'pipelines', change: removed, draft: undefined }])).toBe(1);
  expect(read()).toBeUndefined();
});

test('[PG3.6] of steps the one that was discarded comes back, in its place', () => {
  const draft = { key: 'K', transforms: [step('A', 'mine'), step('B', 'b')] };
  const now = { key: 'K', transforms: [step('B', 'newer'), step('A', 'live'), step('C', 'new')] };
  expect(
    broughtBack(changed({ path: '/transforms/A/body', before: 'live', after: 'mine' }), draft, now),
  ).toEqual({
    key: 'K',
    transforms: [step('A', 'mine'), step('B', 'newer'), step('C', 'new')],
  });
  const deleted = { key: 'K', transforms: [step('B', 'b')] };
  expect(
    broughtBack(changed({ path: '/transforms/A', before: step('A', 'live') }), deleted, now),
  ).toMatchObject({
    transforms: [step('B', 'newer'), step('C', 'new')],
  });
});
