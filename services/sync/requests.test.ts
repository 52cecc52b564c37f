// Documents without a socket: over HTTP, and what other services ask over the bus.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { createPipeline, setText } from '@hakiri/config-doc/edit';
import { decodeVersion, encodeVersion, versionOf } from '@hakiri/config-doc/version';
import type { PipelineDraft } from '@hakiri/contracts/config';
import type { Actor } from '@hakiri/contracts/envelope';
import type { RequestMessage } from '@hakiri/contracts/message';
import { EditDocument, GetOutline, Materialize } from '@hakiri/contracts/subjects';
import {
  DocumentView,
  type EditReply,
  type EditRequest,
  type MaterializeReply,
} from '@hakiri/contracts/sync';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { until } from '@hakiri/testing/until';
import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { LoroDoc } from 'loro-crdt';
import { decodeRecord } from './document/record.ts';
import { planEdit, STEP_LIMIT_BYTES } from './document/server-edit.ts';
import { type Bed, converged, join, openBed } from './testing/bed.ts';

const ALICE: Actor = { kind: 'user', id: 'alice' };
const DOC = { team: 'default', doc: 'main' };
const key = (number: number): string => `01ARZ3NDEKTSV4RRFFQ6${String(number).padStart(6, '0')}`;
const draft = (number: number, more: Partial<PipelineDraft> = {}): PipelineDraft => ({
  key: key(number),
  id: `p-${number}`,
  name: `Pipeline ${number}`,
  description: '',
  tags: [],
  group: 'finance/daily',
  enabled: true,
  source: { kind: 'csv', ref: 'a.csv' },
  destination: { table: 't' },
  schedule: { kind: 'every', expr: '15m' },
  placement: { kind: 'auto' },
  transforms: [],
  schema: {},
  ...more,
});
const edit = (more: Partial<EditRequest>): EditRequest => ({
  put: [],
  putVariables: [],
  delete: [],
  deleteVariables: [],
  ...more,
});

let appends = 0;
let bed: Bed;
beforeAll(async () => {
  const counting = (log: DocumentLog): DocumentLog => ({
    open: log.open,
    read: log.read,
    position: log.position,
    list: log.list,
    compact: log.compact,
    append: async (...args) => {
      const position = await log.append(...args);
      appends += 1;
      return position;
    },
  });
  bed = await openBed({ log: counting, config: { versionWaitMs: 1_000, unloadMs: 1 } });
});
afterAll(() => bed.close());

function ask<D extends TSchema, R extends TSchema>(
  message: RequestMessage<D, R>,
  data: Static<D>,
  scope = DOC,
): Promise<Static<R>> {
  return bed.deps.messaging.request(message, scope, { actor: ALICE }, data, 5_000);
}
const editDocument = (request: Partial<EditRequest>): Promise<EditReply> => ask(EditDocument, edit(request));
const version = async (): Promise<string> => (await ask(GetOutline, { entries: false })).version;

describe('an edit over the bus', () => {
  test('[SY15.1] is durable before the reply, attributed to the envelope’s actor, and seen by the editors', async () => {
    const alice = await join(bed, 'alice');
    const before = appends;
    const reply = await editDocument({ put: [draft(1), draft(2)] });
    expect(appends).toBeGreaterThan(before);
    expect(reply).toMatchObject({ kind: 'done', changed: 2 });
    await until(() => reply.kind === 'done' && versionOf(alice.doc) === reply.version);
    alice.leave();
    await until(async () => /^hakiri_sync_documents(\{.*\})? 0$/m.test(await bed.metrics()));
    const { entries } = await bed.substrate.documents.open(DOC);
    expect(decodeRecord(entries.at(-1) ?? new Uint8Array())).toMatchObject({ kind: 'update', actor: ALICE });
  });

  test('[SY15.1] repeated, it changes nothing', async () => {
    const [before, count] = [await version(), appends];
    expect(await editDocument({ put: [draft(1), draft(2)] })).toEqual({
      kind: 'done',
      version: before,
      changed: 0,
    });
    expect(appends).toBe(count);
  });

  test('[SY15.2] a big one is written in steps that fit the log; one too big is refused whole', async () => {
    const big = (number: number): PipelineDraft =>
      draft(number, { source: { kind: 'csv', ref: 'x'.repeat(60_000) } });
    const planned = planEdit(
      edit({ put: [big(10), big(11), big(12), big(13), big(14)], delete: [key(10), key(9)] }),
    );
    expect(planned.kind === 'steps' && planned.steps.map(({ put }) => put.length)).toEqual([2, 2, 1]);
    expect(planned.kind === 'steps' && planned.steps[0]?.delete).toEqual([key(9)]);
    expect(60_000 * 2).toBeLessThan(STEP_LIMIT_BYTES);
    const before = await version();
    const huge = draft(15, {
      source: { kind: 'csv', ref: 'x'.repeat(200_000) },
      destination: { table: 'x'.repeat(200_000) },
    });
    expect(await editDocument({ put: [big(10), huge] })).toMatchObject({
      kind: 'refused',
      code: 'edit.too_large',
    });
    expect(await version()).toBe(before);
  });
});

