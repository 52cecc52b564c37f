// Tokens that are narrowed to pipelines when they are made, over real HTTP.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { IssuedToken } from '@hakiri/contracts/auth';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { codeElsewhere, decoded, type Stand, startStand } from './testing/stand.ts';

let directory: TempDirectory;
let stand: Stand;

beforeEach(async () => {
  directory = await makeTempDirectory();
  stand = await startStand(directory.path);
});

afterEach(async () => {
  await stand.stop();
  await directory.remove();
});

test('[AU2.18] a token for some pipelines is narrow before anybody has it, and the list says to which', async () => {
  const owner = await stand.owner();
  const make = (role: string, pipelines: string[]) =>
    stand.call('POST', '/tokens', {
      token: owner.accessToken,
      body: { name: 'ci', role, ttlDays: 1, pipelines },
    });
  const issued = decoded(IssuedToken, await make('applier', ['orders', 'stock']));
  expect(issued.info.pipelines).toEqual(['orders', 'stock']);
  const me = await stand.call('GET', '/me', { token: issued.token });
  expect(me).toMatchObject({ body: { pipelines: ['orders', 'stock'], role: 'applier' } });
  const decide = async (pipeline?: string) =>
    (
      await stand.elsewhere.authorize(issued.token, {
        action: 'runs.control',
        ...(pipeline === undefined ? {} : { pipeline }),
      })
    ).kind;
  expect([await decide('orders'), await decide('invoices'), await decide()]).toEqual([
    'allowed',
    'denied',
    'denied',
  ]);
  expect(await make('node', ['orders'])).toMatchObject({ status: 400 });
  expect(await make('editor', [])).toMatchObject({ status: 400 });
  expect((await make('editor', ['no such "id"'])).status).toBe(400);
  await stand.call('DELETE', `/tokens/${issued.info.id}`, { token: owner.accessToken });
  await until(async () => (await codeElsewhere(stand, issued.token)) === 'token_revoked', {
    timeoutMs: 2_000,
  });
});
