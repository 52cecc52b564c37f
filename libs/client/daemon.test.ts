// A daemon between a source that may lie or be away and a disk that may be damaged.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8 } from '@hakiri/base/bytes';
import type { DaemonReport, SignedManifest, SigningKey } from '@hakiri/contracts/delivery';
import { digestOf } from '@hakiri/manifest/digest';
import {
  endorsementOf,
  generateSigningPair,
  keyIdOf,
  signText,
  statementOf,
} from '@hakiri/manifest/signature';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { type Adopted, createDaemon, type DaemonOptions, type DaemonProblem } from './daemon.ts';
import { blobSource, directoryFiles } from './daemon-blobs.ts';
import { type DaemonCache, fileCache } from './daemon-cache.ts';
import type { Fetched, ManifestSource } from './daemon-source.ts';
import { verifyManifest } from './daemon-verify.ts';
import { Unreachable } from './errors.ts';

type Signer = { key: SigningKey; privateKey: string };

async function newSigner(signsFrom: string, by?: Signer): Promise<Signer> {
  const { x, privateKey } = await generateSigningPair();
  const kid = await keyIdOf(x);
  const value = by && (await signText(by.privateKey, endorsementOf({ kid, x, signsFrom })));
  const key: SigningKey = {
    ...{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid, x, signsFrom },
    ...(by && value !== undefined ? { endorsement: { key: by.key.kid, value } } : {}),
  };
  return { key, privateKey };
}

async function manifest(
  signer: Signer,
  sequence: number,
  facts: Partial<SignedManifest> = {},
): Promise<Fetched & { signed: SignedManifest }> {
  const toml = `# manifest ${sequence}\n`;
  const digest = await digestOf(utf8(toml));
  const stated = {
    team: 'default',
    label: `v${sequence}`,
    sequence,
    digest,
    runtimeDigest: digest,
    ...facts,
  };
  const value = await signText(signer.privateKey, statementOf(stated));
  return { signed: { ...stated, signature: { key: signer.key.kid, value } }, toml };
}

/** A source that has what the test gave it last. */
function sourceOf(keys: SigningKey[]) {
  const held: { offered: Fetched | undefined; away: boolean; keys: SigningKey[]; reports: DaemonReport[] } = {
    offered: undefined,
    away: false,
    keys,
    reports: [],
  };
  const reach = (): void => {
    if (held.away) throw new Unreachable('away');
  };
  const source: ManifestSource = {
    pauseMs: 5,
    next: async (known) => {
      reach();
      return held.offered?.signed?.signature.value === known?.signed.signature.value
        ? undefined
        : held.offered;
    },
    keys: async () => {
      reach();
      return held.keys;
    },
    report: async (report) => {
      reach();
      held.reports.push(report);
    },
  };
  return { held, source };
}

let directory: TempDirectory;
let cache: DaemonCache;
let path: string;
let stop: AbortController;
let running: Promise<void>[];
beforeEach(async () => {
  directory = await makeTempDirectory();
  path = join(directory.path, 'state', 'manifest.json');
  cache = fileCache(path);
  stop = new AbortController();
  running = [];
});
afterEach(async () => {
  stop.abort();
  await Promise.all(running);
  await directory.remove();
});

function start(source: ManifestSource, options: Partial<DaemonOptions> = {}, signal = stop.signal) {
  const seen = { adopted: [] as Adopted[], problems: [] as DaemonProblem[] };
  const daemon = createDaemon({
    ...{ source, cache, name: 'rack-7', reportMs: 20 },
    adopt: (adopted) => void seen.adopted.push(adopted),
    onProblem: (problem) => void seen.problems.push(problem),
    ...options,
  });
  const run = daemon.run(signal);
  running.push(run);
  return { ...daemon, ...seen, run, labels: () => seen.adopted.map(({ signed }) => signed.label) };
}

