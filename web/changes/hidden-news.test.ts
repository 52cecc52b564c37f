// Who is told what while nobody looks at the page.
import { expect, test } from 'bun:test';
import type { ApplyStatus } from '@hakiri/contracts/apply';
import type { RequestSummary } from '@hakiri/contracts/approval';
import { problem } from '@hakiri/contracts/problem';
import { until } from '@hakiri/testing/until';
import { createStore } from '../live/store.ts';
import type { WaitingState } from '../live/waiting.ts';
import { changes } from '../strings/en-changes.ts';
import { tellHiddenNews } from './hidden-news.ts';

const words = changes.hidden;
const request = (id: string, author: string, state: RequestSummary['state']): RequestSummary => ({
  id,
  author,
  state,
  createdAt: '2026-01-01T00:00:00Z',
  doc: 'main',
  scope: { kind: 'all' },
  version: 'AA',
  message: `why ${id}`,
});

function watched(statuses: Record<string, Pick<ApplyStatus, 'state' | 'problem'>> = {}) {
  const glance = createStore<WaitingState>({ kind: 'loading', requests: [] });
  const notes: { title: string; text: string; tag: string; open: () => void }[] = [];
  const opened: string[] = [];
  const [place, asked] = [{ isHidden: true, isTeller: true }, [] as string[]];
  const stop = tellHiddenNews({
    waiting: { glance, whileHidden: () => () => {} },
    live: { isTeller: () => place.isTeller },
    me: { user: 'me', mayApprove: true },
    show: (note) => void notes.push(note),
    statusOf: async (id) => {
      asked.push(id);
      return statuses[id] ?? { state: 'published' };
    },
    named: async (user) => user.toUpperCase(),
    open: ({ id }) => void opened.push(id),
    isHidden: () => place.isHidden,
  });
  const answer = (...requests: RequestSummary[]): void => glance.set({ kind: 'known', requests });
  return { notes, opened, place, asked, answer, stop };
}

test('[PG3.17] what waits for approval is told with who asks and why, and a press leads there', async () => {
  const { notes, opened, answer, stop } = watched();
  answer(request('old', 'bob', 'awaiting_approval'));
  answer(request('old', 'bob', 'awaiting_approval'), request('new', 'bob', 'awaiting_approval'));
  await until(() => notes.length === 1);
  expect(notes[0]).toMatchObject({
    title: words.toApprove('BOB'),
    text: 'why new',
    tag: 'hakiri-request/new',
  });
  notes[0]?.open();
  expect(opened).toEqual(['new']);
  stop();
});

test('[PG3.17] what became of one’s own is told: live, rejected, failed; what somebody cancelled is not', async () => {
  const refused = (code: 'approval_rejected' | 'apply_missed' | 'apply_cancelled') => ({
    state: 'refused' as const,
    problem: problem(code, `since ${code}`),
  });
  const { notes, asked, answer } = watched({
    b: refused('approval_rejected'),
    c: refused('apply_missed'),
    d: refused('apply_cancelled'),
  });
  answer(...['a', 'b', 'c', 'd'].map((id) => request(id, 'me', 'scheduled')));
  answer();
  await until(() => notes.length === 3 && asked.length === 4);
  expect(notes.map(({ title }) => title)).toEqual([
    words.live(''),
    words.rejected('since approval_rejected'),
    words.failed('since apply_missed'),
  ]);
});

test('[PG3.17] who looks at the page is told nothing, and of several tabs one tells', async () => {
  const { notes, place, asked, answer } = watched();
  answer();
  place.isHidden = false;
  answer(request('a', 'me', 'scheduled'), request('b', 'bob', 'awaiting_approval'));
  place.isHidden = true;
  place.isTeller = false;
  answer();
  place.isTeller = true;
  answer(request('c', 'bob', 'awaiting_approval'));
  await until(() => notes.length > 0);
  expect([notes.map(({ tag }) => tag), asked]).toEqual([['hakiri-request/c'], []]);
});
