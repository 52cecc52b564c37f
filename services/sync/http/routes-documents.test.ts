// A team's documents over HTTP: real routes, registry on a real blob store, real documents, audit over the real bus.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { createPipeline } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import type { AuditRecord } from '@hakiri/contracts/auth';
import { AuditRecorded } from '@hakiri/contracts/subjects';
import { createApp } from '@hakiri/service/app';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import { BlobStoreError } from '@hakiri/substrate/blob-store';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { createRegistrar, type Registrar } from '../team/registrar.ts';
import { createRegistryStore } from '../team/registry-store.ts';
import { realDocuments } from '../testing/real-documents.ts';
import { createTestGuard, type TestGuard } from '../testing/test-guard.ts';
import { documentRoutes } from './routes-documents.ts';

const LIMIT = 4;
let close: () => Promise<void>;
let guard: TestGuard;
let registrar: Registrar;
let start: () => Registrar;
let real: ReturnType<typeof realDocuments>;
let audited: AuditRecord[];
let told: string[];
let isAway: boolean;
let http: (method: string, path: string, body?: unknown, token?: string) => Promise<Answer>;
type Answer = { status: number; body: Record<string, unknown> };

beforeEach(async () => {
  const directory = await makeTempDirectory();
  const substrate = await openEmbedded(directory.path);
  const { clock } = substrate;
  const messaging = createMessaging({ ...substrate, logger: silentLogger });
  audited = [];
  told = [];
  isAway = false;
  const subscription = messaging.subscribe(AuditRecorded, ({ data }) => void audited.push(data));
  guard = createTestGuard(clock.now);
  real = realDocuments('main', 'old');
  const blobs: BlobStore = {
    ...substrate.blobs,
    get: async (key) => {
      if (isAway) throw new BlobStoreError('away');
      return substrate.blobs.get(key);
    },
  };
  start = () =>
    createRegistrar({
      registry: createRegistryStore({ blobs, clock }),
      documents: {
        list: async () => real.names(),
        create: async ({ doc }) => {
          if (real.names().length >= LIMIT) return 'too_many';
          return real.add(doc) ? 'created' : 'exists';
        },
      },
      movable: real.documents,
      messaging,
      clock,
      logger: silentLogger,
      onArchived: ({ doc }) => void told.push(`-${doc}`),
      onRestored: ({ doc }) => void told.push(`+${doc}`),
    });
  registrar = start();
  const app = createApp('sync', { logger: silentLogger }).use(documentRoutes({ guard, registrar }));
  http = async (method, path, body, token = 'alice') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await app.handle(new Request(`http://test${path}`, { method, headers, ...init }));
    return { status: response.status, body: await response.json() };
  };
  close = async () => {
    await subscription.close();
    await substrate.close();
    await directory.remove();
  };
});
afterEach(() => close());

const recorded = (action: string, outcome = 'done'): Promise<AuditRecord> =>
  until(() => audited.find((one) => one.action === action && one.outcome === outcome), { what: action });

test('[SY14.3] documents are created with a title, listed and renamed; each is on record', async () => {
  const created = await http('POST', '/v1/docs', { doc: 'eu', title: 'Europe' });
  expect(created).toMatchObject({ status: 201, body: { doc: 'eu', title: 'Europe', createdBy: 'alice' } });
  expect(await http('POST', '/v1/docs', { doc: 'eu' })).toMatchObject({
    status: 409,
    body: { code: 'conflict' },
  });
  expect((await http('GET', '/v1/docs')).body.docs).toMatchObject([
    { doc: 'eu', title: 'Europe' },
    { doc: 'main', title: 'main' },
    { doc: 'old', title: 'old' },
  ]);
  expect(await http('PATCH', '/v1/docs/old', { title: 'Before' })).toMatchObject({
    status: 200,
    body: { title: 'Before' },
  });
  for (const title of ['', '   ', 'a\u0000b', 'two\nlines', 'x'.repeat(201)]) {
    expect(await http('PATCH', '/v1/docs/old', { title })).toMatchObject({ status: 400 });
    expect(await http('POST', '/v1/docs', { doc: 'us', title })).toMatchObject({ status: 400 });
  }
  expect(await http('POST', '/v1/docs', { doc: 'eu' })).toMatchObject({
    status: 409,
    body: { code: 'conflict', title: 'It does not fit what is there' },
  });
  expect(await recorded('doc.create')).toMatchObject({ target: 'eu', detail: { title: 'Europe' } });
  expect(await recorded('doc.rename')).toMatchObject({
    target: 'old',
    detail: { before: 'old', after: 'Before' },
  });
  await http('POST', '/v1/docs', { doc: 'us' });
  expect(await http('POST', '/v1/docs', { doc: 'asia' })).toMatchObject({ status: 409 });
});

