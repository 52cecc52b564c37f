// Schedules in words.
import { expect, test } from 'bun:test';
import { scheduleWords } from './schedule-words.ts';

const cases: [schedule: unknown, words: string][] = [
  [{ kind: 'cron', expr: '0 6 * * 1' }, 'At 06:00, only on Monday'],
  [{ kind: 'cron', expr: '0 6 * * *', timezone: 'Europe/Berlin' }, 'At 06:00 (Europe/Berlin)'],
  [{ kind: 'cron', expr: 'when' }, 'when'],
  [{ kind: 'every', expr: '15m' }, 'Every 15 minutes'],
  [{ kind: 'every', expr: '1h' }, 'Every hour'],
  [{ kind: 'every', expr: 'soon' }, 'soon'],
  [{ kind: 'on-event', expr: 'manifest.applied' }, 'After each Apply'],
  [{ kind: 'on-event', expr: 'pipeline.finished:orders' }, 'After orders'],
  [{ kind: 'never', expr: 'x' }, 'never x'],
  [{}, 'No schedule'],
  ['nonsense', 'No schedule'],
];
for (const [schedule, words] of cases)
  test(`[PG1.26] ${JSON.stringify(schedule)} is ${words}`, () => {
    expect(scheduleWords(schedule)).toBe(words);
  });
