// Groups are made, renamed, moved and deleted, and their pipelines stay.
import { expect, test } from 'bun:test';
import { createPipeline } from '@hakiri/config-doc/edit';
import { readGroupPaths, readGroups } from '@hakiri/config-doc/groups';
import { readPipeline } from '@hakiri/config-doc/read';
import { initDocument } from '@hakiri/config-doc/schema';
import { LoroDoc, type TreeID } from 'loro-crdt';
import type { GroupNode } from '../../live/groups.ts';
import { createGroup, removeGroup, rename, reparent } from './group-writes.ts';

function shop() {
  const doc = new LoroDoc();
  initDocument(doc);
  const key = createPipeline(doc, { id: 'orders', group: 'finance/daily' });
  doc.commit();
  const at = (path: string): GroupNode => {
    const [id] = [...readGroupPaths(doc)].find(([, known]) => known === path) ?? [];
    if (!isTreeId(id)) throw new Error(`no group ${path}`);
    return { id, name: path.split('/').at(-1) ?? '', path, children: [] };
  };
  return { doc, key, at, groupOf: () => readPipeline(doc, key)?.group };
}
const isTreeId = (id: string | undefined): id is TreeID => id?.includes('@') ?? false;

test('[PG1.25] a group is made where it is wanted, and renamed with what is in it', () => {
  const { doc, at, groupOf } = shop();
  expect(createGroup(doc, 'finance', 'week/ly')).toBe('finance/week-ly');
  expect(rename(doc, at('finance'), 'Money')).toBe('Money');
  expect(groupOf()).toBe('Money/daily');
  expect(readGroups(doc)).toEqual(['Money', 'Money/daily', 'Money/week-ly']);
});

test('[PG1.25] a group is moved with what is in it, and never into itself', () => {
  const { doc, at, groupOf } = shop();
  expect(reparent(doc, at('finance'), at('finance/daily'))).toBe(false);
  expect(reparent(doc, at('finance/daily'), undefined)).toBe(true);
  expect(groupOf()).toBe('daily');
});

test('[PG1.25] pipelines of a deleted group go to the one above it', () => {
  const { doc, key, at, groupOf } = shop();
  removeGroup(doc, at('finance/daily'), [key]);
  expect(groupOf()).toBe('finance');
  removeGroup(doc, at('finance'), [key]);
  expect(groupOf()).toBe('');
  expect(readGroups(doc)).toEqual([]);
});
