// Runs that are asked for again after no answer: under one key, so that the server begins one.
import { afterEach, expect, test } from 'bun:test';
import { problem } from '@hakiri/contracts/problem';
import { createHttp, fixedToken } from './http.ts';
import { createRuns } from './runs.ts';

let server: ReturnType<typeof Bun.serve> | undefined;
afterEach(() => server?.stop(true));

test('[SC6.16] start and retry are asked for again under one key while nobody answers, each call under its own unless it names one', async () => {
  const keys: (string | null)[] = [];
  server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => {
      keys.push(request.headers.get('idempotency-key'));
      const answer = keys.length % 2 === 1 ? problem('unavailable', 'soon') : problem('conflict', 'It runs.');
      return Response.json(answer, { status: answer.status });
    },
  });
  const runs = createRuns(createHttp({ url: server.url.origin, tokens: fixedToken('t') }));
  const refused = { problem: { code: 'conflict' } };
  await expect(runs.start('p1')).rejects.toMatchObject(refused);
  await expect(runs.retry('r1')).rejects.toMatchObject(refused);
  await expect(runs.start('p1', { key: 'mine-alone' })).rejects.toMatchObject(refused);
  const [start, again, retry, same, ...named] = keys;
  expect([again, same]).toEqual([start ?? null, retry ?? null]);
  expect(start).not.toBe(retry);
  expect(named).toEqual(['mine-alone', 'mine-alone']);
});
