// Fragments: put together whatever their order, and bounded in every direction.
import { expect, test } from 'bun:test';
import { Fragments } from './fragments.ts';

const LIMITS = { batches: 2, bytes: 100, count: 10, timeoutMs: 1_000 };
const make = () => new Fragments<string>(LIMITS, 60);
const bytes = (...values: number[]) => Uint8Array.from(values);

test('[SY1.3] fragments are put together by their index, whatever order they come in', () => {
  const fragments = make();
  expect(fragments.begin('a', 'a', 3, 5, 0)).toEqual({ kind: 'waiting' });
  expect(fragments.add('a', 2, bytes(5))).toEqual({ kind: 'waiting' });
  expect(fragments.add('a', 0, bytes(1, 2))).toEqual({ kind: 'waiting' });
  expect(fragments.add('a', 1, bytes(3, 4))).toEqual({ kind: 'complete', update: bytes(1, 2, 3, 4, 5) });
});

test('[SY1.3] what is kept is a copy: the socket’s buffer may change under it', () => {
  const fragments = make();
  const buffer = Buffer.from([1, 2, 3]);
  fragments.begin('a', 'a', 2, 4, 0);
  fragments.add('a', 0, buffer);
  buffer.fill(9);
  expect(fragments.add('a', 1, bytes(4))).toEqual({ kind: 'complete', update: bytes(1, 2, 3, 4) });
});

test('[SY11.1] a batch is bounded in bytes and count, a socket in batches and bytes', () => {
  const refused = (reason: string) => ({ kind: 'refused', reason });
  const fragments = make();
  expect(fragments.begin('a', 'a', 2, 61, 0)).toMatchObject(refused('too_large'));
  expect(fragments.begin('b', 'b', 0, 10, 0)).toMatchObject(refused('malformed'));
  expect(fragments.begin('c', 'c', 11, 20, 0)).toMatchObject(refused('malformed'));
  expect(fragments.begin('d', 'd', 4, 3, 0)).toMatchObject(refused('malformed'));
  expect(fragments.begin('e', 'e', 2, 60, 0).kind).toBe('waiting');
  expect(fragments.begin('f', 'f', 2, 60, 0)).toMatchObject(refused('too_many'));
  expect(fragments.begin('g', 'g', 2, 20, 0).kind).toBe('waiting');
  expect(fragments.begin('h', 'h', 2, 5, 0)).toMatchObject(refused('too_many'));
});

test('[SY11.2] a repeated fragment, one that does not fit and one that comes late end their batch', () => {
  const fragments = make();
  fragments.begin('a', 'a', 3, 6, 0);
  fragments.add('a', 0, bytes(1, 2));
  expect(fragments.add('a', 0, bytes(1, 2))).toEqual({ kind: 'refused', reason: 'repeated' });
  expect(fragments.add('a', 1, bytes(3, 4))).toEqual({ kind: 'ignored' });
  fragments.begin('b', 'b', 2, 4, 0);
  expect(fragments.add('b', 2, bytes(1))).toEqual({ kind: 'refused', reason: 'malformed' });
  fragments.begin('c', 'c', 2, 4, 0);
  expect(fragments.add('c', 0, bytes(1, 2, 3, 4, 5))).toEqual({ kind: 'refused', reason: 'malformed' });
  fragments.begin('d', 'd', 2, 4, 0);
  fragments.add('d', 0, bytes(1));
  expect(fragments.add('d', 1, bytes(2))).toEqual({ kind: 'refused', reason: 'malformed' });
  expect(fragments.add('never begun', 0, bytes(1))).toEqual({ kind: 'refused', reason: 'late' });
  fragments.begin('e', 'e', 2, 4, 0);
  expect(fragments.begin('e', 'e', 2, 4, 0)).toEqual({ kind: 'refused', reason: 'repeated' });
});

test('[SY11.2] a batch that is not complete in time is given up', () => {
  const fragments = make();
  fragments.begin('a', 'ref of a', 2, 4, 0);
  fragments.begin('b', 'ref of b', 2, 4, 500);
  expect(fragments.nextDeadlineMs()).toBe(1_000);
  expect(fragments.expire(999)).toEqual([]);
  expect(fragments.expire(1_000)).toEqual(['ref of a']);
  expect(fragments.add('a', 0, bytes(1))).toEqual({ kind: 'ignored' });
  expect(fragments.nextDeadlineMs()).toBe(1_500);
});
