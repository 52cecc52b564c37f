// The life of an Apply over real HTTP, on the embedded substrate.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { until } from '@hakiri/testing/until';
import { type Applied, apply, type Bed, get, openBed, type Running } from './testing/bed.ts';
import { pipeline } from './testing/bed-peer.ts';

let bed: Bed;
let running: Running;
let applier: string;
const ALL = { kind: 'all' } as const;
const only = (...pipelines: string[]) => ({ kind: 'pipelines' as const, pipelines });

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
  applier = bed.token('applier', 'alice');
});
afterEach(() => bed.close());

const send = (
  scope: Parameters<typeof apply>[2]['scope'],
  version = bed.peer.version(),
  headers = {},
): Promise<Applied> => apply(running.url, applier, { scope, version, message: 'go' }, headers);
const manifest = async (number: number): Promise<string> =>
  (await get(running.url, applier, `revisions/${number}/manifest.toml`)).text();

describe('apply', () => {
  test('[AP3.1] a valid Apply becomes v1: row, body, index, event, audit', async () => {
    bed.peer.edit({ pipelines: [1, 2, 3, 4, 5, 6, 7].map((n) => pipeline(n)), variables: [] });
    const { status, body } = await send(ALL);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: 'published',
      warnings: [],
      revision: {
        number: 1,
        label: 'v1',
        file: 'manifest@v1.toml',
        author: 'alice',
        message: 'go',
        pipelines: 7,
        doc: 'main',
      },
    });
    const toml = await manifest(1);
    expect(toml).toContain('id = "p-7"');
    const { scope: _scope, changed: _changed, ...entry } = present(body.revision, 'it was published');
    expect((await bed.index())?.revisions).toEqual([entry]);
    await until(() => bed.announced.applied.length === 1 && bed.announced.audited.length === 1);
    expect<unknown>(bed.announced.applied[0]).toEqual(body.revision);
    expect(bed.announced.audited[0]).toMatchObject({
      action: 'manifest.apply',
      outcome: 'done',
      target: 'v1',
    });
  });

  test('[AP1.1] what is outside the scope keeps what was last applied', async () => {
    bed.peer.edit({ pipelines: [1, 2, 3].map((n) => pipeline(n)), variables: [] });
    await send(ALL);
    bed.peer.edit({ pipelines: [1, 2, 3].map((n) => pipeline(n, { description: 'new' })), variables: [] });
    const { body } = await send(only('p-2'));
    expect(body.revision).toMatchObject({ number: 2, changed: ['p-2'] });
    const [before, after] = [await manifest(1), await manifest(2)];
    const entry = (toml: string, id: string) =>
      toml.split('[[pipeline]]').find((part) => part.includes(`id = "${id}"`));
    for (const id of ['p-1', 'p-3']) expect(entry(after, id)).toBe(entry(before, id) ?? 'missing');
    expect(entry(after, 'p-2')).toContain('description = "new"');
  });

  test('[AP1.2] a group scope takes additions and deletions in it; a pipeline that left it keeps running', async () => {
    bed.peer.edit({ pipelines: [1, 2, 3, 4].map((n) => pipeline(n)), variables: [] });
    await send(ALL);
    bed.peer.edit({
      pipelines: [pipeline(1), pipeline(4, { group: 'elsewhere' }), pipeline(6), pipeline(7)],
      variables: [],
    });
    const { body } = await send({ kind: 'group', group: 'even' });
    expect(body.revision?.changed).toEqual(['p-2', 'p-6']);
    const toml = await manifest(2);
    expect(['p-1', 'p-3', 'p-4', 'p-6'].every((id) => toml.includes(`id = "${id}"`))).toBe(true);
    expect(toml).not.toContain('id = "p-2"');
    expect(toml).not.toContain('id = "p-7"');
  });

  test('[AP2.1] an invalid configuration is refused with every issue, and publishes nothing', async () => {
    bed.peer.edit({
      pipelines: [
        pipeline(1, { schedule: { kind: 'cron', expr: '99 * * * *' } }),
        pipeline(2, { schedule: { kind: 'cron', expr: 'no' } }),
        pipeline(3, { id: 7 }),
      ],
      variables: [],
    });
    const { status, body, response } = await send(ALL);
    expect(status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({ code: 'invalid_config' });
    const issues = 'issues' in body && Array.isArray(body.issues) ? body.issues : [];
    expect(issues.length).toBeGreaterThanOrEqual(3);
    expect(issues[0]).toMatchObject({ code: 'schedule.cron_invalid', severity: 'error' });
    expect((await get(running.url, applier, 'revisions').then((r) => r.json())).revisions).toEqual([]);
    expect(await bed.index()).toBeUndefined();
    await until(() => bed.announced.audited.length === 1);
    expect(bed.announced.audited[0]).toMatchObject({
      outcome: 'refused',
      detail: { code: 'invalid_config' },
    });
  });

  test('[AP3.4] an Apply whose result equals the last manifest publishes nothing', async () => {
    bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    const first = await send(ALL);
    const second = await send(ALL);
    expect(second.body).toMatchObject({ state: 'published', unchanged: true, revision: { number: 1 } });
    expect(second.body.revision).toEqual(first.body.revision);
    expect((await bed.index())?.revisions.length).toBe(1);
  });

  test('[AP5.1] a version that is unknown, or behind the document in the scope, is refused', async () => {
    const version = bed.peer.edit({ pipelines: [pipeline(1), pipeline(2)], variables: [] });
    bed.peer.edit({ pipelines: [pipeline(1), pipeline(2, { name: 'Two' })], variables: [] });
    expect(await send(ALL, version)).toMatchObject({ status: 409, body: { code: 'document_moved' } });
    expect(await send(ALL, 'bm9uZQ')).toMatchObject({ status: 409, body: { code: 'version_unknown' } });
    expect(await send(only('p-1'), version)).toMatchObject({
      status: 200,
      body: { revision: { number: 1 } },
    });
  });

  test('[AP2.3] what cannot be applied at all says so: no document, an unknown pipeline', async () => {
    expect(await send(ALL, 'AA')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    const { status, body } = await send(only('p-9'));
    expect(status).toBe(422);
    expect(body).toMatchObject({ issues: [{ code: 'scope.pipeline_unknown' }] });
  });
});

