import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { planList } from './list-moves.ts';

const names = fc.constantFrom(...'abcdefghij');

function carryOut(current: readonly string[], target: readonly string[]): string[] {
  const list = [...current];
  for (const step of planList(current, target)) {
    if (step.kind === 'delete') list.splice(step.index, 1);
    else if (step.kind === 'insert') list.splice(step.index, 0, step.name);
    else list.splice(step.to, 0, ...list.splice(step.from, 1));
  }
  return list;
}

test('[AP9] any list becomes any list of distinct names', () => {
  fc.assert(
    fc.property(fc.array(names), fc.uniqueArray(names), (current, target) => {
      expect(carryOut(current, target)).toEqual(target);
    }),
    { numRuns: 1000 },
  );
});

test('[AP9] what stays in order is not moved', () => {
  expect(planList(['c', 'a', 'b', 'd'], ['a', 'b', 'c', 'd'])).toEqual([{ kind: 'move', from: 0, to: 2 }]);
  expect(planList(['a', 'b'], ['a', 'x', 'b'])).toEqual([{ kind: 'insert', index: 1, name: 'x' }]);
  expect(planList(['a', 'b'], ['a', 'b'])).toEqual([]);
});

test('[AP9] no plan moves more than the longest run in order leaves', () => {
  fc.assert(
    fc.property(fc.uniqueArray(names), fc.uniqueArray(names), (current, target) => {
      const steps = planList(current, target);
      const common = current.filter((name) => target.includes(name));
      const order = common.map((name) => target.indexOf(name));
      const moves = steps.filter(({ kind }) => kind === 'move').length;
      expect(moves).toBeLessThanOrEqual(common.length - longestIncreasing(order));
    }),
  );
});

function longestIncreasing(values: readonly number[]): number {
  const best: number[] = [];
  for (const [index, value] of values.entries()) {
    const before = best.filter((_, at) => (values[at] ?? 0) < value);
    best[index] = 1 + Math.max(0, ...before);
  }
  return Math.max(0, ...best);
}
