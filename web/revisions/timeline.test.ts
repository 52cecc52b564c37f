import { expect, test } from 'bun:test';
import type { Revision } from '@hakiri/contracts/revision';
import { until } from '@hakiri/testing/until';
import { foldMinors, merged, openTimeline } from './timeline.ts';

const revision = (sequence: number, number: number, minor = 0): Revision => ({
  sequence,
  number,
  minor,
  label: minor === 0 ? `v${number}` : `v${number}.${minor}`,
  file: '',
  digest: '',
  sizeBytes: 0,
  publishedAt: '2026-01-01T00:00:00Z',
  author: 'ada',
  message: '',
  doc: 'main',
  version: 'AA',
  scope: { kind: 'all' },
  pipelines: 1,
  changed: [],
});

test('[PG4.1] minor revisions are folded under the one that they follow, also when that is on the next page', () => {
  const all = [revision(6, 3, 1), revision(5, 3), revision(4, 2, 2), revision(3, 2, 1)];
  const [third, second] = foldMinors(all);
  expect([third?.main?.label, third?.minors.map(({ label }) => label)]).toEqual(['v3', ['v3.1']]);
  expect([second?.main, second?.minors.map(({ label }) => label)]).toEqual([undefined, ['v2.2', 'v2.1']]);
});

test('[PG4.1] pages and news come together once each, the newest first', () => {
  const known = [revision(3, 3), revision(2, 2)];
  expect(merged(known, [revision(2, 2), revision(1, 1)]).map(({ sequence }) => sequence)).toEqual([3, 2, 1]);
});

test('[PG4.1] what is published while it is open is on top, and older pages follow when asked for', async () => {
  const listeners = new Set<(revision: Revision) => void>();
  const asked: (number | undefined)[] = [];
  const timeline = openTimeline(
    {
      revisions: async ({ before } = {}) => {
        asked.push(before);
        return before === undefined
          ? { revisions: [revision(3, 3), revision(2, 2)], next: 2 }
          : { revisions: [revision(1, 1)] };
      },
    },
    {
      onPublished: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  );
  await until(() => timeline.state.get().kind === 'known');
  for (const tell of listeners) tell(revision(4, 4));
  await timeline.more();
  const { revisions, next } = timeline.state.get();
  expect(revisions.map(({ label }) => label)).toEqual(['v4', 'v3', 'v2', 'v1']);
  expect([asked, next]).toEqual([[undefined, 2], undefined]);
  timeline.close();
  expect(listeners.size).toBe(0);
});
