// What every store of replicas promises, on the file store; the browser's is tried by the same program in a real browser.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoroDoc } from 'loro-crdt';
import { chromium } from 'playwright-core';
import { openReplica } from './replica.ts';
import { createFileReplicas } from './replica-file.ts';
import { tryReplicaStore } from './testing/replica-store-contract.ts';

const CHROMIUM = '/usr/bin/chromium';
const BROWSER_LIMIT_MS = 120_000;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hakiri-store-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('[SY16.7] the file store keeps its promises', async () => {
  const [one, two] = [createFileReplicas(join(folder, 'file')), createFileReplicas(join(folder, 'file'))];
  expect(await tryReplicaStore(one, two)).toEqual([]);
  one.close();
  two.close();
});

const IN_BROWSERS = [
  ['[SY16.7] the browser store keeps its promises, in a real browser', '127.0.0.1'],
  ['[SY16.4] on plain http off localhost a browser keeps the replica and grants no lock', 'plain.test'],
] as const;

test.skipIf(!existsSync(CHROMIUM)).each(IN_BROWSERS)(
  '%s',
  async (_name, host) => {
    const { outputs } = await Bun.build({
      entrypoints: [join(import.meta.dir, 'testing', 'replica-store-page.ts')],
      target: 'browser',
    });
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch(request) {
        const isScript = new URL(request.url).pathname === '/page.js';
        if (isScript) return new Response(outputs[0], { headers: { 'content-type': 'text/javascript' } });
        const html = '<!doctype html><script type="module" src="/page.js"></script>';
        return new Response(html, { headers: { 'content-type': 'text/html' } });
      },
    });
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--host-resolver-rules=MAP plain.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      ],
    });
    try {
      const page = await browser.newPage();
      await page.goto(`http://${host}:${server.port}/`);
      const result = page.locator('body[data-broken]');
      await result.waitFor({ state: 'attached' });
      expect(await result.getAttribute('data-broken')).toBe('');
    } finally {
      await browser.close();
      await server.stop(true);
    }
  },
  BROWSER_LIMIT_MS,
);

test('[SY16.13] a log that has grown becomes a base, with nothing lost and nothing unsent forgotten', async () => {
  const store = createFileReplicas(join(folder, 'fold'));
  const place = { user: 'ada', room: 'default/main' };
  let broken = 0;
  const onBroken = (): void => {
    broken += 1;
  };
  const replica = await openReplica({ store, ...place, onBroken });
  if (!replica) throw new Error('the store does not open');
  const doc = new LoroDoc();
  const kept: Promise<void>[] = [];
  doc.subscribeLocalUpdates((bytes) => void kept.push(replica.keep({ kind: 'local', bytes })));
  await replica.change((facts) => ({ ...facts, own: { [doc.peerIdStr]: 7, 12: 5 } }));
  let stored = await replica.log.read();
  for (let edit = 0; stored.base === undefined; edit++) {
    doc.getMap('m').set(`key ${edit % 10}`, edit);
    doc.commit();
    await Promise.all(kept.splice(0));
    stored = await replica.log.read();
    expect(edit).toBeLessThan(2_000);
  }
  expect(stored.entries.length).toBeLessThan(10);
  const { doc: read } = await replica.read();
  expect(read.toJSON()).toEqual(doc.toJSON());
  expect(read.oplogVersion().toJSON()).toEqual(doc.oplogVersion().toJSON());
  expect((await replica.log.read()).facts.own).toEqual({ [doc.peerIdStr]: 7 });
  expect(broken).toBe(0);
  replica.close();
});

test('[SY16.13] a store that fails is said, and editing goes on', async () => {
  const store = createFileReplicas(join(folder, 'broken'));
  let broken = 0;
  const replica = await openReplica({
    store,
    user: 'ada',
    room: 'default/main',
    onBroken: () => {
      broken += 1;
    },
  });
  store.close();
  await replica?.keep({ kind: 'local', bytes: new Uint8Array([1]) });
  expect(broken).toBe(1);
  expect(replica?.works()).toBe(false);
});

test('[SY16.13] what is kept in the very moment in which a writing ends is written too', async () => {
  const store = createFileReplicas(join(folder, 'moment'));
  const place = { user: 'ada', room: 'default/main' };
  const replica = await openReplica({ store, ...place, onBroken: () => {} });
  const entry = { kind: 'local', bytes: new Uint8Array([1]) } as const;
  for (let turns = 0; turns < 20; turns++) {
    await replica?.keep(entry);
    for (let turn = 0; turn < turns; turn++) await undefined;
    await replica?.keep(entry);
  }
  expect((await replica?.log.read())?.entries.length).toBe(40);
  store.close();
});
