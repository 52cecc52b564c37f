// What apply's tests stand on: the embedded substrate in a directory of its own, the real bus, guard and HTTP, and in the
// places of sync and auth two peers that speak their contracts.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeyPair } from '@hakiri/authz/keys';
import { attenuate, mintToken } from '@hakiri/authz/token';
import type { ApplyBody, ApplyStatus } from '@hakiri/contracts/apply';
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { ConfigDraft } from '@hakiri/contracts/config';
import { blobKey, coldFile, INDEX_FILE, type Revision, type RevisionIndex } from '@hakiri/contracts/revision';
import type { MemberRole, TokenRole } from '@hakiri/contracts/roles';
import type { PlacesReply } from '@hakiri/contracts/scheduler';
import type { Scope } from '@hakiri/contracts/scope';
import {
  AuditRecorded,
  GetKeys,
  GetPlaces,
  GetRevocations,
  GetStanding,
  ManifestApplied,
  MemberChanged,
  TokensRevoked,
} from '@hakiri/contracts/subjects';
import { decodeIndex } from '@hakiri/manifest/revision-index';
import { createDeps } from '@hakiri/service/deps';
import { type Host, listen } from '@hakiri/service/host';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging, type Messaging } from '@hakiri/service/messaging';
import type { Service } from '@hakiri/service/service';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import type { Subscription } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import type { Substrate } from '@hakiri/substrate/substrate';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { type ApplyConfig, DEFAULTS } from '../config.ts';
import type { ColdStep, Step } from '../requests/steps.ts';
import { createApply } from '../service.ts';
import { createPeer, type Peer } from './bed-peer.ts';

export const TEAM = 'default';

/** Quick where a person would wait. */
const QUICK: ApplyConfig = {
  ...DEFAULTS,
  retryFirstMs: 5,
  retryLimitMs: 20,
  reconcileMs: 10,
  pageTimeoutMs: 500,
  keepaliveMs: 50,
  lookAgainMs: 50,
};

type Announced = { applied: Revision[]; audited: AuditRecord[] };
export type Running = { service: Service; url: string; stop(): Promise<void> };
export type Bed = Awaited<ReturnType<typeof openBed>>;