describe('a scope at a version', () => {
  const materialize = (request: { version: string; after?: string }): Promise<MaterializeReply> =>
    ask(Materialize, { scope: { kind: 'all' }, ...request });

  test('[SY15.3] is read as it is; when it moved since, that is said', async () => {
    const seen = await version();
    const page = await materialize({ version: seen });
    expect(page.kind === 'page' && page.pipelines.map(({ id }) => id)).toEqual(['p-1', 'p-2']);
    await editDocument({ put: [draft(2, { name: 'renamed' })] });
    expect(await materialize({ version: seen })).toEqual({ kind: 'moved', pipelines: [key(2)] });
    expect(
      await ask(Materialize, { scope: { kind: 'pipelines', pipelines: ['p-1'] }, version: seen }),
    ).toMatchObject({
      kind: 'page',
      pipelines: [{ id: 'p-1' }],
    });
  });

  test('[SY15.4] a version that is still on its way is waited for, one that never comes is unknown', async () => {
    const alice = await join(bed, 'alice');
    alice.client.close();
    setText(alice.doc, key(1), 'name', 'typed offline');
    alice.doc.commit();
    const ahead = versionOf(alice.doc);
    expect(await materialize({ version: ahead })).toEqual({ kind: 'version_unknown' });
    expect(await materialize({ version: 'not a version'.replaceAll(' ', '') })).toEqual({
      kind: 'version_unknown',
    });
    const bobs = new LoroDoc();
    bobs.import(alice.doc.export({ mode: 'snapshot' }));
    const asked = materialize({ version: ahead });
    const bob = await join(bed, 'bob', bobs);
    expect(await asked).toMatchObject({ kind: 'page' });
    alice.leave();
    bob.leave();
  });

  test('[SY15.3] a document that is not there is no document', async () => {
    const scope = { team: 'default', doc: 'nowhere' };
    const data = { scope: { kind: 'all' as const }, version: encodeVersion(new Map()) };
    expect(await ask(Materialize, data, scope)).toEqual({ kind: 'no_document' });
    expect(await ask(EditDocument, edit({ put: [draft(1)] }), scope)).toMatchObject({ code: 'not_found' });
    expect((await ask(GetOutline, {}, scope)).pipelines).toEqual([]);
  });

  test('[SY15.3] an outline has keys, ids and groups', async () => {
    const { pipelines, version: at } = await ask(GetOutline, {});
    expect(pipelines).toContainEqual({ key: key(1), id: 'p-1', group: 'finance/daily' });
    expect(decodeVersion(at)?.size).toBeGreaterThan(0);
  });
});

describe('over HTTP', () => {
  test('[SY15.5] a document is read as JSON and as Loro bytes, and not again while it is the same', async () => {
    const response = await bed.http('/v1/docs/main');
    const view: unknown = await response.json();
    expect(Value.Check(DocumentView, view)).toBe(true);
    const etag = response.headers.get('etag') ?? '';
    expect(view).toMatchObject({
      doc: 'main',
      version: JSON.parse(etag),
      groups: ['finance', 'finance/daily'],
    });
    const bytes = await bed.http('/v1/docs/main/bytes');
    const doc = new LoroDoc();
    doc.import(await bytes.bytes());
    expect(JSON.stringify(versionOf(doc))).toBe(etag);
    for (const path of ['/v1/docs/main', '/v1/docs/main/bytes'])
      expect((await bed.http(path, { headers: { 'if-none-match': `"other", W/${etag}` } })).status).toBe(304);
    await editDocument({ put: [draft(1, { name: 'again' })] });
    expect((await bed.http('/v1/docs/main', { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  test('[SY15.6] one pipeline is read by its id or its key', async () => {
    for (const name of ['p-1', key(1)]) {
      const found = await bed.http(`/v1/docs/main/pipelines/${name}`);
      const version = JSON.parse(present(found.headers.get('etag'), 'every read has one'));
      expect(await found.json()).toMatchObject({ key: key(1), id: 'p-1', version });
    }
    expect((await bed.http('/v1/docs/main/pipelines/none')).status).toBe(404);
    expect((await bed.http('/v1/docs/none/pipelines/p-1')).status).toBe(404);
  });

  test('[SY14.1] a team has documents of its own, created by who may write, each apart', async () => {
    const create = (doc: string, token = 'alice'): Promise<Response> =>
      bed.http('/v1/docs', {
        method: 'POST',
        token,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ doc }),
      });
    expect((await create('finance')).status).toBe(201);
    expect((await create('finance')).status).toBe(409);
    expect((await create('main')).status).toBe(409);
    expect((await create('No Slug')).status).toBe(400);
    bed.guard.roles.set('vera', 'viewer');
    expect((await create('hers', 'vera')).status).toBe(403);
    const listed = await bed.http('/v1/docs');
    expect(await listed.json()).toMatchObject({ docs: [{ doc: 'finance' }, { doc: 'main' }] });
    const other = await bed.http('/v1/docs', { token: 'otto@elsewhere' });
    expect(await other.json()).toEqual({ docs: [{ doc: 'main', title: 'main' }] });

    const [alice, bob] = [await join(bed, 'alice', undefined, 'default/finance'), await join(bed, 'bob')];
    createPipeline(alice.doc, { id: 'only-here' });
    alice.doc.commit();
    const again = await join(bed, 'carol', undefined, 'default/finance');
    await converged(alice, again);
    const main = await (await bed.http('/v1/docs/main')).text();
    expect(main).not.toContain('only-here');
    for (const person of [alice, bob, again]) person.leave();
  });

  test('[SY15.5] a pipeline’s ETag too answers 304, to who may read it', async () => {
    const path = '/v1/docs/main/pipelines/p-1';
    const etag = present((await bed.http(path)).headers.get('etag'), 'every read has one');
    const again = await bed.http(path, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(again.headers.get('etag')).toBe(etag);
    expect((await fetch(`${bed.url}${path}`, { headers: { 'if-none-match': etag } })).status).toBe(401);
  });

  test('[SY15.7] nobody reads without a token', async () => {
    for (const path of ['/v1/docs', '/v1/docs/main', '/v1/docs/main/bytes', '/v1/docs/main/pipelines/p-1'])
      expect((await fetch(`${bed.url}${path}`)).status).toBe(401);
    expect((await fetch(`${bed.url}/v1/sync`)).status).toBe(400);
  });
});
