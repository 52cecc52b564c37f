import { expect, test } from 'bun:test';
import { EMPTY_CONFIG } from './canonical.ts';
import { diffManifests } from './diff.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';
import { upcomingTicks } from './upcoming.ts';
import { validateConfig } from './validate.ts';

const BEFORE_SUMMER = Date.parse('2026-03-28T12:00:00Z');
const key = (name: string) => `01J${name.repeat(23)}`;
const cron = { kind: 'cron', expr: '30 2 * * *', timezone: 'Europe/Berlin' };

test('[AP2.12] the next five ticks of schedules that are new or another, in their time zone, and of no others', () => {
  const of = (description: string, enabled = true) =>
    validateConfig({
      pipelines: [
        pipelineDraft(key('A'), 'a', { schedule: cron, enabled, description }),
        pipelineDraft(key('B'), 'b', { schedule: { kind: 'on-event', expr: 'manifest.applied' } }),
        pipelineDraft(key('C'), 'c', { schedule: cron, enabled: false }),
      ],
      variables: [],
    }).config ?? EMPTY_CONFIG;
  const upcoming = (from: typeof EMPTY_CONFIG, to: typeof EMPTY_CONFIG) =>
    upcomingTicks(to, diffManifests(from, to).pipelines, BEFORE_SUMMER);
  const expected = [
    {
      pipeline: 'a',
      timezone: 'Europe/Berlin',
      // The clock skips 02:30 on the 29th.
      next: ['29T01:00', '30T00:30', '31T00:30', '01T00:30', '02T00:30'].map(
        (at, index) => `2026-0${index < 3 ? 3 : 4}-${at}:00.000Z`,
      ),
    },
  ];
  expect(upcoming(EMPTY_CONFIG, of(''))).toEqual(expected);
  expect(upcoming(of('', false), of(''))).toEqual(expected);
  expect(upcoming(of(''), of('only a description'))).toEqual([]);
});