test('[AP11.22] a store that is empty though a manifest runs, as when its mount is gone, is said once, and the manifest goes on', async () => {
  const signer = await newSigner('2026-01-01T00:00:00.000Z');
  const { held, source } = sourceOf([signer.key]);
  const ending = new AbortController();
  held.offered = await manifest(signer, 1);
  const before = start(source, {}, ending.signal);
  await until(async () => (await cache.load())?.manifest !== undefined);
  ending.abort();
  await before.run;
  let asked = 0;
  const files = directoryFiles(join(directory.path, 'unmounted'));
  const read: typeof files = (key, signal) => {
    asked += 1;
    return files(key, signal);
  };
  const blobs = { ...blobSource({ read, team: 't', pauseMs: 1 }), pauseMs: 1 };
  const daemon = start(blobs);
  await until(() => asked > 2, { timeoutMs: 20_000 });
  expect(daemon.adopted.map(({ from }) => from)).toEqual(['cache']);
  expect(daemon.problems.map(({ kind }) => kind)).toEqual(['empty']);
  expect(daemon.status()).toMatchObject({
    sequence: 1,
    state: 'running',
    detail: expect.stringContaining('mount'),
  });
  // One that never had a manifest waits for its first.
  cache = fileCache(join(directory.path, 'other', 'manifest.json'));
  const fresh = start(blobs);
  const soFar = asked;
  await until(() => asked > soFar + 4, { timeoutMs: 20_000 });
  expect([fresh.problems, fresh.status().detail]).toEqual([[], undefined]);
});

test('[AP11.18] what is newer is verified, handed over, kept on disk with its signature and keys, and reported', async () => {
  const signer = await newSigner('2026-01-01T00:00:00.000Z');
  const { held, source } = sourceOf([signer.key]);
  const daemon = start(source);
  held.offered = await manifest(signer, 1);
  await until(() => daemon.labels().length === 1);
  held.offered = await manifest(signer, 2, { runtimeDigest: held.offered.signed?.runtimeDigest ?? '' });
  await until(() => daemon.labels().length === 2);
  expect(daemon.adopted.map(({ from, runtimeChanged }) => [from, runtimeChanged])).toEqual([
    ['source', true],
    ['source', false],
  ]);
  await until(() => held.reports.some(({ sequence }) => sequence === 2), { timeoutMs: 10_000 });
  expect(held.reports.at(-1)).toMatchObject({ name: 'rack-7', sequence: 2, state: 'running' });
  // It runs, and says so, while it is still being kept.
  await until(async () => (await cache.load())?.manifest?.signed?.sequence === 2);
  const kept: unknown = JSON.parse(await readFile(path, 'utf8'));
  expect(kept).toMatchObject({ keys: [signer.key], manifest: { signed: held.offered.signed } });
  expect([(await stat(path)).mode & 0o777, await readdir(join(directory.path, 'state'))]).toEqual([
    0o600,
    ['manifest.json'],
  ]);
  expect(daemon.problems).toEqual([]);
});

test('[AP11.19] with everything else down a daemon starts from its cache, and goes on with its last good manifest', async () => {
  const signer = await newSigner('2026-01-01T00:00:00.000Z');
  const { held, source } = sourceOf([signer.key]);
  held.offered = await manifest(signer, 7);
  const first = new AbortController();
  const before = start(source, {}, first.signal);
  await until(async () => (await cache.load())?.manifest !== undefined);
  first.abort();
  await before.run;
  held.away = true;
  const daemon = start(source);
  await until(() => daemon.problems.length > 2);
  expect(daemon.adopted.map(({ from, signed }) => [from, signed.label])).toEqual([['cache', 'v7']]);
  expect(daemon.status()).toMatchObject({ sequence: 7, state: 'running', since: before.status().since });
  held.away = false;
  held.offered = await manifest(signer, 8);
  await until(() => daemon.labels().at(-1) === 'v8', { timeoutMs: 15_000 });
}, 120_000);

test('[AP11.19] a cache that is torn, damaged or forged is not run', async () => {
  const signer = await newSigner('2026-01-01T00:00:00.000Z');
  const other = await newSigner('2026-01-01T00:00:00.000Z');
  const good = await manifest(signer, 1);
  const { held, source } = sourceOf([signer.key]);
  held.away = true;
  const texts = [
    '',
    '{"format":1,"keys"',
    JSON.stringify({ format: 1, keys: [signer.key], manifest: { ...good, toml: '# another\n' } }),
    JSON.stringify({ format: 1, keys: [other.key], manifest: await manifest(other, 9) }),
  ];
  await cache.save({ format: 1, keys: [] });
  for (const text of texts) {
    await writeFile(path, text);
    const once = new AbortController();
    const daemon = start(source, { keys: [signer.key] }, once.signal);
    await until(() => daemon.problems.some(({ kind }) => kind === 'away'));
    once.abort();
    await daemon.run;
    expect(daemon.labels()).toEqual([]);
  }
});

