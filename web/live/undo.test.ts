// Two documents that hear of each other when the test says so: what taking back does to what the other one wrote since.
import { expect, test } from 'bun:test';
import {
  commitEdit,
  createPipeline,
  deletePipeline,
  moveToGroup,
  setEnabled,
  setSchedule,
  setText,
} from '@hakiri/config-doc/edit';
import {
  addTransform,
  moveTransform,
  removeTransform,
  setTransform,
} from '@hakiri/config-doc/edit-transforms';
import { deleteGroup, readGroupPaths } from '@hakiri/config-doc/groups';
import { readPipeline, transformKeys } from '@hakiri/config-doc/read';
import { LoroDoc, UndoManager } from 'loro-crdt';
import { watchUndo } from './undo.ts';

const KEY = '01J00000000000000000000001';
const cron = (expr: string) => ({ kind: 'cron' as const, expr });

function two() {
  const [alice, bob] = [new LoroDoc(), new LoroDoc()];
  alice.setPeerId('1');
  bob.setPeerId('2');
  const create = (key: string, id: string) =>
    createPipeline(alice, { id, name: id, group: 'finance', schedule: cron('0 1 * * *') }, key);
  commitEdit(alice, 'page', () => create(KEY, 'orders'));
  const meet = async (): Promise<void> => {
    bob.import(alice.export({ mode: 'update', from: bob.version() }));
    alice.import(bob.export({ mode: 'update', from: alice.version() }));
    await Promise.resolve();
  };
  let atMs = 0;
  const undo = watchUndo(alice, () => atMs);
  /** A step of its own, as time goes by. */
  const edit = async (change: () => unknown): Promise<void> => {
    atMs += 10_000;
    commitEdit(alice, 'page', change);
    await Promise.resolve();
  };
  const byBob = async (change: () => unknown): Promise<void> => {
    await meet();
    commitEdit(bob, 'page', change);
    await meet();
  };
  const now = (doc = alice) => readPipeline(doc, KEY);
  const take = async (what: 'undo' | 'redo') => {
    const result = undo[what]();
    await Promise.resolve();
    return result;
  };
  return { alice, bob, undo, edit, byBob, meet, now, take, create, wait: (ms: number) => (atMs += ms) };
}

test('[PG2.4] why Loro’s own is not used: it takes back what somebody else has written since', async () => {
  const { alice, bob, byBob, edit, now } = two();
  const manager = new UndoManager(alice, { mergeInterval: 0 });
  await edit(() => setSchedule(alice, KEY, cron('mine')));
  await byBob(() => setSchedule(bob, KEY, cron('bob’s')));
  manager.undo();
  expect(now()?.schedule).toEqual(cron('0 1 * * *'));
});

test('[PG2.4] one’s own edits are taken back and done again, newest first', async () => {
  const { alice, edit, take, now, undo } = two();
  await edit(() => setSchedule(alice, KEY, cron('first')));
  await edit(() => setText(alice, KEY, 'name', 'second'));
  await edit(() => setEnabled(alice, KEY, false));
  for (const _ of 'three') await take('undo');
  expect(now()).toMatchObject({ schedule: cron('0 1 * * *'), name: 'orders', enabled: true });
  expect(undo.can.get()).toEqual({ undo: false, redo: true });
  for (const _ of 'three') await take('redo');
  expect(now()).toMatchObject({ schedule: cron('first'), name: 'second', enabled: false });
  expect(await take('redo')).toEqual({ kind: 'nothing' });
});

test('[PG2.4] what somebody else has written since stays, is named, and is taken back only when one says so', async () => {
  const { alice, bob, edit, byBob, take, now } = two();
  await edit(() => setSchedule(alice, KEY, cron('mine')));
  await byBob(() => setSchedule(bob, KEY, cron('bob’s')));
  const result = await take('undo');
  if (result.kind !== 'done') throw new Error('there was something');
  expect(result).toMatchObject({ isChanged: false, kept: [['pipelines', KEY, 'schedule', 'expr']] });
  expect(now()?.schedule).toEqual(cron('bob’s'));
  result.anyway?.();
  expect(now()?.schedule).toEqual(cron('0 1 * * *'));
  await take('undo');
  expect(now()?.schedule).toEqual(cron('bob’s'));
});

test('[PG2.4] one’s own edit over another’s is taken back to the other’s, and not further', async () => {
  const { alice, bob, edit, byBob, take, now } = two();
  await edit(() => setSchedule(alice, KEY, cron('mine')));
  await byBob(() => setSchedule(bob, KEY, cron('bob’s')));
  await edit(() => setSchedule(alice, KEY, cron('mine again')));
  await take('undo');
  expect(now()?.schedule).toEqual(cron('bob’s'));
  expect(await take('undo')).toMatchObject({ isChanged: false });
  expect(now()?.schedule).toEqual(cron('bob’s'));
});

