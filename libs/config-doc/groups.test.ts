import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { LoroDoc } from 'loro-crdt';
import { commitEdit, createPipeline, moveToGroup } from './edit.ts';
import { cleanGroupPath, isInGroup } from './group-path.ts';
import {
  deleteGroup,
  ensureGroup,
  groupPathOf,
  moveGroup,
  readGroupPaths,
  readGroups,
  renameGroup,
} from './groups.ts';
import { readPipeline } from './read.ts';
import { groupsOf } from './schema.ts';

function group(doc: LoroDoc, path: string) {
  const id = ensureGroup(doc, path);
  if (id === undefined) throw new Error('the root has no id');
  return id;
}

test('[AP1] a group is made once, with those above it', () => {
  const doc = new LoroDoc();
  const daily = group(doc, 'finance/daily');
  expect(group(doc, ' finance // daily ')).toBe(daily);
  expect(ensureGroup(doc, '')).toBeUndefined();
  expect(readGroups(doc)).toEqual(['finance', 'finance/daily']);
});

test('[AP7] renaming or moving a group changes the path of the pipelines below it', () => {
  const doc = new LoroDoc();
  const key = commitEdit(doc, 'test', () => createPipeline(doc, { id: 'a', group: 'finance/daily' }));
  expect(renameGroup(doc, group(doc, 'finance'), 'money')).toBe(true);
  expect(readPipeline(doc, key)?.group).toBe('money/daily');
  expect(moveGroup(doc, group(doc, 'money/daily'))).toBe(true);
  expect(readPipeline(doc, key)?.group).toBe('daily');
  expect(deleteGroup(doc, group(doc, 'daily'))).toBe(true);
  expect(readPipeline(doc, key)?.group).toBe('');
  expect(moveToGroup(doc, key, 'ops')).toBe(true);
  expect(readPipeline(doc, key)?.group).toBe('ops');
});

test('[SY11] a group never goes inside itself, and a group that is gone is not edited', () => {
  const doc = new LoroDoc();
  const outer = group(doc, 'a');
  const inner = group(doc, 'a/b/c');
  expect(moveGroup(doc, outer, inner)).toBe(false);
  expect(moveGroup(doc, outer, outer)).toBe(false);
  expect(deleteGroup(doc, outer)).toBe(true);
  expect(deleteGroup(doc, outer)).toBe(false);
  expect(renameGroup(doc, inner, 'x')).toBe(false);
  expect(moveGroup(doc, inner)).toBe(false);
  expect(readGroups(doc)).toEqual([]);
});

test('[SY11] two people who move two groups into each other end with a tree', () => {
  const alice = new LoroDoc();
  const a = group(alice, 'a');
  const b = group(alice, 'b');
  alice.commit();
  const bob = LoroDoc.fromSnapshot(alice.export({ mode: 'snapshot' }));
  moveGroup(alice, a, b);
  moveGroup(bob, b, a);
  alice.import(bob.export({ mode: 'update' }));
  bob.import(alice.export({ mode: 'update' }));
  expect(readGroups(alice)).toEqual(readGroups(bob));
  expect(readGroups(alice).length).toBe(2);
});

test('[SY11] any names make paths that mean themselves', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 150 }), { maxLength: 12 }), (names) => {
      const doc = new LoroDoc();
      let parent: ReturnType<typeof group> | undefined;
      for (const name of names) {
        const node = groupsOf(doc).createNode(parent);
        node.data.set('name', name);
        parent = node.id;
      }
      for (const [id, path] of readGroupPaths(doc)) {
        expect(cleanGroupPath(path)).toBe(path);
        expect(groupPathOf(doc, id)).toBe(path);
        expect(path.length).toBeLessThanOrEqual(500);
      }
    }),
    { numRuns: 100 },
  );
});

test('[SY11] a very deep tree is read', () => {
  const doc = new LoroDoc();
  let node = groupsOf(doc).createNode();
  for (let depth = 0; depth < 500; depth++) node = node.createNode();
  expect(readGroupPaths(doc).size).toBe(501);
});

test('[AP1] a group holds itself and those below, not those that begin like it', () => {
  expect(isInGroup('finance', 'finance')).toBe(true);
  expect(isInGroup('finance/daily', '/finance/')).toBe(true);
  expect(isInGroup('finance-old', 'finance')).toBe(false);
});
