// What becomes of an Apply that is refused, or whose answer is lost, in its dialog and behind one that was closed.
import { expect, test } from 'bun:test';
import { ApiProblem, Unreachable } from '@hakiri/client/errors';
import type { RequestSummary } from '@hakiri/contracts/approval';
import { problem } from '@hakiri/contracts/problem';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { createApplyFlow } from './apply-flow.ts';

const dryRun = {
  revision: 'v2',
  unchanged: false,
  digest: 'sha256:0',
  toml: '',
  diff: { from: 'v1', to: 'v2', pipelines: [], variables: [] },
  warnings: [],
  policy: { kind: 'go' as const, overrode: [] },
};
const scope = { kind: 'all' as const };
const request: RequestSummary = {
  id: 'r',
  state: 'published',
  author: 'ada',
  createdAt: '2026-01-01T00:00:00Z',
  doc: 'main',
  scope,
  version: 'AA',
  message: '',
  revision: {
    sequence: 2,
    number: 2,
    minor: 0,
    label: 'v2',
    file: 'manifest@v2.toml',
    digest: 'sha256:0',
    sizeBytes: 1,
    publishedAt: '2026-01-01T00:00:00Z',
    author: 'ada',
    message: '',
    doc: 'main',
    version: 'AA',
    scope,
    pipelines: 1,
    changed: [],
  },
};
const refusal = new ApiProblem(problem('conflict', 'It moved meanwhile.'));
const lost = new Unreachable('fetch failed');
/** Of a gateway, while the server starts again. */
const away = new ApiProblem(problem('unavailable', 'Try again shortly.'));

/** One that failed so, once what became of it was asked: `answers`, one after the other, the last again and again. */
async function failed(failure: Error, answers: (RequestSummary | undefined | Error)[], isClosed = false) {
  const told: string[] = [];
  const keys = { sent: [] as string[], asked: [] as string[] };
  let sayStatus = (): void => {};
  const flow = createApplyFlow({
    client: {
      apply: {
        submit: async (_body, { key = '' } = {}) => {
          keys.sent.push(key);
          if (isClosed) flow.close();
          throw failure;
        },
      },
      requests: {
        dryRun: async () => dryRun,
        ofKey: async (key) => {
          keys.asked.push(key);
          const answer = answers.length > 1 ? answers.shift() : answers[0];
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
    },
    workspace: {
      docId: 'main',
      connection: {
        doc: new LoroDoc(),
        status: () => ({ kind: 'saved' }),
        onStatus: (listener) => {
          sayStatus = () => listener({ kind: 'saved' });
          return () => {};
        },
        saved: async () => {},
        version: () => 'AA',
      },
      pipelines: { head: () => undefined },
      live: { onPublished: () => () => {} },
      unapplied: { again() {} },
      waiting: { again: async () => {} },
    },
    scope,
    tell: (text) => told.push(text),
  });
  await flow.look();
  await flow.apply({});
  return { flow, told, keys, sayStatus: () => sayStatus(), state: () => flow.state.get() };
}

test('[PG3.20] an Apply that is refused after its dialog was closed is told', async () => {
  expect((await failed(refusal, [undefined], true)).told).toEqual([
    'Your Apply was refused: nothing was published. It moved meanwhile.',
  ]);
  const [told] = (await failed(lost, [lost], true)).told;
  expect(told).toStartWith('Your Apply has no answer.');
});

test('[PG3.20] in a dialog that is open it is said there alone', async () => {
  expect((await failed(refusal, [undefined])).told).toEqual([]);
});

test('[PG3.21] of an Apply without an answer the page asks by its key, and says that it is live where it is', async () => {
  for (const failure of [lost, away]) {
    const { keys, state } = await failed(failure, [request]);
    expect(state()).toMatchObject({ kind: 'published', published: { revision: { label: 'v2' } } });
    expect(keys.asked).toEqual(keys.sent);
  }
  const { keys, state } = await failed(refusal, [request]);
  expect(state().kind).toBe('seen');
  expect(keys.asked).toEqual([]);
});

test('[PG3.21] while nobody knows whether it was published nothing else is said; it is asked again when the server is back', async () => {
  const { flow, state, sayStatus } = await failed(lost, [lost, { ...request, state: 'pending' }, request]);
  expect(state()).toMatchObject({ kind: 'unheard', isUnderWay: false });
  await flow.ask();
  expect(state()).toMatchObject({ kind: 'unheard', isUnderWay: true });
  sayStatus();
  await until(() => state().kind === 'published');
});

test('[PG3.21] what never arrived is pressed again as the same one, what was refused is another', async () => {
  const never = await failed(lost, [undefined]);
  expect(never.state()).toMatchObject({ kind: 'seen', failure: expect.any(Error) });
  await never.flow.apply({});
  expect(new Set(never.keys.sent).size).toBe(1);
  const refused = await failed(lost, [{ ...request, state: 'refused', problem: problem('conflict', 'no') }]);
  expect(refused.state()).toMatchObject({ kind: 'seen', failure: { problem: { code: 'conflict' } } });
  await refused.flow.apply({});
  expect(new Set(refused.keys.sent).size).toBe(2);
});
