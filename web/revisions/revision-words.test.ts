import { expect, test } from 'bun:test';
import { kilobytes, neighbour, scopeText } from './revision-words.ts';

test('[PG4.1] what an Apply took is said in words', () => {
  expect(scopeText({ kind: 'all' })).toBe('everything');
  expect(scopeText({ kind: 'group', group: 'shop' })).toBe('group shop');
  expect(scopeText({ kind: 'pipelines', pipelines: ['a', 'b'] })).toBe('2 pipelines');
  expect(scopeText({ kind: 'selection', groups: ['a'], pipelines: [] })).toBe('1 group and 0 pipelines');
  expect(kilobytes(1_234)).toBe('1.2');
});

test('[PG4.1] the keys go from revision to revision, and stay at the ends', () => {
  const labels = ['v3', 'v2.1', 'v2'];
  expect(neighbour(labels, 'v3', 1)).toBe('v2.1');
  expect(neighbour(labels, 'v2', 1)).toBe('v2');
  expect(neighbour(labels, 'v3', -1)).toBe('v3');
  expect(neighbour(labels, undefined, 1)).toBe('v3');
  expect(neighbour([], 'v1', 1)).toBeUndefined();
});