test('[PG2.4] doing again stays off what somebody else has written since it was undone', async () => {
  const { alice, bob, edit, byBob, take, now } = two();
  await edit(() => setSchedule(alice, KEY, cron('mine')));
  await take('undo');
  await byBob(() => setSchedule(bob, KEY, cron('bob’s')));
  expect(await take('redo')).toMatchObject({ isChanged: false });
  expect(now()?.schedule).toEqual(cron('bob’s'));
});

test('[PG2.4] of many in one step only those are left that somebody else has changed since', async () => {
  const { alice, bob, edit, byBob, take, create } = two();
  const keys = Array.from({ length: 20 }, (_, index) => `01J000000000000000000001${10 + index}`);
  await edit(() => keys.map((key, index) => create(key, `p${index}`)));
  await edit(() => keys.map((key) => setEnabled(alice, key, false)));
  await byBob(() => {
    setEnabled(bob, keys[4] ?? '', true);
    setText(bob, keys[5] ?? '', 'name', 'of bob');
  });
  const result = await take('undo');
  expect(result).toMatchObject({ isChanged: true, kept: [['pipelines', keys[4], 'enabled']] });
  expect(keys.every((key) => readPipeline(alice, key)?.enabled === true)).toBe(true);
  expect(readPipeline(alice, keys[5] ?? '')?.name).toBe('of bob');
});

test('[PG2.4] letters typed one after the other are one step, with others typing into the same text', async () => {
  const { alice, bob, edit, byBob, take, now, meet } = two();
  await edit(() => setText(alice, KEY, 'name', 'orders t'));
  for (const name of ['orders to', 'orders tod', 'orders today']) {
    commitEdit(alice, 'page', () => setText(alice, KEY, 'name', name));
    await Promise.resolve();
  }
  await byBob(() => setText(bob, KEY, 'name', 'my orders today'));
  await take('undo');
  expect(now()?.name).toBe('my orders');
  await take('redo');
  expect(now()?.name).toBe('my orders today');
  await meet();
  expect(now(bob)?.name).toBe('my orders today');
});

test('[PG2.4] a value typed letter by letter while others edit elsewhere is one step', async () => {
  const { alice, bob, edit, byBob, take, now } = two();
  await edit(() => setSchedule(alice, KEY, cron('0 2')));
  await byBob(() => setText(bob, KEY, 'description', 'of bob'));
  for (const expr of ['0 2 *', '0 2 * *']) {
    commitEdit(alice, 'page', () => setSchedule(alice, KEY, cron(expr)));
    await byBob(() => setText(bob, KEY, 'description', `of bob ${expr}`));
  }
  await take('undo');
  expect(now()).toMatchObject({ schedule: cron('0 1 * * *'), description: 'of bob 0 2 * *' });
});

test('[PG2.4] a deleted pipeline comes back whole, with the edits before it still to take back', async () => {
  const { alice, edit, take, now } = two();
  await edit(() => setSchedule(alice, KEY, cron('mine')));
  await edit(() => setText(alice, KEY, 'name', 'Orders'));
  await edit(() => deletePipeline(alice, KEY));
  await take('undo');
  expect(now()).toMatchObject({ id: 'orders', name: 'Orders', schedule: cron('mine'), group: 'finance' });
  await take('undo');
  await take('undo');
  expect(now()).toMatchObject({ name: 'orders', schedule: cron('0 1 * * *') });
  for (const _ of 'three') await take('redo');
  expect(now()).toBeUndefined();
});

test('[PG2.4] a pipeline that one made and somebody else works in is not taken away', async () => {
  const { alice, bob, edit, byBob, take, create } = two();
  const key = '01J00000000000000000000002';
  await edit(() => create(key, 'new'));
  await byBob(() => setText(bob, key, 'name', 'of bob'));
  const result = await take('undo');
  expect(result).toMatchObject({ isChanged: false, kept: [['pipelines', key]] });
  expect(readPipeline(alice, key)?.name).toBe('of bob');
  if (result.kind === 'done') result.anyway?.();
  expect(readPipeline(alice, key)).toBeUndefined();
});

test('[PG2.4] what somebody else has deleted is not brought back by an edit inside it', async () => {
  const { alice, bob, edit, byBob, take, now } = two();
  await edit(() => setSchedule(alice, KEY, cron('mine')));
  await byBob(() => deletePipeline(bob, KEY));
  expect(await take('undo')).toMatchObject({ isChanged: false, kept: [] });
  expect(now()).toBeUndefined();
});

