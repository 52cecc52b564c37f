import { expect, test } from 'bun:test';
import { createPipeline, deletePipeline, setSchedule, setText, setVariable } from '@hakiri/config-doc/edit';
import { addTransform, setTransform } from '@hakiri/config-doc/edit-transforms';
import { readPipeline, readVariables } from '@hakiri/config-doc/read';
import { versionOf } from '@hakiri/config-doc/version';
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
  expect(undoDiscard(doc, [{ root: 'pipelines', change, draft, version: versionOf(doc) }])).toBe(1);
  expect(read()).toMatchObject({ schedule: { expr: '0 7 * * *' }, name: 'Newer' });
});

test('[PG3.6] a field that somebody changed since the discard keeps the newer value', () => {
  const { doc, key, read } = document();
  const draft = read();
  const change = { ...changed({ path: '/schedule/expr', before: '0 6 * * *' }), key };
  setSchedule(doc, key, { kind: 'cron', expr: '0 9 * * *' });
  expect(undoDiscard(doc, [{ root: 'pipelines', change, draft, version: versionOf(doc) }])).toBe(0);
  expect(read()).toMatchObject({ schedule: { expr: '0 9 * * *' } });
});

test('[PG3.6] what the discard deleted is there again under its key, and what it brought back goes', () => {
  const { doc, key, read } = document();
  const draft = read();
  const change = { key, id: 'orders', cosmetic: false } as const;
  deletePipeline(doc, key);
  const added = { root: 'pipelines', change: { ...change, kind: 'added' }, draft } as const;
  expect(undoDiscard(doc, [{ ...added, version: versionOf(doc) }])).toBe(1);
  expect(read()).toEqual(draft);
  const removed = { root: 'pipelines', change: { ...change, kind: 'removed' }, draft: undefined } as const;
  expect(undoDiscard(doc, [{ ...removed, version: versionOf(doc) }])).toBe(1);
  expect(read()).toBeUndefined();
});

test('[PG3.6] what the discard brought back, and somebody has worked in since, stays', () => {
  const { doc, key, read } = document();
  const step = addTransform(doc, key, { kind: 'filter', body: 'x', inputs: [] }) ?? '';
  const variable = setVariable(doc, { name: 'LIMIT', value: '1' });
  doc.commit();
  const change = { key, id: 'orders', cosmetic: false, kind: 'removed' } as const;
  const version = versionOf(doc);
  const discarded = [
    { root: 'pipelines', change, draft: undefined, version },
    { root: 'variables', change: { ...change, key: variable }, draft: undefined, version },
  ] as const;
  // Somebody else, who types into a transform and into the variable.
  setTransform(doc, key, step, { body: 'x > 1' });
  setVariable(doc, { name: 'LIMIT', value: '2' }, variable);
  expect(undoDiscard(doc, discarded)).toBe(0);
  expect(read()).toMatchObject({ transforms: [{ body: 'x > 1' }] });
  expect(readVariables(doc)).toMatchObject([{ value: '2' }]);
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
