// What the client tries again under its key, and what it does not.
import { afterEach, expect, test } from 'bun:test';
import { problem } from '@hakiri/contracts/problem';
import { createApply } from './apply.ts';
import { createHttp, fixedToken } from './http.ts';

let server: ReturnType<typeof Bun.serve> | undefined;
afterEach(() => server?.stop(true));

/** A server that answers with this problem; how often it was asked, and with how many keys. */
async function askedOf(answer: ReturnType<typeof problem> & { final?: boolean }) {
  const keys: (string | null)[] = [];
  server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => {
      keys.push(request.headers.get('idempotency-key'));
      return Response.json(keys.length < 3 ? answer : problem('conflict', 'enough'), {
        status: keys.length < 3 ? answer.status : 409,
      });
    },
  });
  const client = createApply(createHttp({ url: server.url.origin, tokens: fixedToken('t') }));
  const failure = await client.apply({ scope: { kind: 'all' }, version: 'AA' }).catch((error) => error);
  return { code: failure.problem?.code, times: keys.length, keys: new Set(keys).size };
}

test('[AP4.6] a refusal that is kept under the key is not asked for again, one that passes is, with the same key', async () => {
  const passing = problem('unavailable', 'Try again.');
  expect(await askedOf({ ...passing, final: true })).toEqual({ code: 'unavailable', times: 1, keys: 1 });
  await server?.stop(true);
  expect(await askedOf(passing)).toEqual({ code: 'conflict', times: 3, keys: 1 });
});
