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
const label = (live: ReturnType<typeof watched>['live']): string | undefined => {
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
  // Whatever would follow follows at once here.
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect([waits.length, afters.length, label(live)]).toEqual([1, 2, 'v1']);
  live.close();
});
