// The commands about documents against sync's own routes, registry and real documents.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createPipeline } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import { createApp } from '@hakiri/service/app';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { documentRoutes } from '@hakiri/sync/http/routes-documents';
import { createRegistrar } from '@hakiri/sync/team/registrar';
import { createRegistryStore } from '@hakiri/sync/team/registry-store';
import { realDocuments } from '@hakiri/sync/testing/real-documents';
import { createTestGuard } from '@hakiri/sync/testing/test-guard';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { runCommandLine } from './command-line.ts';

const real = realDocuments('main');
let url: string;
let close: () => Promise<void>;

beforeAll(async () => {
  const directory = await makeTempDirectory();
  const substrate = await openEmbedded(directory.path);
  const { clock, blobs } = substrate;
  const registrar = createRegistrar({
    registry: createRegistryStore({ blobs, clock }),
    documents: {
      list: async () => real.names(),
      create: async ({ doc }) => (real.add(doc) ? 'created' : 'exists'),
    },
    movable: real.documents,
    messaging: createMessaging({ ...substrate, logger: silentLogger }),
    clock,
    logger: silentLogger,
    onArchived: () => {},
    onRestored: () => {},
  });
  const guard = createTestGuard(clock.now);
  const app = createApp('sync', { logger: silentLogger }).use(documentRoutes({ guard, registrar }));
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => app.handle(request) });
  url = `http://127.0.0.1:${server.port}`;
  close = async () => {
    await server.stop(true);
    await substrate.close();
    await directory.remove();
  };
});
afterAll(() => close());

async function hakictl(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const outcome = { out: '', err: '' };
  const code = await runCommandLine(args, {
    env: { HAKIRI_URL: url, HAKIRI_TOKEN: 'alice' },
    out: (text) => {
      outcome.out += text;
    },
    err: (text) => {
      outcome.err += text;
    },
    stdin: async () => '',
  });
  return { code, ...outcome };
}
const json = async (...args: string[]): Promise<unknown> =>
  JSON.parse((await hakictl(...args, '--json')).out);

test('[PL7] documents are created, renamed, listed, archived and taken back', async () => {
  expect(await hakictl('docs', 'create', 'finance', '--title', 'Finance pipelines')).toMatchObject({
    code: 0,
    out: 'Created finance.\n',
  });
  expect(await hakictl('docs', 'rename', 'finance', 'Finance and tax')).toMatchObject({ code: 0 });
  expect((await hakictl('docs')).out).toMatch(/finance +Finance and tax +\d{4}-/);
  expect(await json('docs', 'archive', 'finance')).toMatchObject({ doc: 'finance' });
  expect((await hakictl('docs')).out).not.toContain('finance');
  expect(await json('docs', 'list', '--archived')).toMatchObject({
    docs: [{ doc: 'finance' }, { doc: 'main' }],
  });
  expect(await hakictl('docs', 'unarchive', 'finance')).toMatchObject({ code: 0 });
  const refused = await hakictl('docs', 'archive', 'main');
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toContain('cannot be archived');
  expect((await hakictl('docs', 'rename', '--help')).out).toContain('Exit codes');
});

test('[PL7] a group is moved, and what is left is said with what to do', async () => {
  await hakictl('docs', 'create', 'sales');
  createPipeline(real.of('main'), { id: 'orders', group: 'shop' });
  const key = createPipeline(real.of('main'), { id: 'returns', group: 'shop' });
  createPipeline(real.of('sales'), { id: 'another', group: 'x' }, key);
  for (const doc of ['main', 'sales']) real.of(doc).commit();
  const first = await hakictl('docs', 'move-group', 'shop', '--to', 'sales');
  expect(first.code).toBe(1);
  expect(first.out).toContain('Moved 1 pipeline from main to sales.');
  expect(first.out).toMatch(/returns .* it differs in both documents/);
  expect(await json('docs', 'move-group', 'shop', '--to', 'sales')).toMatchObject({
    state: 'unfinished',
    remaining: [{ key, why: 'conflict' }],
  });
  expect(
    readConfig(real.of('sales'))
      .pipelines.map(({ id }) => String(id))
      .sort(),
  ).toEqual(['another', 'orders']);
  expect((await hakictl('docs', 'move-group', 'none', '--to', 'sales')).err).toContain(
    'no pipeline in the group',
  );
});
