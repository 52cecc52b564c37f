// Tabs that open, type at once, before, during or after their join, and close, over a disk that is slow and connections that
// break: whatever was typed in a tab that stays reaches somebody else by itself. Against a whole server, seeded.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { createPrng } from '@hakiri/base/prng';
import { commitEdit, createPipeline } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import { DEFAULT_DOC, DEFAULT_TEAM } from '@hakiri/contracts/names';
import { startEmbedded } from '@hakiri/embedded/embedded';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { createClient } from './client.ts';
import { createFileReplicas } from './replica-file.ts';
import { connectDocument, type DocumentConnection } from './sync.ts';
import { startCuttingProxy } from './testing/cutting-proxy.ts';
import { delayedReplicas } from './testing/delayed-replicas.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 12);
/** Two tabs of each share a store. */
const PEOPLE = 2;
const TABS = PEOPLE * 2;
const DISK_MS = 30;
const TYPED_WITHIN_MS = 100;
const CUTS = 4;
/** A machine that is busy with much else needs several joins, each of which may take its time. */
const PATIENCE_MS = 100_000;
const TIMEOUT_MS = 240_000 + ROUNDS * 10_000;

test(
  '[SY16.18] what is typed at any moment of a join reaches the others by itself, however slow the disk and whatever breaks',
  async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    process.stdout.write(`seed ${seed}\n`);
    const random = createPrng(seed);
    const nap = (limitMs: number): Promise<void> => Bun.sleep(random.below(limitMs));
    const folder = await makeTempDirectory();
    const dataDir = join(folder.path, 'data');
    const server = await startEmbedded({ dataDir, hostname: '127.0.0.1', port: 0, logLevel: 'error' });
    const proxy = await startCuttingProxy(Number(new URL(server.url).port));
    const place = { team: DEFAULT_TEAM, doc: DEFAULT_DOC };
    const stores = Array.from({ length: PEOPLE }, (_, index) =>
      createFileReplicas(join(folder.path, `replicas-${index}`)),
    );
    const witness = await connectDocument({
      client: createClient({ url: server.url, token: server.ownerToken }),
      ...place,
    });
    const tabs: DocumentConnection[] = [];
    let typed = 0;

    function type({ doc }: DocumentConnection): string {
      const id = `typed-${typed++}`;
      commitEdit(doc, 'test', () => createPipeline(doc, { id }));
      return id;
    }

    /** From then on the document opens without the server. */
    async function fill(person: number): Promise<void> {
      const connecting = () =>
        connectDocument({
          client: createClient({ url: server.url, token: server.ownerToken }),
          ...place,
          replica: { store: storeOf(person), user: `person-${person}` },
        }).catch(() => undefined);
      const first = await until(connecting, { timeoutMs: PATIENCE_MS, what: 'the first join' });
      type(first);
      await first.saved();
      await first.kept();
      first.close();
    }

    function storeOf(person: number) {
      const found = stores[person];
      if (found === undefined) throw new Error('everybody has a store');
      return found;
    }

    function open(index: number): Promise<DocumentConnection> {
      const person = index % PEOPLE;
      return connectDocument({
        client: createClient({ url: proxy.url, token: server.ownerToken }),
        ...place,
        replica: { store: delayedReplicas(storeOf(person), () => nap(DISK_MS)), user: `person-${person}` },
      });
    }

    /** Opens a tab in place of the one before, which may have typed a moment ago, and types. */
    async function reopen(index: number): Promise<string[]> {
      await nap(DISK_MS);
      const before = tabs[index];
      // Nobody is promised what is not kept, and neither may it harm.
      if (before !== undefined && random.below(2) === 0) type(before);
      before?.close();
      const tab = await open(index);
      tabs[index] = tab;
      if (random.below(3) === 0) return [type(tab)];
      await nap(TYPED_WITHIN_MS);
      return [type(tab), type(tab)];
    }

    try {
      for (let person = 0; person < PEOPLE; person++) await fill(person);
      for (let round = 0; round < ROUNDS; round++) {
        const opening = Promise.all(Array.from({ length: TABS }, (_, index) => reopen(index)));
        for (let cuts = random.below(CUTS); cuts > 0; cuts--) {
          await nap(TYPED_WITHIN_MS);
          proxy.cut(random);
        }
        const wanted = (await opening).flat();
        await until(
          () => {
            const ids = new Set(readConfig(witness.doc).pipelines.map(({ id }) => String(id)));
            return wanted.every((id) => ids.has(id));
          },
          { timeoutMs: PATIENCE_MS, what: `round ${round} of seed ${seed}: everything typed is there` },
        );
      }
      expect(tabs.map((tab) => tab.status().kind).filter((kind) => kind === 'refused')).toEqual([]);
    } finally {
      for (const tab of [...tabs, witness]) tab.close();
      await until(() => proxy.open === 0, { what: 'every connection ends' });
      proxy.stop();
      await server.stop();
      for (const each of stores) each.close();
      await folder.remove();
    }
  },
  TIMEOUT_MS,
);
