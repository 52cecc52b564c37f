// A thousand bodies and headers that are wrong in every way a seed can think of: the right problem each, nothing published,
// and the next good request is served as if nothing had been.
import { expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { Problem } from '@hakiri/contracts/problem';
import { Value } from '@sinclair/typebox/value';
import { apply, openBed } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

const SEED = 20_260_101;
const REQUESTS = 1_000;

type Attempt = { body: Uint8Array<ArrayBuffer>; headers?: Record<string, string>; expected: string };
const json = (value: unknown): Uint8Array<ArrayBuffer> => new Uint8Array(utf8(JSON.stringify(value)));
const ODD = [null, true, 7, -1, 1e308, '', 'x', [], {}, [null], { a: 1 }, '\u0000', 'é'.repeat(50), [[[[]]]]];

function attempt(prng: Prng, version: string): Attempt {
  const good = { scope: { kind: 'all' }, version, message: 'm' };
  const malformed = (value: unknown): Attempt => ({ body: json(value), expected: 'malformed' });
  switch (prng.below(9)) {
    case 0:
      // A first byte that no JSON text begins with.
      return { body: new Uint8Array([0xff, ...prng.bytes(prng.below(200))]), expected: 'malformed' };
    case 1:
      return { body: json(good).slice(0, prng.below(json(good).length - 1)), expected: 'malformed' };
    case 2:
      return malformed({
        ...good,
        [prng.pick(['scope', 'version', 'doc', 'message'])]: prng.pick([null, 7, [], { a: 1 }]),
      });
    case 3:
      return malformed({ ...good, [`extra${prng.below(9)}`]: prng.pick(ODD) });
    case 4:
      return malformed(prng.pick(ODD));
    case 5:
      return malformed({
        ...good,
        scope: { kind: prng.pick(['group', 'pipelines', 'some', '']), group: prng.pick([7, '', null]) },
      });
    case 6:
      return malformed({ ...good, version: prng.pick(['', 'a b', 'é', '=', `${version}!`]), message: 'm' });
    case 7:
      return {
        body: json(good),
        headers: { 'idempotency-key': prng.pick(['short', 'x'.repeat(201), 'with space', 'ütf-8-ütf']) },
        expected: 'malformed',
      };
    default:
      return {
        body: json({ ...good, version: `${version}A${prng.below(1_000)}` }),
        expected: 'version_unknown',
      };
  }
}

test('[AP2.5] a thousand malformed requests: the right problem each, and the service goes on', async () => {
  const bed = await openBed();
  try {
    const prng = createPrng(SEED);
    const { url } = await bed.start();
    const token = bed.token('owner');
    const version = bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    for (let n = 0; n < REQUESTS; n++) {
      const { body, headers, expected } = attempt(prng, version);
      const path = headers || expected !== 'malformed' ? 'apply' : prng.pick(['apply', 'validate']);
      const response = await fetch(`${url}/v1/manifest/${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': `malformed-${n}`,
          ...headers,
        },
        body,
      });
      const problem: unknown = await response.json();
      if (!Value.Check(Problem, problem) || problem.code !== expected || problem.status !== response.status)
        throw new Error(`seed ${SEED}, request ${n}: ${JSON.stringify(problem)} to ${Buffer.from(body)}`);
      expect(problem.detail.length).toBeGreaterThan(10);
    }
    expect(await bed.index()).toBeUndefined();
    expect((await apply(url, token, { scope: { kind: 'all' }, version })).body.revision?.number).toBe(1);
  } finally {
    await bed.close();
  }
});
