import { expect, test } from 'bun:test';
import { createNames } from './names.ts';

const ALICE = `01${'A'.repeat(24)}`;
const BOB = `01${'B'.repeat(24)}`;
const GONE = `01${'C'.repeat(24)}`;

/** Whatever was promised and needs no time has happened. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function stand() {
  const team = new Map([[ALICE, 'Alice']]);
  let reads = 0;
  const pauses: (() => void)[] = [];
  const names = createNames(
    { user: ALICE, name: 'Alice' },
    async () => {
      reads += 1;
      return team;
    },
    () => new Promise<void>((resolve) => pauses.push(resolve)),
  );
  return { team, names, reads: () => reads, endPause: () => pauses.shift()?.() };
}

test('[PG2.7] who joined after the page was opened is called by name, after one question', async () => {
  const { team, names, reads, endPause } = stand();
  await settle();
  expect(reads()).toBe(1);
  team.set(BOB, 'Bob');
  expect(names.nameOf(BOB)).toBe(BOB);
  expect(names.nameOf(BOB)).toBe(BOB);
  await settle();
  expect(reads()).toBe(1);
  endPause();
  await settle();
  expect(names.nameOf(BOB)).toBe('Bob');
  expect(names.store.get().get(BOB)).toBe('Bob');
  expect(reads()).toBe(2);
});

test('[PG2.7] what is no member is asked for once, and what is no id never', async () => {
  const { names, reads, endPause } = stand();
  await settle();
  for (let round = 0; round < 5; round++) {
    names.nameOf(GONE);
    names.nameOf('system');
    endPause();
    await settle();
  }
  expect(reads()).toBe(2);
  expect(await names.named(GONE)).toBe(GONE);
  names.learn(GONE, 'Carol');
  expect(await names.named(GONE)).toBe('Carol');
});
