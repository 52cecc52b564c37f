import { expect, test } from 'bun:test';
import { coveredUntil, nextBeginning, parseAt, parseInstant } from './policy-time.ts';

const at = (text: string): number => Date.parse(text);
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

test('[AP12.11] a time with an offset is that instant, and what is no time is none', () => {
  expect(iso(parseAt('2026-03-29T02:30:00+02:00', undefined))).toBe('2026-03-29T00:30:00.000Z');
  expect(iso(parseAt('2026-03-29T02:30Z', undefined))).toBe('2026-03-29T02:30:00.000Z');
  for (const text of [
    '',
    'tomorrow',
    '2026-02-30T00:00:00Z',
    '2026-02-30T00:00',
    '2026-13-01T00:00Z',
    '2026-01-01T24:00Z',
    '2026-01-01',
  ])
    expect(parseAt(text, undefined)).toBeUndefined();
  expect(parseAt('2026-01-01T00:00:00Z', 'Europe/Berlin')).toBeUndefined();
  expect(parseAt('2026-01-01T00:00:00', 'Europe/Nowhere')).toBeUndefined();
  expect(parseInstant('2026-01-01T00:00:00')).toBeUndefined();
});

test('[AP12.11] a time on the clock of a zone is what a schedule of that minute would mean', () => {
  const berlin = (text: string) => iso(parseAt(text, 'Europe/Berlin'));
  expect(berlin('2026-01-15T08:05')).toBe('2026-01-15T07:05:00.000Z');
  expect(berlin('2026-07-15T08:05:09')).toBe('2026-07-15T06:05:09.000Z');
  // Skipped: the first instant after. Repeated: the first of the two.
  expect(berlin('2026-03-29T02:30')).toBe('2026-03-29T01:00:00.000Z');
  expect(berlin('2026-10-25T02:30')).toBe('2026-10-25T00:30:00.000Z');
  expect(iso(parseAt('2026-01-15T08:05', 'Pacific/Kiritimati'))).toBe('2026-01-14T18:05:00.000Z');
  expect(iso(parseAt('2026-01-15T08:05', 'Pacific/Niue'))).toBe('2026-01-15T19:05:00.000Z');
  expect(iso(parseAt('2028-02-29T08:05', 'Asia/Tokyo'))).toBe('2028-02-28T23:05:00.000Z');
});

test('[AP12.6] a recurring span lasts minutes that really pass, also over a change of the clock', () => {
  const night = { kind: 'recurring', cron: '0 22 * * *', timezone: 'Europe/Berlin', minutes: 480 } as const;
  expect(iso(coveredUntil(night, at('2026-01-10T22:00:00Z')))).toBe('2026-01-11T05:00:00.000Z');
  expect(coveredUntil(night, at('2026-01-11T05:00:00Z'))).toBeUndefined();
  expect(iso(nextBeginning(night, at('2026-01-11T05:00:00Z')))).toBe('2026-01-11T21:00:00.000Z');
  // 22:00 +01:00 on the evening before the clock goes forward, eight hours long.
  expect(iso(coveredUntil(night, at('2026-03-29T01:00:00Z')))).toBe('2026-03-29T05:00:00.000Z');
  expect(iso(nextBeginning(night, at('2026-03-29T05:00:00Z')))).toBe('2026-03-29T20:00:00.000Z');
});

test('[AP12.6] a span between two times covers its beginning and not its end', () => {
  const span = { kind: 'between', from: '2026-12-24T00:00:00Z', until: '2026-12-27T00:00:00Z' } as const;
  expect(coveredUntil(span, at('2026-12-23T23:59:59.999Z'))).toBeUndefined();
  expect(coveredUntil(span, at('2026-12-24T00:00:00Z'))).toBe(at('2026-12-27T00:00:00Z'));
  expect(coveredUntil(span, at('2026-12-27T00:00:00Z'))).toBeUndefined();
  expect(nextBeginning(span, at('2026-12-01T00:00:00Z'))).toBe(at('2026-12-24T00:00:00Z'));
  expect(nextBeginning(span, at('2026-12-24T00:00:00Z'))).toBeUndefined();
});
