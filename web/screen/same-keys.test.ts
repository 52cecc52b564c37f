import { expect, test } from 'bun:test';
import { sameKeys } from './same-keys.ts';

test('[PG8.4] two commands with the same keys are found, and none without or with others', () => {
  const list = [
    { id: 'a', keys: 'g d' },
    { id: 'b', keys: 'd' },
    { id: 'c' },
    { id: 'd' },
    { id: 'e', keys: 'g p' },
  ];
  expect(sameKeys(list)).toEqual([]);
  expect(sameKeys([...list, { id: 'f', keys: 'g d' }])).toEqual(['a and f have the same keys: g d']);
});
