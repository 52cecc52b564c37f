// The daemon library against the service: over the API, and over the files alone with the service stopped.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { type Adopted, createDaemon } from '@hakiri/client/daemon';
import { blobSource, directoryFiles, httpFiles } from '@hakiri/client/daemon-blobs';
import { fileCache } from '@hakiri/client/daemon-cache';
import { apiSource, type ManifestSource } from '@hakiri/client/daemon-source';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

let bed: Bed;
let running: Running;
let stop: AbortController;
let runs: Promise<void>[];
let caches: TempDirectory;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
  stop = new AbortController();
  runs = [];
  caches = await makeTempDirectory();
});
afterEach(async () => {
  stop.abort();
  await Promise.all(runs);
  await bed.close();
  await caches.remove();
});

async function publish(description: string): Promise<void> {
  const version = bed.peer.edit({ pipelines: [pipeline(1, { description })], variables: [] });
  const scope = { kind: 'all' } as const;
  expect((await apply(running.url, bed.token('applier'), { scope, version })).status).toBe(200);
}

function start(source: ManifestSource) {
  const adopted: Adopted[] = [];
  const adopt = (manifest: Adopted): void => void adopted.push(manifest);
  const cache = fileCache(join(caches.path, `${runs.length}.json`));
  runs.push(createDaemon({ source, cache, name: 'rack-7', adopt }).run(stop.signal));
  return adopted;
}

test('[AP11.18] over the API a daemon runs each revision as it is published, and people see it', async () => {
  const adopted = start(apiSource({ url: running.url, token: bed.token('node') }));
  for (const text of ['a', 'b', 'a']) {
    const before = adopted.length;
    await publish(text);
    await until(() => adopted.length > before);
  }
  expect(adopted.map(({ signed, runtimeChanged }) => [signed.label, runtimeChanged])).toEqual([
    ['v1', true],
    ['v2', false],
    ['v3', false],
  ]);
  const listed = async () =>
    (await get(running.url, bed.token('viewer'), 'daemons').then((r) => r.json())).daemons[0];
  await until(async () => (await listed())?.label === 'v3', { timeoutMs: 10_000 });
  expect(await listed()).toMatchObject({ name: 'rack-7', runsLatest: true, behindRevisions: 0 });
}, 120_000);

test('[AP11.21] from the files alone a daemon runs what was published, with every service down', async () => {
  await publish('a');
  await publish('b');
  await running.stop();
  const files = await makeTempDirectory();
  const keys = ['manifest-keys.json', ...(await bed.blobs.list('teams/default/'))];
  for (const key of keys)
    await Bun.write(join(files.path, key), (await bed.blobs.get(key))?.bytes ?? new Uint8Array());
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async ({ url }) => {
      const file = Bun.file(join(files.path, decodeURIComponent(new URL(url).pathname)));
      return (await file.exists()) ? new Response(file) : new Response('', { status: 404 });
    },
  });
  const sources = [directoryFiles(files.path), httpFiles(`http://127.0.0.1:${server.port}/`)];
  const daemons = sources.map((read) => start(blobSource({ read, team: 'default', pauseMs: 10 })));
  await until(() => daemons.every((adopted) => adopted.length === 1));
  for (const adopted of daemons) {
    expect(adopted[0]?.signed.label).toBe('v2');
    expect(adopted[0]?.toml).toContain('description = "b"');
  }
  await server.stop(true);
  await files.remove();
});

test('[AP11.18] the example daemon runs what is published, and after its end what its cache has', async () => {
  await publish('a');
  const folder = await makeTempDirectory();
  const program = new URL('../../../examples/daemon.ts', import.meta.url).pathname;
  const saidBy = async (env: Record<string, string>): Promise<string> => {
    const cache = join(folder.path, 'manifest.json');
    const child = Bun.spawn([process.execPath, program], {
      env: { ...process.env, HAKIRI_TOKEN: bed.token('node'), HAKIRI_CACHE: cache, ...env },
      stdout: 'pipe',
      stderr: 'ignore',
    });
    const { value } = await child.stdout.getReader().read();
    await until(() => Bun.file(cache).exists());
    child.kill();
    expect(await child.exited).toBe(0);
    return new TextDecoder().decode(value);
  };
  expect(await saidBy({ HAKIRI_URL: running.url })).toBe('v1 from the source: 1 pipelines\n');
  await running.stop();
  expect(await saidBy({ HAKIRI_URL: running.url })).toBe('v1 from the cache: 1 pipelines\n');
  await folder.remove();
}, 120_000);
