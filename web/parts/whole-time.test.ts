import { expect, test } from 'bun:test';
import { wholeTime } from './whole-time.ts';

test('[PG8.26] a time that is told shortly is whole for who points at it: its date and clock in the zone of the reader, and in UTC', () => {
  const said = wholeTime('2026-10-31T23:30:05.250Z', 'Asia/Tokyo') ?? '';
  // In whatever language: the day of there, and the clock.
  expect(said.slice(0, said.indexOf('('))).toMatch(/\b1\b.*2026.*8:30:05/);
  expect(said).toEndWith('(2026-10-31 23:30:05.250 UTC)');
  expect(wholeTime(0, 'Europe/Berlin')).toEndWith('(1970-01-01 00:00:00 UTC)');
  expect(wholeTime('half typed')).toBeUndefined();
});
