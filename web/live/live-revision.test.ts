// News of what is live goes on after a refusal that passes, and ends with the session.
import { expect, test } from 'bun:test';
import { ApiProblem } from '@hakiri/client/errors';
import { type ProblemCode, problem } from '@hakiri/contracts/problem';
import type { Revision } from '@hakiri/contracts/revision';
import { until } from '@hakiri/testing/until';
import { watchLiveRevision } from './live-revision.ts';

const revision = (sequence: number): Revision => ({
  sequence,
  number: sequence,
  minor: 0,
  label: `v${sequence}`,
  file: `manifest@v${sequence}.toml`,
  digest: 'sha256:0',
  sizeBytes: 1,
  publishedAt: '2026-01-01T00:00:00Z',
  author: 'ada',
  message: '',
  doc: 'main',
  version: 'AA',
  scope: { kind: 'all' },
  pipelines: 1,
  changed: [],
});
const refusal = (code: ProblemCode) => new ApiProblem(problem(code, 'no'));

/** Each connection is refused with the next code; with none left the second revision is told. */
function watched(team: string, codes: ProblemCode[]) {
  const [waits, afters]: [number[], (number | undefined)[]] = [[], []];
  let ended = 0;
  const live = watchLiveRevision(
    {
      revisions: async () => ({ revisions: [revision(1)] }),
      async *events({ after, signal } = {}) {
        afters.push(after);
        const code = codes.shift();
        if (code === 'unauthenticated') ended += 1;
        if (code !== undefined) throw refusal(code);
        yield { doc: 'main', revision: revision(2) };
        await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      },
    },
    team,
    async (durationMs) => void waits.push(durationMs),
  );
  return { live, waits, afters, ended: () => ended };
}
const label = (live: ReturnType<typeof watchLiveRevision>): string | undefined => {
  const now = live.latest.get();
  return now.kind === 'revision' ? now.revision.label : undefined;
};

test('[PG3.15] a refusal that may pass is waited out, longer each time, and nothing that was published meanwhile is missed', async () => {
  const codes: ProblemCode[] = ['denied', 'not_found', ...Array<ProblemCode>(8).fill('rate_limited')];
  const { live, waits, afters } = watched('passing', codes);
  await until(() => label(live) === 'v2');
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map((seconds) => seconds * 1_000));
  expect(new Set(afters)).toEqual(new Set([1]));
  live.close();
});

test('[PG3.15] a session that ended is asked nothing more', async () => {
  const { live, waits, afters, ended } = watched('over', ['denied', 'unauthenticated']);
  await until(() => ended() === 1);
  // Whatever would follow here would follow sooner than all that another goes through.
  const other = watched('not over', Array<ProblemCode>(4).fill('denied'));
  await until(() => label(other.live) === 'v2');
  other.live.close();
  expect([waits.length, afters.length, label(live)]).toEqual([1, 2, 'v1']);
  live.close();
});

test('[PG3.9] what another tab tells while the first answer is on its way counts, when that answer is older', async () => {
  const answer = Promise.withResolvers<{ revisions: Revision[] }>();
  const live = watchLiveRevision(
    {
      revisions: () => answer.promise,
      async *events({ signal } = {}) {
        await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      },
    },
    'early',
    () => Promise.reject(new Error('nothing fails')),
  );
  const told: string[] = [];
  live.onPublished(({ label }) => told.push(label));
  const [here, there] = [1, 2].map(() => new BroadcastChannel('hakiri-applied/early'));
  const heard = new Promise((resolve) => here?.addEventListener('message', resolve));
  there?.postMessage({ doc: 'main', revision: revision(5) });
  there?.postMessage({ doc: 'main', revision: revision(6) });
  await heard;
  await new Promise((resolve) => setImmediate(resolve));
  answer.resolve({ revisions: [revision(5)] });
  await until(() => label(live) === 'v6');
  expect(told).toEqual(['v6']);
  here?.close();
  there?.close();
  live.close();
});
