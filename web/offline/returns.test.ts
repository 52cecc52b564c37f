// Who comes back is told of their absence, also when the server that came back has no answer at first.
import { expect, test } from 'bun:test';
import { ApiProblem } from '@hakiri/client/errors';
import type { SyncStatus } from '@hakiri/client/sync';
import { encodeVersion } from '@hakiri/config-doc/version';
import type { HistoryEntry } from '@hakiri/contracts/notice';
import { problem } from '@hakiri/contracts/problem';
import { until } from '@hakiri/testing/until';
import { createStore } from '../live/store.ts';
import { watchReturns } from './returns.ts';

const HOUR_MS = 3_600_000;
const entry = (key: string): HistoryEntry => ({
  at: '2026-01-01T00:00:00Z',
  user: 'me',
  peer: '1',
  from: 0,
  to: 5,
  changes: [{ root: 'pipelines', key, fields: ['name'] }],
});

/** `answers`: of the history, one after the other; the last one again and again. */
function stand(answers: (Error | string)[]) {
  const kept = new Map<string, string>();
  const status = createStore<SyncStatus>({ kind: 'saved' });
  const waits: number[] = [];
  let [atMs, asked] = [0, 0];
  const returns = watchReturns(
    {
      docId: 'main',
      status,
      connection: {
        onStatus: (listener) => status.subscribe(() => listener(status.get())),
        version: () => encodeVersion(new Map()),
        doc: { peerIdStr: '1' },
      },
    },
    {
      user: 'me',
      kept: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => void kept.set(key, value),
        removeItem: (key) => void kept.delete(key),
      },
      now: () => atMs,
      wait: async (durationMs) => void waits.push(durationMs),
      documents: {
        async history() {
          const answer = answers[Math.min(asked++, answers.length - 1)] ?? '';
          if (answer instanceof Error) throw answer;
          return { entries: [entry(answer)], isCut: false };
        },
      },
    },
  );
  const away = (unsaved: number): void => {
    status.set({ kind: 'offline', unsaved, kept: true });
    atMs += HOUR_MS;
  };
  return { away, status, returns, kept, waits, asked: () => asked };
}
const busy = new ApiProblem(problem('unavailable', 'no'));

test('[PG7.3] the absence is told once the history answers, and kept over a reload until then', async () => {
  const { away, status, returns, kept, waits } = stand([busy, busy, 'orders']);
  away(1);
  status.set({ kind: 'saved' });
  expect(kept.size).toBe(1);
  // Others' work goes on meanwhile.
  status.set({ kind: 'saving', unsaved: 1 });
  status.set({ kind: 'saved' });
  await until(() => returns.last.get() !== undefined, { what: 'it is told' });
  expect([returns.last.get()?.mine, waits, kept.size]).toEqual([['orders'], [1_000, 2_000], 0]);
  returns.close();
});

test('[PG7.3] who may not read the history any more is told nothing, and it is not asked for again', async () => {
  const { away, status, returns, kept, asked } = stand([new ApiProblem(problem('denied', 'no'))]);
  away(1);
  status.set({ kind: 'saved' });
  await until(() => kept.size === 0, { what: 'it is forgotten' });
  expect([returns.last.get(), asked()]).toEqual([undefined, 1]);
  returns.close();
});

test('[PG7.3] who is away again before it was told is told of both at once', async () => {
  const { away, status, returns, kept } = stand([busy, busy, 'orders']);
  away(1);
  status.set({ kind: 'saved' });
  away(0);
  expect(kept.size).toBe(1);
  status.set({ kind: 'saved' });
  await until(() => returns.last.get() !== undefined, { what: 'it is told' });
  expect(returns.last.get()?.mine).toEqual(['orders']);
  returns.close();
});
