// Who makes others start anew too often is refused for a while; nobody else is.
import { describe, expect, test } from 'bun:test';
import { DEFAULTS } from '../config.ts';
import { type FaultKind, Faults } from './faults.ts';

const MINUTE_MS = 60_000;

function faultsOf() {
  const faults = new Faults(DEFAULTS.faults);
  /** How many faults it takes until the user is refused. */
  const until = (user: string, kind: FaultKind, document = 'd', nowMs = 0): number => {
    for (let count = 1; count <= 100; count++) if (faults.add(user, document, kind, nowMs)) return count;
    return Number.POSITIVE_INFINITY;
  };
  return { faults, until };
}

describe('faults', () => {
  test('[SY11.12] a few are forgiven, traps fewer than reloads; then the user cools down, in all documents', () => {
    const { faults, until } = faultsOf();
    expect(until('mallory', 'harmful')).toBe(7);
    expect(until('careless', 'reload', 'other')).toBe(13);
    expect(faults.isCooling('mallory', DEFAULTS.faults.coolMs - 1)).toBe(true);
    expect(faults.isCooling('mallory', DEFAULTS.faults.coolMs)).toBe(false);
    expect(faults.isCooling('alice', 0)).toBe(false);
  });

  test('[SY11.12] over a long time the same number is nothing', () => {
    const { faults } = faultsOf();
    for (let minute = 0; minute < 120; minute++)
      expect(faults.add('alice', 'd', 'reload', minute * MINUTE_MS)).toBe(false);
  });

  test('[SY11.12] many users against one document: past its bound the first fault is one too many there', () => {
    const { faults } = faultsOf();
    const cooled = Array.from({ length: 40 }, (_, index) => faults.add(`u${index}`, 'd', 'reload', 0));
    expect(cooled.indexOf(true)).toBe(DEFAULTS.faults.document.capacity);
    expect(cooled.slice(DEFAULTS.faults.document.capacity).every(Boolean)).toBe(true);
    expect(faults.add('u0', 'elsewhere', 'reload', 0)).toBe(false);
  });

  test('[SY11.12] what is remembered is bounded', () => {
    const faults = new Faults({ ...DEFAULTS.faults, remembered: 2, user: { capacity: 0, perSecond: 0 } });
    for (const user of ['a', 'b', 'c']) faults.add(user, user, 'reload', 0);
    expect(['a', 'b', 'c'].map((user) => faults.isCooling(user, 1))).toEqual([false, true, true]);
  });
});
