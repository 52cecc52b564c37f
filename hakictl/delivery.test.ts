// `hakictl daemons` and `hakictl keys` against a whole server in this process.
import { expect, test } from 'bun:test';
import { createClient } from '@hakiri/client/client';
import { apiSource } from '@hakiri/client/daemon-source';
import { useStand } from './testing/stand.ts';

const stand = useStand('file');
const { hakictl } = stand;

test('[AP11.16] hakictl lists the daemons, or those that need a look', async () => {
  expect((await hakictl('daemons')).out).toContain('No daemon has reported');
  const client = createClient({ url: stand.server.url, token: stand.server.ownerToken });
  const { token } = await client.auth.createToken({ name: 'rack', role: 'node', ttlDays: 1 });
  const source = apiSource({ url: stand.server.url, token });
  const since = new Date().toISOString();
  const { signal } = new AbortController();
  const report = { digest: '', since, state: 'running' } as const;
  await source.report?.({ ...report, name: 'rack-7', sequence: 0 }, signal);
  await source.report?.({ ...report, name: 'rack-8', sequence: 9 }, signal);
  const listed = await hakictl('daemons');
  expect(listed).toMatchObject({ code: 0, err: '' });
  expect(listed.out).toMatch(/rack-7 +nothing/);
  expect(listed.out).toMatch(/rack-8 +\? .*never published/);
  expect(listed.out).toContain('0 of 2');
  expect(JSON.parse((await hakictl('daemons --behind --json')).out).daemons.length).toBe(2);
});

test('[AP11.14] hakictl rotates the keys, once until the next one signs', async () => {
  const before = JSON.parse((await hakictl('keys --json')).out);
  expect(before.keys.length).toBe(1);
  const rotated = await hakictl('keys rotate --overlap 7d');
  expect([rotated.code, rotated.out]).toEqual([0, expect.stringContaining(before.keys[0].kid)]);
  const { keys } = JSON.parse((await hakictl('keys list --json')).out);
  expect(Date.parse(keys[1].signsFrom)).toBeGreaterThan(Date.now() + 6 * 24 * 3_600_000);
  const again = await hakictl('keys rotate');
  expect(again).toMatchObject({ code: 1 });
  expect(again.err).toContain('Rotate again after that');
});

test('[AP11.23] hakictl rotates at once while the next key waits, and says which key never signed', async () => {
  // One may wait already, from a rotation before.
  await hakictl('keys rotate --overlap 30d');
  const waits = JSON.parse((await hakictl('keys --json')).out).keys.at(-1);
  const { code, out, err } = await hakictl('keys rotate --overlap 0');
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(new RegExp(`${waits.kid} +never: replaced before`));
});
