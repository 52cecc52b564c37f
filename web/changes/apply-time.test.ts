import { expect, test } from 'bun:test';
import { applyChoice, missingOf, NEW_FORM } from './apply-time.ts';

const ZONE = 'Europe/Berlin';

test('[PG3.11] now, at a time on the reader’s clock, or in the next window', () => {
  expect(applyChoice(NEW_FORM, ZONE)).toEqual({});
  expect(applyChoice({ ...NEW_FORM, when: 'at', time: '2026-03-29T02:30', latest: true }, ZONE)).toEqual({
    at: '2026-03-29T02:30',
    timezone: ZONE,
    latest: true,
  });
  expect(applyChoice({ ...NEW_FORM, when: 'window' }, ZONE)).toEqual({ window: 'next' });
  expect(applyChoice({ ...NEW_FORM, latest: true, override: true }, ZONE)).toEqual({ override: true });
});

test('[PG3.12] the ticket stands in front of the message', () => {
  const form = { ...NEW_FORM, message: ' Hourly. ', ticket: ' OPS-12 ' };
  expect(applyChoice(form, ZONE)).toEqual({ message: 'OPS-12 Hourly.' });
  expect(applyChoice({ ...form, message: '' }, ZONE)).toEqual({ message: 'OPS-12' });
});

test('[PG3.11] a time that nobody named, or that has passed, is missed before anybody is asked', () => {
  const now = Date.parse('2026-03-29T02:30');
  const at = (time: string) => missingOf({ ...NEW_FORM, when: 'at', time }, now);
  expect([at(''), at('2026-03-29T02:29'), at('2026-03-29T02:31')]).toEqual(['time', 'past', undefined]);
  expect(missingOf(NEW_FORM, now)).toBeUndefined();
  expect(missingOf({ ...NEW_FORM, time: '2020-01-01T00:00' }, now)).toBeUndefined();
});
