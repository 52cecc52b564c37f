// Hostile input over real HTTP: each wrong body its problem, the process alive, guessing slow, and the good served meanwhile.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { Problem } from '@hakiri/contracts/problem';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { Value } from '@sinclair/typebox/value';
import { type Answer, type Stand, startStand } from './testing/stand.ts';

const SEED = 20_260_301;

let directory: TempDirectory;
let stand: Stand;
let token: string;

beforeAll(async () => {
  directory = await makeTempDirectory();
  stand = await startStand(directory.path, { attempts: { capacity: 20, perSecond: 0.001 } });
  token = (await stand.owner()).accessToken;
});

afterAll(async () => {
  await stand.stop();
  await directory.remove();
});

const VALUES: unknown[] = [null, true, 0, -1, 1e308, '', 'x', 'x'.repeat(500), [], [1], {}, { a: 1 }];
const POSTS = ['/redeem', '/refresh', '/links', '/tokens', '/teams'] as const;
const FIELDS = [
  'code',
  'name',
  'refreshToken',
  'kind',
  'role',
  'ttlDays',
  'team',
  '__proto__',
  'constructor',
];

/** Never a valid body: each holds a field that no schema knows. */
function malformedBody(prng: Prng): string {
  const fields = FIELDS.filter(() => prng.next() < 0.5).map((field) => [field, prng.pick(VALUES)]);
  const text = JSON.stringify(Object.fromEntries([...fields, ['unknown field', prng.pick(VALUES)]]));
  switch (prng.below(5)) {
    case 0:
      return text.slice(0, prng.below(text.length - 1));
    case 1:
      return JSON.stringify(prng.pick(VALUES.slice(0, 10)));
    case 2:
      return String.fromCharCode(...prng.bytes(prng.below(64)), 0x7b);
    default:
      return text;
  }
}

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(Value.Check(Problem, answer.body)).toBe(true);
  expect(answer).toMatchObject({ status, body: { code, type: `urn:hakiri:problem:${code}`, status } });
}

test('[AU5.4] a thousand malformed bodies get a problem `malformed` each, and the next good request works', async () => {
  const prng = createPrng(SEED);
  for (let round = 0; round < 1_000; round++) {
    const rawBody = malformedBody(prng);
    const answer = await stand.call('POST', prng.pick(POSTS), { token, rawBody });
    if (answer.status !== 400)
      throw new Error(`${answer.status} for ${JSON.stringify(rawBody)} (seed ${SEED})`);
    expectProblem(answer, 400, 'malformed');
  }
  expect((await stand.call('GET', '/me', { token })).status).toBe(200);
});

test('[AU5.4] wrong paths, methods, queries and content types get their problem', async () => {
  expectProblem(await stand.call('GET', '/nothing', { token }), 404, 'not_found');
  expectProblem(await stand.call('PUT', '/members', { token }), 404, 'not_found');
  expectProblem(await stand.call('GET', '/audit?after=x', { token }), 400, 'malformed');
  expectProblem(await stand.call('GET', '/audit?limit=100000', { token }), 400, 'malformed');
  const headers = { 'content-type': 'text/plain' };
  expectProblem(await stand.call('POST', '/tokens', { token, rawBody: 'hello', headers }), 400, 'malformed');
  expectProblem(await stand.call('PATCH', '/members/owner', { token, body: {} }), 400, 'malformed');
  expectProblem(
    await stand.call('PATCH', `/members/${'x'.repeat(200)}`, { token, body: { name: 'x' } }),
    400,
    'malformed',
  );
});

test('[AU5.4] who is not signed in learns nothing about the form of a request', async () => {
  for (const path of ['/links', '/tokens', '/teams']) {
    expectProblem(await stand.call('POST', path, { body: { wrong: 1 } }), 401, 'unauthenticated');
    expectProblem(await stand.call('POST', path, { body: {}, token: 'garbled' }), 401, 'unauthenticated');
  }
});

test('[AU5.3] guessing codes from one address is refused after a few attempts, other addresses and requests are served', async () => {
  const guess = (path: string, headers: Record<string, string> = {}) => {
    const secret = 'x'.repeat(40);
    const body = path === '/redeem' ? { code: secret } : { refreshToken: secret };
    return stand.call('POST', path, { body, headers });
  };
  const answers: Answer[] = [];
  for (let attempt = 0; attempt < 40; attempt++) {
    answers.push(
      await guess(attempt % 2 === 0 ? '/redeem' : '/refresh', { 'x-forwarded-for': `10.0.0.${attempt}` }),
    );
  }
  const refused = answers.filter(({ status }) => status === 401);
  const limited = answers.filter(({ status }) => status === 429);
  expect(refused.length + limited.length).toBe(40);
  expect(refused.length).toBeLessThan(20);
  for (const answer of limited) expectProblem(answer, 429, 'rate_limited');
  expect((await stand.call('GET', '/me', { token })).status).toBe(200);
});

test('[AU5.3] behind a proxy that is trusted, each of its clients has a limit of its own', async () => {
  const own = await makeTempDirectory();
  const proxied = await startStand(own.path, {
    trustForwardedFor: true,
    attempts: { capacity: 2, perSecond: 0.001 },
  });
  const statuses: number[] = [];
  for (const address of ['10.0.0.1', '10.0.0.1', 'forged, 10.0.0.1', '10.0.0.2']) {
    const headers = { 'x-forwarded-for': address };
    statuses.push(
      (await proxied.call('POST', '/redeem', { body: { code: 'x'.repeat(40) }, headers })).status,
    );
  }
  await proxied.stop();
  await own.remove();
  expect(statuses).toEqual([401, 401, 429, 401]);
});
