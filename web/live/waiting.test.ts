// Applies that wait: who is told of which, and how often is asked.
import { expect, test } from 'bun:test';
import type { RequestSummary } from '@hakiri/contracts/approval';
import { watchWaiting } from './waiting.ts';
import { waitForMe, waitingNews } from './waiting-news.ts';

const request = (id: string, author: string, state: RequestSummary['state']): RequestSummary => ({
  id,
  author,
  state,
  createdAt: '2026-01-01T00:00:00Z',
  doc: 'main',
  scope: { kind: 'all' },
  version: 'AA',
  message: '',
});
const waits = (id: string, author: string) => request(id, author, 'awaiting_approval');
const told = (before: RequestSummary[], after: RequestSummary[], mayApprove = true): string[] =>
  waitingNews(before, after, { user: 'me', mayApprove }).map(({ kind, request: { id } }) => `${kind} ${id}`);

test('[PG3.16] what waits for somebody is what others asked for and nobody has approved', () => {
  const all = [waits('a', 'me'), waits('b', 'bob'), request('c', 'bob', 'scheduled')];
  expect(waitForMe(all, 'me').map(({ id }) => id)).toEqual(['b']);
});

test('[PG3.17] a person is told once of what waits for them, and of what became of their own', () => {
  expect(told([], [waits('a', 'bob'), waits('b', 'me')])).toEqual(['to_approve a']);
  expect(told([waits('a', 'bob')], [waits('a', 'bob')])).toEqual([]);
  expect(told([], [waits('a', 'bob')], false)).toEqual([]);
  // Approvals became void.
  expect(told([request('a', 'bob', 'scheduled')], [waits('a', 'bob')])).toEqual(['to_approve a']);
  expect(told([waits('a', 'me')], [request('a', 'me', 'scheduled')])).toEqual(['approved a']);
  expect(told([waits('a', 'me'), request('b', 'me', 'scheduled'), waits('c', 'bob')], [])).toEqual([
    'ended a',
    'ended b',
  ]);
  // Who pressed Apply sees it end.
  expect(told([request('a', 'me', 'pending')], [])).toEqual([]);
});

test('[PG3.16] one question serves all who want to know, and one more is asked when somebody comes back to the page', async () => {
  let questions = 0;
  let published = (): void => {};
  let seen = (): void => {};
  const sight = {
    hidden: false,
    addEventListener: (_kind: 'visibilitychange', listener: () => void) => {
      seen = listener;
    },
    removeEventListener: () => {},
  };
  const waiting = watchWaiting(
    {
      list: async ({ state } = {}) => {
        if (state === 'refused') return { requests: [] };
        questions += 1;
        return { requests: [waits('a', 'bob')] };
      },
    },
    {
      onPublished: (listener) => {
        published = () => listener(REVISION);
        return () => {};
      },
    },
    sight,
  );
  published();
  seen();
  expect(questions).toBe(0);
  const stop = waiting.glance.subscribe(() => {});
  expect(questions).toBe(1);
  await waiting.again();
  expect(waiting.state.get().requests.map(({ id }) => id)).toEqual(['a']);
  published();
  expect(questions).toBe(3);
  sight.hidden = true;
  seen();
  expect(questions).toBe(3);
  sight.hidden = false;
  seen();
  expect(questions).toBe(4);
  stop();
  seen();
  expect(questions).toBe(4);
  waiting.close();
});

test('[PG3.22] what did not go live is asked for at first, and when one that waited waits no more', async () => {
  let waits = ['a', 'b'];
  let refusals = 0;
  const waiting = watchWaiting(
    {
      list: async ({ state } = {}) => {
        if (state !== 'refused') return { requests: waits.map((id) => request(id, 'me', 'scheduled')) };
        refusals += 1;
        return { requests: refusals === 1 ? [] : [request('b', 'me', 'refused')] };
      },
    },
    { onPublished: () => () => {} },
    { hidden: false, addEventListener: () => {}, removeEventListener: () => {} },
  );
  const refused = () => waiting.state.get().refused?.map(({ id }) => id);
  await waiting.again();
  await waiting.again();
  expect([refusals, refused()]).toEqual([1, []]);
  waits = ['a'];
  await waiting.again();
  await waiting.again();
  expect([refusals, refused()]).toEqual([2, ['b']]);
  waiting.close();
});

const REVISION = {
  sequence: 1,
  number: 1,
  minor: 0,
  label: 'v1',
  file: 'manifest@v1.toml',
  digest: 'sha256:0',
  sizeBytes: 1,
  publishedAt: '2026-01-01T00:00:00Z',
  author: 'ada',
  message: '',
  doc: 'main',
  version: 'AA',
  scope: { kind: 'all' as const },
  pipelines: 1,
  changed: [],
};