test('[SY14.4] archiving ends editing, is told and on record, and is taken back', async () => {
  const id = { team: 'default', doc: 'old' };
  expect(await http('PATCH', '/v1/docs/old', { archived: true })).toMatchObject({ status: 200 });
  expect(await registrar.isArchived(id)).toBe(true);
  expect(await registrar.editRefusal(id)).toMatchObject({ kind: 'refused', code: 'document_archived' });
  expect((await http('GET', '/v1/docs')).body.docs).toMatchObject([{ doc: 'main' }]);
  expect((await http('GET', '/v1/docs?archived=true')).body.docs).toMatchObject([
    { doc: 'main' },
    { doc: 'old' },
  ]);
  await http('PATCH', '/v1/docs/old', { archived: true });
  await http('PATCH', '/v1/docs/old', { archived: false, title: 'Back' });
  expect(told).toEqual(['-old', '+old']);
  expect(await registrar.editRefusal(id)).toBeUndefined();
  expect(await recorded('doc.archive')).toMatchObject({ target: 'old' });
  expect(await recorded('doc.unarchive')).toMatchObject({ target: 'old' });
  expect(await http('PATCH', '/v1/docs/main', { archived: true })).toMatchObject({ status: 409 });
});

test('[SY14.5] a group is moved by a request, and what became of it is on record', async () => {
  createPipeline(real.of('main'), { id: 'orders', group: 'sales' });
  real.of('main').commit();
  const moved = await http('POST', '/v1/docs/main/groups/move', { group: 'sales', to: 'old' });
  expect(moved).toMatchObject({ status: 200, body: { state: 'done', moved: 1 } });
  expect(readConfig(real.of('old')).pipelines).toMatchObject([{ id: 'orders', group: 'sales' }]);
  expect(await registrar.moved({ team: 'default', doc: 'main' })).toMatchObject([{ to: 'old' }]);
  expect(await recorded('doc.move_group')).toMatchObject({
    target: 'main',
    detail: { to: 'old', group: 'sales', moved: 1 },
  });
  const nothing = await http('POST', '/v1/docs/main/groups/move', { group: 'none', to: 'old' });
  expect(nothing).toMatchObject({ status: 404 });
  expect(await recorded('doc.move_group', 'refused')).toMatchObject({ detail: { code: 'not_found' } });
});

test('[SY14.3] who only reads changes nothing; malformed and unknown are said', async () => {
  guard.roles.set('victor', 'viewer');
  for (const [method, path, body] of [
    ['POST', '/v1/docs', { doc: 'eu' }],
    ['PATCH', '/v1/docs/old', { archived: true }],
    ['POST', '/v1/docs/main/groups/move', { group: 'g', to: 'old' }],
  ] as const)
    expect(await http(method, path, body, 'victor')).toMatchObject({ status: 403 });
  expect(await http('GET', '/v1/docs', undefined, 'victor')).toMatchObject({ status: 200 });
  expect(await http('PATCH', '/v1/docs/none', { title: 'x' })).toMatchObject({ status: 404 });
  for (const body of [{}, { title: '' }, { title: 'x', more: 1 }, { title: 'x'.repeat(201) }])
    expect(await http('PATCH', '/v1/docs/old', body)).toMatchObject({ status: 400 });
  expect(await http('POST', '/v1/docs', { doc: 'No Such' })).toMatchObject({ status: 400 });
});

test('[SY14.10] a blob store that is away is said, and nothing is changed', async () => {
  isAway = true;
  expect(await http('GET', '/v1/docs')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(await http('PATCH', '/v1/docs/old', { archived: true })).toMatchObject({ status: 503 });
  expect(await registrar.editRefusal({ team: 'default', doc: 'old' })).toBeUndefined();
  isAway = false;
  expect(await registrar.isArchived({ team: 'default', doc: 'old' })).toBe(false);
  expect(told).toEqual([]);
});

test('[SY14.8] a move that a crash left open is finished when somebody comes to the team', async () => {
  for (const id of ['a', 'b']) createPipeline(real.of('main'), { id, group: 'g' });
  real.of('main').commit();
  real.hooks.onStep = (step, doc) => {
    if (step === 'edited' && doc === 'old') throw new Error('the process died');
  };
  await expect(
    registrar.moveGroup(
      { team: 'default', doc: 'main' },
      { group: 'g', to: 'old' },
      { kind: 'user', id: 'alice' },
    ),
  ).rejects.toThrow('died');
  real.hooks.onStep = () => {};
  const next = start();
  expect(await next.isArchived({ team: 'default', doc: 'main' })).toBe(false);
  await next.idle();
  const ids = (doc: string) =>
    readConfig(real.of(doc))
      .pipelines.map(({ id }) => String(id))
      .sort();
  expect([ids('main'), ids('old')]).toEqual([[], ['a', 'b']]);
});