test('[PG2.4] a deleted group comes back with the pipelines that were in it', async () => {
  const { alice, bob, edit, take, now, meet } = two();
  await edit(() => moveToGroup(alice, KEY, 'finance/daily'));
  const [id] = [...readGroupPaths(alice)].find(([, path]) => path === 'finance') ?? [];
  if (!id || !/^\d+@\d+$/.test(id)) throw new Error('the group is there');
  await edit(() =>
    deleteGroup(
      alice,
      alice
        .getTree('groups')
        .nodes()
        .find((node) => node.id === id)?.id ?? '0@0',
    ),
  );
  expect(now()?.group).toBe('');
  await take('undo');
  expect(now()?.group).toBe('finance/daily');
  await take('undo');
  expect(now()?.group).toBe('finance');
  await meet();
  expect(now(bob)?.group).toBe('finance');
});

const STEPS = ['A', 'B', 'C', 'D'];
const filter = (body = '') => ({ kind: 'filter' as const, body, inputs: [] });

async function twoWithSteps() {
  const all = two();
  await all.edit(() => STEPS.map((key) => addTransform(all.alice, KEY, filter(), undefined, key)));
  await all.meet();
  return { ...all, order: (doc = all.alice) => transformKeys(doc, KEY).join('') };
}

test('[PG2.4] a transform that one added and somebody else has typed into stays in its pipeline', async () => {
  const { alice, bob, edit, byBob, take, order, now, meet } = await twoWithSteps();
  await edit(() => addTransform(alice, KEY, filter(), undefined, 'E'));
  await byBob(() => setTransform(bob, KEY, 'E', { body: 'Bob wrote this' }));
  const result = await take('undo');
  expect(result).toMatchObject({ isChanged: false, kept: [['transforms', 'E']] });
  expect(now()?.transforms).toContainEqual({ ...filter('Bob wrote this'), key: 'E' });
  if (result.kind === 'done') result.anyway?.();
  expect(order()).toBe('ABCD');
  await take('undo');
  expect(order()).toBe('ABCDE');
  await meet();
  expect(now(bob)).toEqual(now());
});

test('[PG2.4] a transform that somebody else has moved on stays where they put it, and is there once', async () => {
  const { alice, bob, edit, byBob, take, order } = await twoWithSteps();
  await edit(() => moveTransform(alice, KEY, 'A', 2));
  await byBob(() => moveTransform(bob, KEY, 'A', 3));
  const result = await take('undo');
  expect(result).toMatchObject({ isChanged: false, kept: [['pipelines', KEY, 'transforms']] });
  expect(order()).toBe('BCDA');
  if (result.kind === 'done') result.anyway?.();
  expect(order()).toBe('ABCD');
});

test('[PG2.4] one’s own move is taken back beside its neighbours, whatever others moved, added and removed', async () => {
  const { alice, bob, edit, byBob, take, order } = await twoWithSteps();
  await edit(() => moveTransform(alice, KEY, 'D', 0));
  await byBob(() => {
    moveTransform(bob, KEY, 'B', 3);
    addTransform(bob, KEY, filter(), 0, 'X');
    removeTransform(bob, KEY, 'A');
  });
  expect(order()).toBe('XDCB');
  await take('undo');
  expect(order()).toBe('XCDB');
  await take('redo');
  expect(order()).toBe('XDCB');
});

test('[PG2.4] a pipeline that stays, as somebody else works in one of its transforms, keeps all of them', async () => {
  const { alice, bob, edit, byBob, take, order } = await twoWithSteps();
  await edit(() => deletePipeline(alice, KEY));
  await take('undo');
  await byBob(() => setTransform(bob, KEY, 'B', { body: 'of bob' }));
  expect(await take('redo')).toMatchObject({ isChanged: false });
  expect(order()).toBe('ABCD');
});

test('[PG2.4] a deleted pipeline comes back with all its transforms, in their order, also of many', async () => {
  const { alice, edit, take } = two();
  const order = (): string => transformKeys(alice, KEY).join('');
  const keys = Array.from({ length: 30 }, (_, index) => `T${index}`);
  await edit(() => keys.map((key) => addTransform(alice, KEY, filter(), 0, key)));
  await edit(() => deletePipeline(alice, KEY));
  await take('undo');
  expect(order()).toBe(keys.toReversed().join(''));
});

test('[PG2.4] what was typed over is back after one step, and away after the one before it', async () => {
  const { alice, edit, take, now } = two();
  await edit(() => setText(alice, KEY, 'description', 'first'));
  await edit(() => setText(alice, KEY, 'description', ''));
  await edit(() => setText(alice, KEY, 'description', 'second'));
  for (const text of ['', 'first', '']) {
    await take('undo');
    expect(now()?.description).toBe(text);
  }
});
