// Apply as processes over either substrate, to be killed: alone with everything in files, or over a real nats-server, a real S3
// gateway and a real sqld, where several may run at once.
import { join } from 'node:path';
import { generateKeyPair } from '@hakiri/authz/keys';
import { mintToken } from '@hakiri/authz/token';
import { present } from '@hakiri/base/assert';
import { ManifestApplied } from '@hakiri/contracts/subjects';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import { type BlobPlace, openBlobs } from '@hakiri/service/stores';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import { openCluster } from '@hakiri/substrate/cluster/open';
import { openDirectoryBlobStore } from '@hakiri/substrate/directory/blob-store';
import { tether } from '@hakiri/substrate/tether';
import { natsServerAvailable, startNatsServer } from '@hakiri/testing/nats-server';
import { s3ServerAvailable, startS3Server } from '@hakiri/testing/s3-server';
import { sqldServerAvailable, startSqldServer } from '@hakiri/testing/sqld-server';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import type { ChildOptions } from './crash-child.ts';
import { standIn } from './stand-ins.ts';

const START_LIMIT_MS = 60_000;
const TOKEN_TTL_MS = 6 * 3_600_000;

export type Crash = { step: string; times: number };
export type Child = { readonly url: string; exited: Promise<number>; kill(): Promise<void> };
type StartOptions = { crash?: Crash; hotRevisions?: number };
export type CrashBed = {
  kind: 'embedded' | 'cluster';
  start(options?: StartOptions): Promise<Child>;
  token(team: string): string;
  blobs: BlobStore;
  /** By team and revision, the ids of its events; undefined where nobody outside the process hears them. */
  events: Map<string, Set<string>> | undefined;
  close(): Promise<void>;
};

export function clusterAvailable(): boolean {
  return [natsServerAvailable(), s3ServerAvailable(), sqldServerAvailable()].every(Boolean);
}

export async function openEmbeddedBed(): Promise<CrashBed> {
  const directory = await makeTempDirectory();
  const path = join(directory.path, 'data');
  const keys = generateKeyPair();
  const children = new Set<Child>();
  return {
    kind: 'embedded',
    start: async (options = {}) => {
      const child = await spawn({ ...options, place: { kind: 'embedded', path }, publicKey: keys.publicKey });
      children.add(child);
      return child;
    },
    token: (team) => tokenOf(keys.privateKey, team),
    blobs: await openDirectoryBlobStore(join(path, 'blobs')),
    events: undefined,
    close: async () => {
      for (const child of children) await child.kill();
      await directory.remove();
    },
  };
}

export async function openClusterBed(): Promise<CrashBed> {
  const [nats, s3, sqld] = await Promise.all([startNatsServer(), startS3Server(), startSqldServer()]);
  const directory = await makeTempDirectory();
  const keys = generateKeyPair();
  const blobPlace: BlobPlace = {
    kind: 's3',
    config: {
      ...{ endpoint: '127.0.0.1', port: s3.port, tls: false, region: 'us-east-1', prefix: '' },
      ...{ bucket: await s3.bucket(), accessKey: s3.accessKey, secretKey: s3.secretKey, timeoutMs: 10_000 },
    },
  };
  const blobs = await openBlobs(blobPlace, silentLogger);
  const database = { kind: 'directory', path: directory.path } as const;
  const substrate = await openCluster({ name: 'stand-ins', natsUrl: nats.url, blobs, database });
  const messaging = createMessaging({ ...substrate, logger: silentLogger });
  standIn(messaging, keys.publicKey);
  const events = new Map<string, Set<string>>();
  const consuming = await messaging.consume(
    ManifestApplied,
    { durable: 'crash-bed', ackWaitMs: 30_000, maxInFlight: 64, from: 'beginning' },
    async ({ id, team, data }) => {
      const key = `${team} ${data.revision.sequence}`;
      events.set(key, (events.get(key) ?? new Set()).add(id));
      return { kind: 'ack' };
    },
  );
  const children = new Set<Child>();
  return {
    kind: 'cluster',
    start: async (options = {}) => {
      const place = {
        kind: 'cluster',
        natsUrl: nats.url,
        blobs: blobPlace,
        databaseUrl: sqld.url,
      } as const;
      const child = await spawn({ ...options, place, publicKey: keys.publicKey });
      children.add(child);
      return child;
    },
    token: (team) => tokenOf(keys.privateKey, team),
    blobs,
    events,
    close: async () => {
      for (const child of children) await child.kill();
      await consuming.close();
      await substrate.close();
      await Promise.all([nats.stop(), s3.stop(), sqld.stop(), directory.remove()]);
    },
  };
}

function tokenOf(privateKey: string, team: string): string {
  const issuedAtMs = Date.now();
  const facts = { user: 'u', name: 'u', team, role: 'admin' as const };
  return mintToken(privateKey, 1, { ...facts, issuedAtMs, expiresAtMs: issuedAtMs + TOKEN_TTL_MS }).token;
}

async function spawn(options: ChildOptions): Promise<Child> {
  const program = join(import.meta.dir, 'crash-child.ts');
  const child = Bun.spawn([process.execPath, program, JSON.stringify(options)], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  tether(child);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await child.exited;
  };
  const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  const url = await firstLine(child.stdout);
  clearTimeout(timer);
  // Who is to die at a step may come by it while it starts.
  if (url === undefined && options.crash === undefined)
    throw new Error(`apply ended with ${await child.exited} before it listened`);
  return { url: url ?? '', exited: child.exited, kill };
}

/** Undefined when it ended before: a crash at a step that the start itself comes by. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('\n')) return present(text.split('\n')[0], 'a text has a first part');
  }
  return undefined;
}