describe('one request, one outcome', () => {
  test('[AP4.1] a repeated request publishes once and answers the same', async () => {
    bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    const headers = { 'idempotency-key': 'same-key-1' };
    const answers = await Promise.all([1, 2, 3, 4].map(() => send(ALL, bed.peer.version(), headers)));
    for (const answer of answers) expect<unknown>(answer.body).toEqual(answers[0]?.body);
    expect((await bed.index())?.revisions.length).toBe(1);
    bed.peer.edit({ pipelines: [pipeline(1, { description: 'later' })], variables: [] });
    await send(ALL);
    const version = answers[0]?.body.revision?.version;
    expect<unknown>((await send(ALL, version, headers)).body).toEqual(answers[0]?.body);
  });

  test('[AP4.2] the same key with another body is a mistake, the same key of somebody else is not', async () => {
    const version = bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    const headers = { 'idempotency-key': 'same-key-2' };
    await send(ALL, version, headers);
    expect(await send(only('p-1'), version, headers)).toMatchObject({
      status: 409,
      body: { code: 'idempotency_mismatch' },
    });
    const bob = bed.token('owner', 'bob');
    expect((await apply(running.url, bob, { scope: ALL, version }, headers)).body.unchanged).toBe(true);
  });

  test('[AP4.1] a refusal is remembered too', async () => {
    bed.peer.edit({ pipelines: [pipeline(1, { id: 'Not An Id' })], variables: [] });
    const headers = { 'idempotency-key': 'same-key-3' };
    const first = await send(ALL, bed.peer.version(), headers);
    const asked = bed.peer.answered.materialize;
    const second = await send(ALL, bed.peer.version(), headers);
    expect([second.status, second.body]).toEqual([422, first.body]);
    expect(bed.peer.answered.materialize).toBe(asked);
  });

  test('[AP4.4] many Applies at once get numbers without a gap, one each', async () => {
    bed.peer.edit({ pipelines: [], variables: [] });
    await send(ALL);
    const version = bed.peer.edit({
      pipelines: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => pipeline(n)),
      variables: [],
    });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => send(only(`p-${n}`), version)));
    const numbers = answers.map(({ body }) => body.revision?.number ?? 0).sort((a, b) => a - b);
    expect(numbers).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect((await bed.index())?.revisions.map(({ number }) => number)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect((await manifest(9)).match(/\[\[pipeline\]\]/g)?.length).toBe(8);
  });

  test('[AP4.5] prefer: wait=0 answers 202 with where to ask, and the outcome is found there', async () => {
    bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    const { status, body, response } = await send(ALL, bed.peer.version(), { prefer: 'wait=0' });
    expect(status).toBe(202);
    expect(body).toEqual({ id: body.id, state: 'pending' });
    expect(response.headers.get('location')).toBe(`/v1/manifest/requests/${body.id}`);
    const path = `requests/${body.id}`;
    const outcome = await until(async () => {
      const current = await get(running.url, applier, path).then((r) => r.json());
      return current.state === 'published' && current;
    });
    expect(outcome.revision.number).toBe(1);
    expect((await get(running.url, applier, 'requests/01HZ')).status).toBe(404);
  });

  test('[AP4.6] while sync is away the request waits and is tried again', async () => {
    bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    bed.peer.setAway(true);
    const { status, body } = await send(ALL, bed.peer.version(), { prefer: 'wait=0' });
    expect(status).toBe(202);
    bed.peer.setAway(false);
    await until(
      async () => (await get(running.url, applier, `requests/${body.id}`).then((r) => r.json())).revision,
    );
  });

  test('[AP4.6] when sync stays away the request is refused in the end', async () => {
    await running.stop();
    running = await bed.start({ config: { giveUpAfterMs: 30, pageTimeoutMs: 20 } });
    bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    bed.peer.setAway(true);
    const key = { 'idempotency-key': 'kept-for-a-day' };
    const refused = { status: 503, body: { code: 'unavailable', final: true } };
    expect(await send(ALL, bed.peer.version(), key)).toMatchObject(refused);
    await until(() => bed.announced.audited.length === 1);
    bed.peer.setAway(false);
    expect(await send(ALL, bed.peer.version(), key)).toMatchObject(refused);
    expect((await send(ALL)).body.state).toBe('published');
  });

  test('[AP4.8] a document that fails under an Apply delays it; only what sync answers refuses it', async () => {
    const version = bed.peer.edit({ pipelines: [1, 2, 3, 4, 5].map((n) => pipeline(n)), variables: [] });
    const headers = { 'idempotency-key': 'while-sync-fails' };
    bed.peer.failNext(4);
    expect(await send(ALL, version, headers)).toMatchObject({
      status: 200,
      body: { revision: { number: 1 } },
    });
    bed.peer.failNext(1);
    expect(await send(ALL, 'bmV2ZXI', { 'idempotency-key': 'never-was-one' })).toMatchObject({
      status: 409,
      body: { code: 'version_unknown' },
    });
    expect((await send(ALL, version, headers)).body.revision?.number).toBe(1);
  });

  test('[AP4.7] a team may have so many unfinished requests and no more', async () => {
    await running.stop();
    running = await bed.start({ config: { openRequestsLimit: 2 } });
    bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    bed.peer.setAway(true);
    const answers = [];
    for (let n = 0; n < 3; n++)
      answers.push(await send(ALL, bed.peer.version(), { prefer: 'respond-async' }));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 429]);
    bed.peer.setAway(false);
  });
});