export async function openBed() {
  const directory = await makeTempDirectory();
  const keys = generateKeyPair();
  const announced: Announced = { applied: [], audited: [] };
  let substrate: Substrate;
  let peer: Peer;
  let messaging: Messaging;
  let open: Subscription[] = [];
  const running = new Set<Running>();
  const documents = new Map<string, ConfigDraft[]>();
  /** What auth says of people and programs today: at first, what their last token says. */
  const standing = new Map<string, TokenRole | null>();
  /** Of programs, who made their token. */
  const makers = new Map<string, string>();
  let isAuthAway = false;
  /** As the scheduler tells them; undefined while it runs nowhere. */
  let places: Subscription | undefined;

  async function boot(): Promise<void> {
    substrate = await openEmbedded(join(directory.path, 'data'));
    messaging = createMessaging({ ...substrate, logger: silentLogger });
    peer = createPeer(messaging, documents);
    const seen = new Set<string>();
    const once = (id: string): boolean => seen.size < seen.add(id).size;
    open = [
      messaging.respond(GetKeys, 'auth', 'auth', async () => ({
        keys: [{ id: 1, algorithm: 'ed25519' as const, publicKey: keys.publicKey }],
      })),
      messaging.respond(GetRevocations, 'auth', 'auth', async () => ({ revocations: [] })),
      messaging.respond(GetStanding, 'auth', 'auth', async ({ data }) => {
        if (isAuthAway) throw new Error('auth is away');
        return { role: standing.get(data.user) ?? null, person: makers.get(data.user) ?? data.user };
      }),
      messaging.subscribe(ManifestApplied, ({ id, data }) => {
        if (once(id)) announced.applied.push(data.revision);
      }),
      messaging.subscribe(AuditRecorded, ({ id, data }) => {
        if (once(id)) announced.audited.push(data);
      }),
    ];
  }

  async function start(
    options: {
      config?: Partial<ApplyConfig>;
      step?: Step;
      coldStep?: ColdStep;
      blobs?: (store: BlobStore) => BlobStore;
      /** Of the service alone: tokens and the bus stay with the system's. */
      clock?: Clock;
      /** Nothing comes over the bus: neither news nor work. */
      deaf?: boolean;
    } = {},
  ): Promise<Running> {
    const deps = createDeps(substrate, 'apply', silentLogger);
    const blobs = options.blobs?.(deps.blobs) ?? deps.blobs;
    const service = await createApply(
      {
        ...deps,
        blobs,
        ...(options.step ? { step: options.step } : {}),
        ...(options.coldStep ? { coldStep: options.coldStep } : {}),
        ...(options.clock ? { clock: options.clock } : {}),
        ...(options.deaf ? { messaging: deafened(deps.messaging) } : {}),
      },
      { ...QUICK, ...options.config },
    );
    await deps.guard.start();
    await service.start();
    const host: Host = listen([service], { hostname: '127.0.0.1', port: 0 });
    const one: Running = {
      service,
      url: host.url,
      stop: async () => {
        if (!running.delete(one)) return;
        await service.stop();
        await host.stop();
        await deps.guard.stop();
      },
    };
    running.add(one);
    return one;
  }

  const isThere = async (file: string): Promise<boolean> =>
    (await substrate.blobs.get(blobKey(TEAM, file))) !== undefined;
  /** As every reader of the blob store looks for a body. */
  const hasBody = async (file: string): Promise<boolean> => (await isThere(file)) || isThere(coldFile(file));

  const narrowed = (token: string, restrictions: Parameters<typeof attenuate>[2]): string =>
    attenuate(token, { keys: [{ id: 1, algorithm: 'ed25519', publicKey: keys.publicKey }] }, restrictions);

  await boot();
  return {
    start,
    announced,
    get peer() {
      return peer;
    },
    get blobs() {
      return substrate.blobs;
    },
    get substrate() {
      return substrate;
    },
    token: (role: TokenRole, user = `${role}-user`, ttlMs = 600_000): string => {
      const issuedAtMs = Date.now();
      standing.set(user, role);
      const facts = { user, name: user, team: TEAM, role, issuedAtMs, expiresAtMs: issuedAtMs + ttlMs };
      return mintToken(keys.privateKey, 1, facts).token;
    },
    revoke: (ids: readonly string[]): void => {
      const until = new Date(Date.now() + 600_000).toISOString();
      messaging.publish(
        TokensRevoked,
        { team: TEAM },
        { actor: { kind: 'service', id: 'auth' } },
        { revocations: ids.map((id) => ({ id, until })) },
      );
    },
    /** As auth tells it. */
    changeRole: (user: string, role: MemberRole): void => {
      standing.set(user, role);
      messaging.publish(
        MemberChanged,
        { team: TEAM },
        { actor: { kind: 'service', id: 'auth' } },
        { user, role },
      );
    },
    /** Auth knows, and nobody was told: as when the news came while nobody listened. */
    setStanding: (user: string, role: TokenRole | null): void => {
      standing.set(user, role);
    },
    /** That program's token is of this person's making. */
    setMaker: (program: string, person: string): void => {
      makers.set(program, person);
    },
    setPlaces: async (told: () => Promise<PlacesReply>): Promise<void> => {
      await places?.close();
      places = messaging.respond(GetPlaces, 'scheduler', 'scheduler', told);
    },
    setAuthAway: (value: boolean): void => {
      isAuthAway = value;
    },
    mint: (role: TokenRole, ttlMs = 600_000) => {
      const issuedAtMs = Date.now();
      const facts = { user: 'u', name: 'u', team: TEAM, role, issuedAtMs, expiresAtMs: issuedAtMs + ttlMs };
      return mintToken(keys.privateKey, 1, facts);
    },
    /** The same token for these pipelines alone. */
    narrow: (token: string, pipelines: string[]): string => narrowed(token, { pipelines }),
    narrowTo: narrowed,
    /** What a reader of the blob store finds: the index, after checking every body it names. */
    index: async (): Promise<RevisionIndex | undefined> => {
      const bytes = (await substrate.blobs.get(blobKey(TEAM, INDEX_FILE)))?.bytes;
      const index = bytes && decodeIndex(bytes)?.index;
      for (const { file } of index?.revisions ?? [])
        if (!(await hasBody(file))) throw new Error(`${file} is missing`);
      return index;
    },
    /** Everything closed and opened again on the same data, as after a restart of the machine. */
    reboot: async (options: { loseQueue?: boolean } = {}): Promise<void> => {
      for (const one of [...running]) await one.stop();
      await substrate.close();
      for (const suffix of options.loseQueue ? ['', '-wal', '-shm'] : [])
        await rm(join(directory.path, 'data', `bus.db${suffix}`), { force: true });
      await boot();
    },
    close: async (): Promise<void> => {
      for (const one of [...running]) await one.stop();
      await peer.close();
      await places?.close();
      for (const subscription of open) await subscription.close();
      await substrate.close();
      await directory.remove();
    },
  };
}

function deafened(messaging: Messaging): Messaging {
  const nothing: Subscription = { close: async () => {} };
  return { ...messaging, subscribe: () => nothing, consume: async () => nothing };
}

let requestCount = 0;
export type Applied = {
  status: number;
  body: ApplyStatus & { code?: string; detail?: string };
  response: Response;
};

/** POST apply with a key of its own, unless one is given. */
export async function apply(
  url: string,
  token: string,
  body: Partial<ApplyBody> & { scope: Scope },
  headers: Record<string, string> = {},
): Promise<Applied> {
  requestCount += 1;
  const response = await fetch(`${url}/v1/manifest/apply`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': `test-key-${requestCount}`,
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json(), response };
}

export function get(
  url: string,
  token: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/v1/manifest/${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
}
