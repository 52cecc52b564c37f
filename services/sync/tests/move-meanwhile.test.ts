// Moves of groups while people edit one document or the other.
import { expect, test } from 'bun:test';
import { createPipeline, moveToGroup, setEnabled, setText } from '@hakiri/config-doc/edit';
import { setTransform } from '@hakiri/config-doc/edit-transforms';
import { readGroups } from '@hakiri/config-doc/groups';
import { readPipeline } from '@hakiri/config-doc/read';
import { PAGE_LIMIT_BYTES } from '@hakiri/contracts/sync';
import { fill, ids, movingBeds } from '../testing/moving.ts';

const { bed } = movingBeds();

test('[SY14.5] what is edited while it moves is copied again, with the edit', async () => {
  const { of, hooks, move } = bed('main', 'eu');
  const [first = '', second = ''] = fill(of('main'), 3);
  let edits = 0;
  hooks.onStep = (step, doc) => {
    // After the copy, before the delete.
    if (step !== 'edit' || doc !== 'main' || edits === 2) return;
    edits += 1;
    setEnabled(of('main'), first, edits === 2);
    setTransform(of('main'), second, '01HZ0000000000000000000001', { body: `b > ${edits}` });
    of('main').commit();
  };
  expect(await move()).toMatchObject({ state: 'done', moved: 3 });
  expect(edits).toBe(2);
  expect(readPipeline(of('eu'), first)).toMatchObject({ enabled: true });
  expect(readPipeline(of('eu'), second)).toMatchObject({ transforms: [{ body: 'b > 2' }] });
  expect(ids(of('main'))).toEqual([]);
});

test('[SY14.5] what is edited in the target while it is copied again stays', async () => {
  const { of, hooks, move } = bed('main', 'eu');
  const [first = '', second = ''] = fill(of('main'), 2);
  let edits = 0;
  hooks.onStep = (step, doc) => {
    if (step !== 'edit') return;
    // Before the first deletion in the source, and before the second copy.
    edits += 1;
    if (doc === 'main' && edits === 2) setText(of('main'), first, 'description', 'by somebody in main');
    if (doc === 'eu' && edits === 3) setText(of('eu'), first, 'name', 'by somebody in eu');
    of(doc).commit();
  };
  // Edited in both: only people can tell which it should be.
  expect(await move()).toMatchObject({
    state: 'unfinished',
    moved: 1,
    remaining: [{ key: first, why: 'conflict' }],
  });
  expect(readPipeline(of('eu'), first)).toMatchObject({ name: 'by somebody in eu' });
  expect(readPipeline(of('main'), first)).toMatchObject({ description: 'by somebody in main' });
  expect(readPipeline(of('main'), second)).toBeUndefined();
});

test('[SY14.5] somebody who goes on typing keeps their pipeline, and the move says so', async () => {
  const { of, hooks, move } = bed('main', 'eu');
  const [first = ''] = fill(of('main'), 2);
  let typed = 0;
  hooks.onStep = (step, doc) => {
    if (step !== 'edit' || doc !== 'main') return;
    typed += 1;
    setText(of('main'), first, 'description', `typed ${typed}`);
    of('main').commit();
  };
  expect(await move()).toMatchObject({
    state: 'unfinished',
    moved: 1,
    remaining: [{ key: first, id: 'p-0', why: 'edited' }],
  });
  hooks.onStep = () => {};
  expect(await move()).toMatchObject({ state: 'done', moved: 1 });
  expect(readPipeline(of('eu'), first)).toMatchObject({ description: `typed ${typed}` });
});

test('[SY14.5] a document that is edited between any two pages of a read holds nothing up', async () => {
  const { of, hooks, move } = bed('main', 'eu');
  const keys = fill(of('main'), 4);
  for (const key of keys)
    setTransform(of('main'), key, '01HZ0000000000000000000009', { body: 'x'.repeat(PAGE_LIMIT_BYTES / 2) });
  of('main').commit();
  let edits = 0;
  hooks.onStep = (step, doc) => {
    if (step !== 'materialize') return;
    edits += 1;
    createPipeline(of(doc), { id: `meanwhile-${edits}`, group: 'elsewhere' });
    if (doc === 'main' && edits < 40) setText(of('main'), keys[3] ?? '', 'description', `typed ${edits}`);
    of(doc).commit();
  };
  expect(await move()).toMatchObject({ state: 'unfinished', moved: 3, remaining: [{ why: 'edited' }] });
  expect(edits).toBeGreaterThan(10);
});

test('[SY14.5] a pipeline that is put into another group while it moves goes along', async () => {
  const { of, hooks, move } = bed('main', 'eu');
  const [first = ''] = fill(of('main'), 2);
  hooks.onStep = (step, doc) => {
    if (step !== 'edit' || doc !== 'main') return;
    moveToGroup(of('main'), first, 'elsewhere');
    of('main').commit();
  };
  expect(await move()).toMatchObject({ state: 'done', moved: 2 });
  expect(readPipeline(of('eu'), first)).toMatchObject({ group: 'elsewhere' });
  expect(ids(of('main'))).toEqual([]);
});

test('[SY14.5] the group and what is below it go from the source, unless something was put into it meanwhile', async () => {
  const { of, hooks, move } = bed('main', 'eu');
  fill(of('main'), 2, 'g/below');
  createPipeline(of('main'), { id: 'other', group: 'h/g' });
  of('main').commit();
  expect(await move()).toMatchObject({ state: 'done' });
  expect(readGroups(of('main'))).toEqual(['h', 'h/g']);
  const [key = ''] = fill(of('main'), 1, 'k');
  let isPut = false;
  hooks.onStep = (step, doc) => {
    if (isPut || step !== 'edit' || doc !== 'main' || readPipeline(of('main'), key) !== undefined) return;
    isPut = true;
    createPipeline(of('main'), { id: 'late', group: 'k/late' });
    of('main').commit();
  };
  await move('k');
  hooks.onStep = () => {};
  expect(isPut).toBe(true);
  await move('k');
  expect(readGroups(of('main'))).toEqual(['h', 'h/g']);
  expect(ids(of('main'))).toEqual(['other']);
});
