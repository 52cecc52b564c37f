// Conformance: going live. One pipeline, all of them, refusals that publish nothing, repeats that publish once, readers that
// wait and are woken.
import { expect, test } from 'bun:test';
import { ApiProblem } from '@hakiri/client/errors';
import { setSchedule, setText } from '@hakiri/config-doc/edit';
import { versionOf } from '@hakiri/config-doc/version';
import type { ApplyBody, ApplyStatus } from '@hakiri/contracts/apply';
import type { Problem } from '@hakiri/contracts/problem';
import { pipelineOf, until } from '../people.ts';
import type { World } from './world.ts';

const ONE: ApplyBody['scope'] = { kind: 'pipelines', pipelines: ['orders-live'] };
const MALFORMED_BODIES = 1_000;

export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof ApiProblem) return outcome.problem;
  throw new Error(`expected a problem, got ${String(outcome ?? 'success')}`);
}

export function applying(world: World): void {
  const version = async () => (await world.owner().apply.document('main')).version;
  const latest = async () => (await world.owner().apply.revisions()).revisions[0]?.label ?? 'v0';

  test('one pipeline goes live as v1, and the others are not in it', async () => {
    const { client } = await world.invite('Alice', 'applier');
    const { revision } = await client.apply.apply({ scope: ONE, version: await version(), message: 'first' });
    expect(revision).toMatchObject({
      number: 1,
      label: 'v1',
      file: 'manifest@v1.toml',
      message: 'first',
      pipelines: 1,
    });
    const body = await client.apply.body('v1');
    expect(body.match(/^\[\[pipeline\]\]/gm)).toHaveLength(1);
    expect(body).toContain('orders-live');
    expect(body).not.toContain('gh-issues');
  });

  test('an invalid cron is refused with its path, a code and a sentence, and nothing is published', async () => {
    const alice = await world.invite('Alice', 'applier');
    const editor = await alice.edit();
    const { key } = pipelineOf(editor.doc, 'gh-issues');
    setSchedule(editor.doc, key, { kind: 'cron', expr: '61 * * *' });
    editor.doc.commit();
    await editor.settled();
    const before = await latest();
    const refusal = await problemOf(
      alice.client.apply.apply({ scope: { kind: 'all' }, version: versionOf(editor.doc) }),
    );
    expect(refusal).toMatchObject({ status: 422, code: 'invalid_config' });
    expect(refusal.issues).toContainEqual(
      expect.objectContaining({
        path: '/pipelines/gh-issues/schedule/expr',
        code: 'schedule.cron_invalid',
        severity: 'error',
      }),
    );
    expect(await latest()).toBe(before);
    setSchedule(editor.doc, key, { kind: 'cron', expr: '*/10 * * * *' });
    editor.doc.commit();
    await editor.settled();
    editor.leave();
  });

  test('a viewer and an editor may not apply, and the refusal is audited', async () => {
    for (const role of ['viewer', 'editor'] as const) {
      const guest = await world.invite(`Some ${role}`, role);
      const refusal = await problemOf(
        guest.client.apply.apply({ scope: { kind: 'all' }, version: await version() }),
      );
      expect(refusal).toMatchObject({ status: 403, code: 'denied' });
      const audited = async () =>
        (await everyAuditEntry(world)).some(
          (entry) => entry.outcome === 'refused' && entry.actor.id === guest.user,
        );
      await until('the refusal is in the audit log', audited);
    }
  });

  test('a repeated request publishes once; the same key for something else is refused', async () => {
    const { apply } = world.owner();
    const body: ApplyBody = {
      scope: { kind: 'group', group: 'ingest' },
      version: await version(),
      message: 'group',
    };
    const [first, second] = await Promise.all([
      apply.apply(body, { key: 'conformance-repeat' }),
      apply.apply(body, { key: 'conformance-repeat' }),
    ]);
    expect(second.revision).toEqual(first.revision);
    expect(await latest()).toBe(first.revision.label);
    const refusal = await problemOf(
      apply.apply({ ...body, message: 'other' }, { key: 'conformance-repeat' }),
    );
    expect(refusal.code).toBe('idempotency_mismatch');
  });

  test('what changed in the scope after the version one looked at does not go live unseen', async () => {
    const alice = await world.invite('Alice', 'applier');
    const editor = await alice.edit();
    const seen = versionOf(editor.doc);
    setText(editor.doc, pipelineOf(editor.doc, 'orders-live').key, 'name', `Orders ${crypto.randomUUID()}`);
    editor.doc.commit();
    await editor.settled();
    const refusal = await problemOf(alice.client.apply.apply({ scope: ONE, version: seen }));
    expect(refusal).toMatchObject({ status: 409, code: 'document_moved' });
    editor.leave();
  });

  test('all goes live; who waits by SSE or long poll is woken; reading is monotonic and verified by ETag', async () => {
    const { apply } = world.owner();
    const before = await apply.latest();
    if (before.kind !== 'manifest') throw new Error('nothing was applied');
    const stop = new AbortController();
    const events = apply.events({ after: before.sequence, signal: stop.signal })[Symbol.asyncIterator]();
    const woken = events.next();
    const polled = apply.latest({ etag: before.etag, waitS: 20 });
    const { revision } = await apply.apply({ scope: { kind: 'all' }, version: await version() });
    expect((await woken).value?.revision.number).toBe(revision.number);
    expect(await polled).toMatchObject({ kind: 'manifest', revision: revision.label });
    stop.abort();
    const body = await apply.body(revision.label);
    const digest = new Bun.CryptoHasher('sha256').update(body).digest('hex');
    expect(revision.digest).toBe(`sha256:${digest}`);
    const unchanged = await apply.apply({ scope: { kind: 'all' }, version: await version() });
    expect(unchanged).toMatchObject({ unchanged: true, revision: { number: revision.number } });
  });

  test('any two revisions are compared, and a revision’s bytes never change', async () => {
    const { apply } = world.owner();
    const to = await latest();
    const diff = await apply.diff('v1', to);
    expect(diff.pipelines.some((change) => change.kind === 'added' && change.id === 'gh-issues')).toBe(true);
    expect(await apply.body('v1')).toBe(await apply.body('v1'));
    expect((await problemOf(apply.diff('v1', 'v999'))).code).toBe('not_found');
  });

  test(`${MALFORMED_BODIES} malformed bodies get their problem each`, async () => {
    const { url, ownerToken } = world.deployment().ready();
    const headers = {
      authorization: `Bearer ${ownerToken}`,
      'content-type': 'application/json',
      'idempotency-key': 'malformed-1',
    };
    const bodies = [
      '{',
      '[]',
      'null',
      '{"scope":1}',
      '{"scope":{"kind":"all"}}',
      '{"scope":{"kind":"all"},"version":""}',
      '"x"',
    ];
    const paths = ['/v1/manifest/apply', '/v1/auth/redeem', '/v1/runs', '/v1/auth/links', '/v1/nodes/claim'];
    for (let index = 0; index < MALFORMED_BODIES; index++) {
      const path = paths[index % paths.length] ?? '';
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers,
        body: bodies[index % bodies.length] ?? '',
      });
      const answer = await response.json();
      expect([400, 403, 422, 429]).toContain(response.status);
      expect(answer).toMatchObject({
        status: response.status,
        code: expect.any(String),
        detail: expect.any(String),
      });
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('what a program asked for, or a person who was removed, does not go live at its time', async () => {
    const before = await latest();
    const { info, token } = await world.owner().auth.createToken({ name: 'ci', role: 'applier', ttlDays: 1 });
    const alice = await world.invite('Alice', 'applier');
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const ids: string[] = [];
    for (const by of [token, alice.token]) {
      const asked = await fetch(`${world.url()}/v1/manifest/apply`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${by}`,
          'content-type': 'application/json',
          'idempotency-key': crypto.randomUUID(),
        },
        body: JSON.stringify({ scope: { kind: 'all' }, version: await version(), at }),
      });
      const answer: ApplyStatus = await asked.json();
      expect([asked.status, answer.state]).toEqual([202, 'scheduled']);
      ids.push(answer.id);
    }
    await world.owner().auth.revokeToken(info.id);
    await world.owner().auth.removeMember(alice.user);
    for (const id of ids) {
      const now = async (): Promise<ApplyStatus> => {
        const headers = { authorization: `Bearer ${world.deployment().ready().ownerToken}` };
        return (await fetch(`${world.url()}/v1/manifest/requests/${id}`, { headers })).json();
      };
      await until('the request ended', async () => (await now()).state === 'refused');
      expect(await now()).toMatchObject({ state: 'refused', problem: { code: 'author_denied' } });
    }
    expect(await latest()).toBe(before);
  });
}

async function everyAuditEntry(world: World) {
  const entries = [];
  for (;;) {
    const { entries: page } = await world
      .owner()
      .auth.audit({ after: entries.at(-1)?.sequence ?? 0, limit: 200 });
    if (page.length === 0) return entries;
    entries.push(...page);
  }
}