test('[AP11.20] what is not signed by a known key, not these bytes, of another team, or older is refused; the last good one runs on', async () => {
  const signer = await newSigner('2026-01-01T00:00:00.000Z');
  const stranger = await newSigner('2026-01-01T00:00:00.000Z');
  const { held, source } = sourceOf([signer.key, stranger.key]);
  const daemon = start(source, { keys: [signer.key] });
  held.offered = await manifest(signer, 5);
  await until(() => daemon.labels().length === 1);
  const [good, next] = [await manifest(signer, 5), await manifest(signer, 6)];
  const believed = { keys: [signer.key], team: 'default', last: good.signed };
  const cases: [string, { signed: SignedManifest | undefined; toml: string }][] = [
    ['unsigned', { ...next, signed: undefined }],
    ['other_team', await manifest(signer, 6, { team: 'other' })],
    ['unknown_key', await manifest(stranger, 6)],
    ['wrong_signature', { ...next, signed: { ...next.signed, sequence: 7 } }],
    ['wrong_digest', { ...next, toml: '# another\n' }],
    ['older', await manifest(signer, 4)],
    ['rewritten', await manifest(signer, 5, { label: 'v5.1' })],
  ];
  for (const [code, fetched] of cases)
    expect(await verifyManifest(fetched, believed)).toMatchObject({ kind: 'refused', code });
  expect(await verifyManifest(next, believed)).toEqual({ kind: 'verified' });
  held.offered = await manifest(stranger, 6);
  await until(() => daemon.problems.length > 0);
  expect(daemon.problems[0]).toMatchObject({ kind: 'refused', code: 'unknown_key' });
  expect([daemon.labels(), daemon.status().state, daemon.status().sequence]).toEqual([['v5'], 'refused', 5]);
  expect((await cache.load())?.manifest?.signed.sequence).toBe(5);
});

test('[AP11.20] keys change without anybody touching a daemon, and the old one signs nothing behind them', async () => {
  const first = await newSigner('2026-01-01T00:00:00.000Z');
  const second = await newSigner('2026-02-01T00:00:00.000Z', first);
  const third = await newSigner('2026-03-01T00:00:00.000Z', second);
  const { held, source } = sourceOf([first.key]);
  const daemon = start(source);
  held.offered = await manifest(first, 1);
  await until(() => daemon.labels().length === 1);
  // It was away while the keys changed twice.
  held.keys = [first.key, second.key, third.key];
  held.offered = await manifest(third, 2);
  await until(() => daemon.labels().length === 2);
  await until(async () => (await cache.load())?.keys.length === 3);
  held.offered = await manifest(first, 3);
  await until(() => daemon.problems.length > 0);
  expect(daemon.problems[0]).toMatchObject({ kind: 'refused', code: 'superseded_key' });
  expect(daemon.labels()).toEqual(['v1', 'v2']);
});

test('[AP11.18] a manifest that the program cannot take over leaves the one before running, and is tried again', async () => {
  const signer = await newSigner('2026-01-01T00:00:00.000Z');
  const { held, source } = sourceOf([signer.key]);
  let broken = true;
  const labels: string[] = [];
  const daemon = start(source, {
    adopt: ({ signed }) => {
      if (signed.sequence === 2 && broken) throw new Error('no room');
      labels.push(signed.label);
    },
  });
  held.offered = await manifest(signer, 1);
  await until(() => labels.length === 1);
  held.offered = await manifest(signer, 2);
  await until(() => daemon.status().state === 'failed');
  expect(daemon.status()).toMatchObject({ sequence: 1, detail: 'no room' });
  expect((await cache.load())?.manifest?.signed.sequence).toBe(1);
  broken = false;
  await until(() => labels.length === 2, { timeoutMs: 10_000 });
  expect(daemon.status()).toMatchObject({ sequence: 2, state: 'running' });
}, 120_000);