describe('who may', () => {
  test('[AP12.1] a viewer, an editor and a node may not apply, and the attempt is on record', async () => {
    const version = bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
    for (const role of ['viewer', 'editor', 'node'] as const) {
      const answer = await apply(running.url, bed.token(role), { scope: ALL, version });
      expect(answer).toMatchObject({ status: 403, body: { code: 'denied' } });
    }
    expect((await fetch(`${running.url}/v1/manifest/latest`)).status).toBe(401);
    await until(() => bed.announced.audited.filter(({ outcome }) => outcome === 'refused').length === 3);
    expect(await bed.index()).toBeUndefined();
  });

  test('[AP12.2] a token narrowed to some pipelines applies a scope of just those', async () => {
    const version = bed.peer.edit({ pipelines: [pipeline(1), pipeline(2)], variables: [] });
    const narrow = bed.narrow(applier, ['p-1']);
    const as = (scope: Parameters<typeof apply>[2]['scope']) =>
      apply(running.url, narrow, { scope, version });
    expect((await as(ALL)).status).toBe(403);
    expect((await as({ kind: 'group', group: 'odd' })).status).toBe(403);
    expect((await as(only('p-1', 'p-2'))).status).toBe(403);
    expect((await as(only('p-1'))).body.revision?.changed).toEqual(['p-1']);
  });

  test('[AP12.3] whose token may just apply reads what became of their own request, and of no other', async () => {
    const version = bed.peer.edit({ pipelines: [pipeline(1), pipeline(2)], variables: [] });
    const send = (token: string, id: string) =>
      apply(running.url, token, { scope: only(id), version }, { prefer: 'respond-async' });
    const narrow = bed.narrow(applier, ['p-1']);
    const own = await send(narrow, 'p-1');
    const path = own.response.headers.get('location')?.replace('/v1/manifest/', '') ?? '';
    await until(async () => (await get(running.url, narrow, path)).status === 200);
    const others = await send(bed.token('applier', 'somebody'), 'p-1');
    const beyond = await send(applier, 'p-2');
    for (const { body } of [others, beyond])
      expect((await get(running.url, narrow, `requests/${body.id}`)).status).toBe(403);
    expect((await get(running.url, bed.token('viewer'), `requests/${own.body.id}`)).status).toBe(200);
    expect((await get(running.url, narrow, 'requests/none')).status).toBe(403);
  });
});
