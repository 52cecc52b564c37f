// Conformance: who may. Roles, one-time links, refresh, revocation on open sockets, the last owner, the audit log; and what
// operators look at.
import { expect, test } from 'bun:test';
import { createClient } from '@hakiri/client/client';
import { SERVICE_NAMES } from '@hakiri/contracts/http';
import { until } from '../people.ts';
import { problemOf } from './applying.ts';
import type { World } from './world.ts';

const REVOCATION_LIMIT_MS = 2_000;

export function guarding(world: World): void {
  test('nothing without a token, and a problem says so', async () => {
    const nobody = createClient({ url: world.url() });
    expect(await problemOf(nobody.auth.me())).toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(await problemOf(nobody.apply.revisions())).toMatchObject({ status: 401 });
    expect(await problemOf(nobody.runs.list())).toMatchObject({ status: 401 });
    expect(await problemOf(nobody.apply.document('main'))).toMatchObject({ status: 401 });
  });

  test('a link works once', async () => {
    const link = await world.owner().auth.createLink({ kind: 'invite', name: 'Carol', role: 'viewer' });
    const { auth } = createClient({ url: world.url() });
    const session = await auth.redeem({ code: link.code });
    expect(session).toMatchObject({ name: 'Carol', role: 'viewer' });
    await problemOf(auth.redeem({ code: link.code }));
    const next = await auth.refresh(session.refreshToken);
    expect(next.user).toBe(session.user);
    // Its answer may have been lost; once what it gave is used, it was not.
    expect((await auth.refresh(session.refreshToken)).refreshToken).toBe(next.refreshToken);
    await auth.refresh(next.refreshToken);
    await problemOf(auth.refresh(session.refreshToken));
  });

  test('the last owner stays', async () => {
    const { auth } = world.owner();
    const me = await auth.me();
    expect((await problemOf(auth.removeMember(me.user))).code).toBe('last_owner');
    expect((await problemOf(auth.updateMember(me.user, { role: 'admin' }))).code).toBe('last_owner');
  });

  test(`a removed member is put out of open rooms within ${REVOCATION_LIMIT_MS} ms`, async () => {
    const dan = await world.invite('Dan', 'editor');
    const editor = await dan.edit();
    await world.owner().auth.removeMember(dan.user);
    await until('he is put out of the room', () => editor.expelled(), REVOCATION_LIMIT_MS);
    expect(await fetchMe(world.url(), dan.token)).toBe(401);
    editor.leave();
  });

  test('what happened is in the audit log, chained', async () => {
    const recorded = async () => {
      const { entries } = await world.owner().auth.audit({ limit: 200 });
      return entries.length > 3 && new Set(entries.map((entry) => entry.hash)).size === entries.length;
    };
    await until('there are entries', recorded);
  });

  test('every service documents its API, and metrics and health are served', async () => {
    for (const name of SERVICE_NAMES) {
      const document = await (await fetch(`${world.url()}/openapi/${name}.json`)).json();
      expect(Object.keys(document.paths).length).toBeGreaterThan(1);
    }
    const metrics = await (await fetch(`${world.url()}/metrics`)).text();
    for (const name of SERVICE_NAMES) expect(metrics).toContain(`hakiri_${name}_http_request_seconds_count`);
    expect((await fetch(`${world.url()}/healthz`)).status).toBe(200);
    expect((await fetch(`${world.url()}/readyz`)).status).toBe(200);
  });
}

async function fetchMe(url: string, token: string): Promise<number> {
  return (await fetch(`${url}/v1/auth/me`, { headers: { authorization: `Bearer ${token}` } })).status;
}
