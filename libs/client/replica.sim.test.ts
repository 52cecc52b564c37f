// Tabs of one person that edit, reload and go, with another person and a server that comes and goes: seeded. Whatever was kept is
// there at the end, once, for everybody; and the document does not collect peer ids.
import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrng } from '@hakiri/base/prng';
import { commitEdit, createPipeline, setText } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import { DEFAULT_DOC, DEFAULT_TEAM } from '@hakiri/contracts/names';
import { type Embedded, startEmbedded } from '@hakiri/embedded/embedded';
import { until } from '@hakiri/testing/until';
import { createClient } from './client.ts';
import { createFileReplicas } from './replica-file.ts';
import { connectDocument, type DocumentConnection } from './sync.ts';
import { versionMap } from './sync-ledger.ts';

const STEPS = 60;
const TABS = 3;
/** One for each tab and the server, and what was typed before the first lease was known or while every lease was taken. */
const PEERS_LIMIT = 10;
const TIMEOUT_MS = 120_000;

test(
  '[SY16.15] tabs that reload, go and come with the server away or there lose nothing that was kept, and write under few peer ids',
  async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    process.stdout.write(`seed ${seed}\n`);
    const random = createPrng(seed);
    const folder = await mkdtemp(join(tmpdir(), 'hakiri-tabs-'));
    let server: Embedded | undefined;
    let [url, token] = ['', ''];
    const start = async (): Promise<void> => {
      const port = url === '' ? 0 : Number(new URL(url).port);
      server = await startEmbedded({
        dataDir: join(folder, 'data'),
        hostname: '127.0.0.1',
        port,
        logLevel: 'error',
      });
      ({ url, ownerToken: token } = server);
    };
    const store = createFileReplicas(join(folder, 'ada'));
    const open = (): Promise<DocumentConnection> =>
      connectDocument({
        client: createClient({ url, token }),
        team: DEFAULT_TEAM,
        doc: DEFAULT_DOC,
        replica: { store, user: 'ada' },
      });
    await start();
    const tabs = await Promise.all(Array.from({ length: TABS }, open));
    const kept = new Set<string>();
    let edits = 0;

    async function step(): Promise<void> {
      const index = random.below(TABS);
      const tab = tabs[index];
      if (!tab) return;
      const dice = random.below(10);
      if (dice < 6) {
        const id = `edit-${edits++}`;
        const key = commitEdit(tab.doc, 'test', () => createPipeline(tab.doc, { id }));
        commitEdit(tab.doc, 'test', () => setText(tab.doc, key, 'name', id));
        if (random.below(2) === 0) await tab.kept().then(() => kept.add(id));
      } else if (dice < 9) {
        await tab.kept();
        tab.close();
        tabs[index] = await open();
      } else if (server) {
        await server.stop();
        server = undefined;
      } else await start();
    }

    try {
      for (let count = 0; count < STEPS; count++) await step();
      if (!server) await start();
      await Promise.all(tabs.map((tab) => tab.saved()));
      const witness = await connectDocument({
        client: createClient({ url, token }),
        team: DEFAULT_TEAM,
        doc: DEFAULT_DOC,
      });
      const ids = readConfig(witness.doc).pipelines.map(({ id }) => String(id));
      expect([...kept].filter((id) => !ids.includes(id))).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
      expect(readConfig(witness.doc).pipelines.filter(({ id, name }) => id !== name)).toEqual([]);
      for (const tab of tabs) {
        await until(() => tab.version() === witness.version(), {
          timeoutMs: 30_000,
          what: 'the same version',
        });
        expect(readConfig(tab.doc)).toEqual(readConfig(witness.doc));
      }
      const peers = [...versionMap(witness.doc).keys()];
      process.stdout.write(`${edits} edits under ${peers.length} peers\n`);
      expect(peers.length).toBeLessThanOrEqual(PEERS_LIMIT);
      witness.close();
    } finally {
      for (const tab of tabs) tab.close();
      await server?.stop();
      store.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);
