import { expect, test } from 'bun:test';
import type { Daemon } from '@hakiri/contracts/delivery';
import { daemonsAbout, daemonsAgainMs, duration, type Standing, standingOf } from './daemon-words.ts';

const daemon = (fields: Partial<Daemon> = {}): Daemon => ({
  name: 'edge-1',
  token: 'token-1',
  sequence: 3,
  label: 'v3',
  digest: 'sha256:a',
  state: 'running',
  since: '2026-01-01T00:00:00Z',
  lastSeen: '2026-01-01T00:00:00Z',
  behindRevisions: 0,
  behindS: 0,
  runsLatest: true,
  ...fields,
});

const cases: [what: string, fields: Partial<Daemon>, tone: Standing['tone'], word: RegExp][] = [
  ['that runs the latest', {}, 'good', /up to date/],
  ['that runs the same under an older name', { behindRevisions: 1 }, 'good', /same content/],
  [
    'behind',
    { runsLatest: false, behindRevisions: 2, behindS: 600 },
    'warn',
    /2 revisions behind, for 10 minutes/,
  ],
  ['that runs nothing yet', { sequence: 0, runsLatest: false, behindRevisions: 3 }, 'warn', /nothing yet/],
  ['that refused what is newer', { state: 'refused', runsLatest: false }, 'bad', /rejected/],
  ['that could not take it over', { state: 'failed', runsLatest: false }, 'bad', /failed/],
  ['that runs other bytes', { drift: 'other_digest' }, 'bad', /content mismatch/],
  ['of an unknown revision', { drift: 'unknown_revision' }, 'bad', /unknown revision/],
  ['that is silent', { drift: 'silent', state: 'failed' }, 'bad', /not reporting/],
];
for (const [what, fields, tone, word] of cases)
  test(`[PG4.5] a daemon ${what} is ${tone}`, () => {
    const standing = standingOf(daemon(fields));
    expect(standing.tone).toBe(tone);
    expect(standing.word).toMatch(word);
  });

test('[PG4.5] why something is odd is what the daemon said', () => {
  expect(standingOf(daemon({ state: 'failed', detail: 'no room' })).why).toBe('no room');
});

test('[PG4.5] times are in the largest unit that says enough', () => {
  expect([30, 90, 7_200, 200_000].map(duration)).toEqual(['30 seconds', '2 minutes', '2 hours', '2 days']);
});

test('[PG4.5] how many run the latest is said in a line', () => {
  const daemons = [daemon(), daemon({ runsLatest: false }), daemon({ drift: 'silent' })];
  expect(daemonsAbout({ latest: { label: 'v3', sequence: 3 }, daemons })).toBe('1 of 3 daemons runs v3');
});

test('[PG4.5] of who is behind and well news is due soon, of all others at leisure', () => {
  const againMs = (fields: Partial<Daemon>): number =>
    daemonsAgainMs({ daemons: [daemon(), daemon(fields)] });
  expect(againMs({ runsLatest: false })).toBe(2_000);
  const others: Partial<Daemon>[] = [
    {},
    { state: 'failed', runsLatest: false },
    { state: 'refused', runsLatest: false },
    { drift: 'silent', runsLatest: false },
  ];
  expect(others.map(againMs)).toEqual(others.map(() => 10_000));
  expect(daemonsAgainMs(undefined)).toBe(10_000);
});
