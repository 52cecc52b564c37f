import { expect, test } from 'bun:test';
import { ApiProblem, Unreachable } from '@hakiri/client/errors';
import { problem } from '@hakiri/contracts/problem';
import { createNames } from './names.ts';

const ALICE = `01${'A'.repeat(24)}`;
const BOB = `01${'B'.repeat(24)}`;
const GONE = `01${'C'.repeat(24)}`;

/** Whatever was promised and needs no time has happened. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function stand() {
  const team = new Map([[ALICE, 'Alice']]);
  let reads = 0;
  let failure: Error | undefined;
  const lengths: number[] = [];
  const pauses: (() => void)[] = [];
  const names = createNames(
    { user: ALICE, name: 'Alice' },
    async () => {
      reads += 1;
      if (failure) throw failure;
      return team;
    },
    (ms) => {
      lengths.push(ms);
      return new Promise<void>((resolve) => pauses.push(resolve));
    },
  );
  const fail = (how: Error | undefined): void => {
    failure = how;
  };
  return {
    lengths,
    fail,
    team,
    names,
    reads: () => reads,
    endPause: () => pauses.splice(0).map((end) => end()),
  };
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

test('[PG2.7] a question without an answer is asked again by itself, less and less often, until there is one', async () => {
  const { team, names, reads, fail, endPause, lengths } = stand();
  fail(new Unreachable('offline'));
  await settle();
  team.set(BOB, 'Bob');
  expect(names.nameOf(BOB)).toBe(BOB);
  for (let round = 0; round < 5; round++) {
    endPause();
    await settle();
  }
  expect(reads()).toBe(6);
  expect(Math.max(...lengths)).toBe(60_000);
  const told: (string | undefined)[] = [];
  names.store.subscribe(() => told.push(names.store.get().get(BOB)));
  fail(undefined);
  endPause();
  await settle();
  expect(told).toEqual(['Bob']);
});

test('[PG2.7] who may not know the team asks once', async () => {
  const { names, reads, fail, endPause } = stand();
  fail(new ApiProblem(problem('denied', 'no')));
  names.nameOf(BOB);
  await settle();
  endPause();
  await settle();
  expect([reads(), await names.named(BOB)]).toEqual([1, BOB]);
});
