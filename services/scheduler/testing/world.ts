// For tests: a scheduler on the embedded substrate with real tokens, manifests published as apply would, and a port of its own.
import { mkdir } from 'node:fs/promises';
import { generateKeyPair } from '@hakiri/authz/keys';
import { attenuate, mintToken } from '@hakiri/authz/token';
import { utf8 } from '@hakiri/base/bytes';
import { createHttp, fixedToken } from '@hakiri/client/http';
import { createRuns } from '@hakiri/client/runs';
import type { ManifestConfig, PipelineConfig } from '@hakiri/contracts/config';
import { blobKey, INDEX_FILE, labelOf, type Revision, type RevisionName } from '@hakiri/contracts/revision';
import type { TokenRole } from '@hakiri/contracts/roles';
import { AuditRecorded, GetKeys, GetRevocations, ManifestApplied } from '@hakiri/contracts/subjects';
import { digestOf } from '@hakiri/manifest/digest';
import { renderManifest } from '@hakiri/manifest/render';
import { encodeIndex } from '@hakiri/manifest/revision-index';
import { createDeps } from '@hakiri/service/deps';
import { listen } from '@hakiri/service/host';
import { type Logger, silentLogger } from '@hakiri/service/logger';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import { type Clock, systemClock } from '@hakiri/substrate/clock';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import type { Substrate } from '@hakiri/substrate/substrate';
import { DEFAULT_CONFIG, type SchedulerConfig } from '../config.ts';
import { createScheduler } from '../service.ts';

export const TEAM = 'default';
export type World = Awaited<ReturnType<typeof openWorld>>;

const KEYS = generateKeyPair();
const PUBLIC_KEY = { id: 1, algorithm: 'ed25519', publicKey: KEYS.publicKey } as const;
const TOKEN_TTL_MS = 3_600_000;
const AUTH = { kind: 'service', id: 'auth' } as const;

/** The key of the n-th pipeline of a test. */
export function keyOf(n: number): string {
  return `01ARZ3NDEKTSV4RRFFQ69G${String(n).padStart(4, '0')}`;
}

export function pipeline(n: number, changes: Partial<PipelineConfig> = {}): PipelineConfig {
  return {
    key: keyOf(n),
    id: `p${n}`,
    name: `Pipeline ${n}`,
    description: '',
    tags: [],
    group: '',
    enabled: true,
    source: { kind: 'csv-file', ref: 'orders.csv' },
    destination: { table: 'orders' },
    schedule: { kind: 'every', expr: '1h' },
    placement: { kind: 'auto' },
    transforms: [],
    schema: {},
    ...changes,
  };
}

export function tokenFor(role: TokenRole, user: string = role, team = TEAM): string {
  const issuedAtMs = systemClock.now();
  const facts = { user, name: user, team, role, issuedAtMs, expiresAtMs: issuedAtMs + TOKEN_TTL_MS };
  return mintToken(KEYS.privateKey, 1, facts).token;
}

/** The same token, narrowed to some pipelines. */
export function narrowed(token: string, pipelines: string[]): string {
  return attenuate(token, { keys: [PUBLIC_KEY] }, { pipelines });
}

export async function openWorld(
  dataDir: string,
  options: {
    clock?: Clock;
    config?: Partial<SchedulerConfig>;
    port?: number;
    blobs?: (store: BlobStore) => BlobStore;
    logger?: Logger;
  } = {},
) {
  await mkdir(dataDir, { recursive: true });
  const substrate = await openEmbedded(dataDir, options.clock ? { clock: options.clock } : {});
  const made = createDeps(substrate, 'scheduler', options.logger ?? silentLogger);
  const deps = { ...made, blobs: options.blobs?.(made.blobs) ?? made.blobs };
  const respond = { group: 'auth', service: 'auth' };
  deps.messaging.respond(GetKeys, respond.group, respond.service, async () => ({ keys: [PUBLIC_KEY] }));
  deps.messaging.respond(GetRevocations, respond.group, respond.service, async () => ({ revocations: [] }));
  const audited: { action: string; outcome: string; target: string; by: string }[] = [];
  await deps.messaging.consume(
    AuditRecorded,
    { durable: 'auth-audit', ackWaitMs: 5_000, maxInFlight: 1, from: 'beginning' },
    async ({ data, actor }) => {
      audited.push({ action: data.action, outcome: data.outcome, target: data.target, by: actor.id });
      return { kind: 'ack' };
    },
  );
  const service = await createScheduler(deps, { ...DEFAULT_CONFIG, ...options.config });
  const host = listen([service], { hostname: '127.0.0.1', port: options.port ?? 0 });
  await deps.guard.start();
  await service.start();

  const clientOf = (token: string | undefined) =>
    createRuns(createHttp({ url: host.url, tokens: fixedToken(token) }));
  return {
    substrate,
    deps,
    service,
    url: host.url,
    port: host.port,
    audited,
    clientOf,
    as: (role: TokenRole, user?: string) => clientOf(tokenFor(role, user)),
    publish: (number: number, config: Partial<ManifestConfig>, name?: RevisionName) =>
      publish(substrate, deps.messaging, number, config, true, name),
    async stop(): Promise<void> {
      await host.stop();
      await service.stop();
      await deps.guard.stop();
      await substrate.close();
    },
  };
}

/** What apply does: the body, the index, the event. */
export async function publish(
  { blobs, clock }: Pick<Substrate, 'blobs' | 'clock'>,
  messaging: ReturnType<typeof createDeps>['messaging'],
  number: number,
  config: Partial<ManifestConfig>,
  announce = true,
  name: RevisionName = { number, minor: 0 },
): Promise<Revision> {
  const manifest: ManifestConfig = { pipelines: [], variables: [], ...config };
  const bytes = utf8(renderManifest(manifest));
  const label = labelOf(name);
  const revision: Revision = {
    sequence: number,
    ...name,
    label,
    file: `manifest@${label}.toml`,
    digest: await digestOf(bytes),
    sizeBytes: bytes.length,
    publishedAt: new Date(clock.now()).toISOString(),
    author: 'alice',
    message: '',
    doc: 'main',
    version: 'AA',
    scope: { kind: 'all' },
    pipelines: manifest.pipelines.length,
    changed: [],
  };
  const at = (file: string) => blobKey(TEAM, file);
  const { scope: _scope, changed: _changed, ...entry } = revision;
  await blobs.putIfAbsent(at(revision.file), bytes);
  const index = encodeIndex({ format: 2, team: TEAM, revisions: [entry] });
  const before = await blobs.get(at(INDEX_FILE));
  if (before) await blobs.putIfMatch(at(INDEX_FILE), index, before.etag);
  else await blobs.putIfAbsent(at(INDEX_FILE), index);
  if (announce)
    await messaging.enqueue(ManifestApplied, { team: TEAM }, { actor: AUTH }, { doc: 'main', revision });
  return revision;
}
