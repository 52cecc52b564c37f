// Keys of the list.
import { expect, test } from 'bun:test';
import { listStep } from './list-keys.ts';

const none = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };
const size = { page: 20, count: 500 };
const cases: [pressed: Partial<typeof none> & { key: string }, expected: ReturnType<typeof listStep>][] = [
  [{ key: 'ArrowDown' }, { kind: 'move', by: 1, extend: false }],
  [
    { key: 'ArrowUp', shiftKey: true },
    { kind: 'move', by: -1, extend: true },
  ],
  [{ key: 'PageDown' }, { kind: 'move', by: 20, extend: false }],
  [{ key: 'Home' }, { kind: 'move', by: -500, extend: false }],
  [
    { key: 'End', shiftKey: true },
    { kind: 'move', by: 500, extend: true },
  ],
  [{ key: 'a', ctrlKey: true }, { kind: 'all' }],
  [{ key: 'a', metaKey: true }, { kind: 'all' }],
  [{ key: 'a' }, undefined],
  [{ key: 'ArrowDown', ctrlKey: true }, undefined],
  [{ key: 'ArrowDown', altKey: true }, undefined],
  [{ key: 'Enter' }, { kind: 'open' }],
  [{ key: ' ' }, { kind: 'toggle' }],
  [{ key: 'Escape' }, { kind: 'none' }],
];
for (const [pressed, expected] of cases)
  test(`[PG1.22] ${JSON.stringify(pressed)}`, () => {
    expect(listStep({ ...none, ...pressed }, size)).toEqual(expected);
  });
