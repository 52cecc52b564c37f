// The rows of the tree and its keys.
import { expect, test } from 'bun:test';
import type { GroupNode } from '../../live/groups.ts';
import { TOP, treeRows, treeStep, typedAhead } from './tree-rows.ts';

const node = (name: string, children: GroupNode[] = [], above = ''): GroupNode => ({
  id: `0@${name.length * 1_000 + name.charCodeAt(0)}`,
  name,
  path: above === '' ? name : `${above}/${name}`,
  children,
});
const daily = node('daily', [], 'finance');
const finance = node('finance', [daily]);
const shop = node('shop');
const open = treeRows([finance, shop], new Set(), 'All');
const closed = treeRows([finance, shop], new Set([finance.id]), 'All');

test('[PG1.25] rows are what is open, each with its level and place', () => {
  expect(open.map(({ name, level, isOpen }) => [name, level, isOpen])).toEqual([
    ['All', 1, undefined],
    ['finance', 1, true],
    ['daily', 2, undefined],
    ['shop', 1, undefined],
  ]);
  expect(open.map(({ position, siblings }) => `${position}/${siblings}`)).toEqual([
    '1/3',
    '2/3',
    '1/1',
    '3/3',
  ]);
  expect(closed.map(({ name }) => name)).toEqual(['All', 'finance', 'shop']);
});

const steps: [rows: typeof open, from: string, key: string, expected: string][] = [
  [open, TOP, 'ArrowDown', `focus ${finance.id}`],
  [open, TOP, 'ArrowUp', 'nothing'],
  [open, finance.id, 'ArrowRight', `focus ${daily.id}`],
  [closed, finance.id, 'ArrowRight', `open ${finance.id}`],
  [open, finance.id, 'ArrowLeft', `close ${finance.id}`],
  [open, daily.id, 'ArrowLeft', `focus ${finance.id}`],
  [open, daily.id, 'ArrowRight', 'nothing'],
  [open, daily.id, 'End', `focus ${shop.id}`],
  [open, daily.id, 'Home', `focus ${TOP}`],
  [open, daily.id, 'Enter', `select ${daily.id}`],
  [open, daily.id, 'F2', `rename ${daily.id}`],
  [open, TOP, 'F2', 'nothing'],
  [open, TOP, 'Delete', 'nothing'],
  [open, shop.id, 'Delete', `delete ${shop.id}`],
  [open, shop.id, 'm', `move ${shop.id}`],
  [open, 'gone', 'ArrowDown', `focus ${finance.id}`],
];
for (const [rows, from, key, expected] of steps)
  test(`[PG1.25] ${key} on ${from} of ${rows.length} rows: ${expected}`, () => {
    const step = treeStep(rows, from, key);
    expect(step ? `${step.kind} ${step.id}` : 'nothing').toBe(expected);
  });

test('[PG1.25] typing goes to the next group that is called that, and around', () => {
  expect(typedAhead(open, TOP, 's')).toBe(shop.id);
  expect(typedAhead(open, shop.id, 'D')).toBe(daily.id);
  expect(typedAhead(open, finance.id, 'fi')).toBe(finance.id);
  expect(typedAhead(open, TOP, 'x')).toBeUndefined();
});
