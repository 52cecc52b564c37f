// The guard against a stand-in for auth that answers on a real bus: what it knows, what it does without it, what it writes.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { generateKeyPair } from '@hakiri/authz/keys';
import type { Decision } from '@hakiri/authz/principal';
import { mintToken } from '@hakiri/authz/token';
import type { KeySet, Revocations, RevocationsPage } from '@hakiri/contracts/auth';
import { ProblemError } from '@hakiri/contracts/problem';
import type { TokenRole } from '@hakiri/contracts/roles';
import {
  AuditRecorded,
  GetKeys,
  GetRevocations,
  MemberChanged,
  TokensRevoked,
} from '@hakiri/contracts/subjects';
import type { Bus, Subscription } from '@hakiri/substrate/bus';
import { type Clock, systemClock } from '@hakiri/substrate/clock';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import type { Substrate } from '@hakiri/substrate/substrate';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { createGuard, type Guard } from './guard.ts';
import { silentLogger } from './logger.ts';
import { createMessaging, type Messaging } from './messaging.ts';

const HOUR_MS = 3_600_000;
const TEAM = { team: 'default' };
const AUTH = { actor: { kind: 'service', id: 'auth' } } as const;
const read = { action: 'doc.read' } as const;

let directory: TempDirectory;
let substrate: Substrate;
let messaging: Messaging;
let guard: Guard;
let shiftMs: number;
let reconnect: () => void;
let keys: KeySet;
let pages: RevocationsPage[];
let keyRequests: number;
let responders: Subscription[];
const pairs = [generateKeyPair(), generateKeyPair()];

beforeEach(async () => {
  directory = await makeTempDirectory();
  shiftMs = 0;
  keyRequests = 0;
  responders = [];
  pages = [{ revocations: [] }];
  keys = keySet(1);
  const clock: Clock = {
    ...systemClock,
    now: () => systemClock.now() + shiftMs,
    monotonic: () => systemClock.monotonic() + shiftMs,
  };
  substrate = await openEmbedded(directory.path, { clock });
  const reconnects = new Set<() => void>();
  reconnect = () => {
    for (const handler of reconnects) handler();
  };
  // The in-process bus is never away: the test says when it came back.
  const bus: Bus = {
    ...substrate.bus,
    onReconnect: (handler) => {
      reconnects.add(handler);
      return { close: async () => void reconnects.delete(handler) };
    },
  };
  messaging = createMessaging({ ...substrate, logger: silentLogger });
  guard = createGuard({ messaging, bus, clock, logger: silentLogger, service: 'sync' });
});

afterEach(async () => {
  await guard.stop();
  await Promise.all(responders.map((responder) => responder.close()));
  await substrate.close();
  await directory.remove();
});

function keySet(count: number): KeySet {
  return {
    keys: pairs
      .slice(0, count)
      .map(({ publicKey }, index) => ({ id: index + 1, algorithm: 'ed25519', publicKey })),
  };
}

function startAuth(): void {
  responders = [
    messaging.respond(GetKeys, 'auth', 'auth', async () => {
      keyRequests += 1;
      return keys;
    }),
    messaging.respond(
      GetRevocations,
      'auth',
      'auth',
      async ({ data }) => pages[data.after ?? 0] ?? { revocations: [] },
    ),
  ];
}

async function stopAuth(): Promise<void> {
  await Promise.all(responders.splice(0).map((responder) => responder.close()));
}

function mint(role: TokenRole = 'editor', keyId = 1) {
  const nowMs = systemClock.now() + shiftMs;
  const facts = { user: 'alice', name: 'Alice', ...TEAM, role, issuedAtMs: nowMs };
  return mintToken(pairs[keyId - 1]?.privateKey ?? '', keyId, { ...facts, expiresAtMs: nowMs + HOUR_MS });
}

function revoked(id: string, inMs = HOUR_MS): Revocations {
  return { revocations: [{ id, until: new Date(systemClock.now() + shiftMs + inMs).toISOString() }] };
}

function codeOf(decision: Decision): string {
  return decision.kind === 'allowed' ? 'allowed' : decision.code;
}

function requestWith(token: string | undefined, url = 'http://x/', headers: Record<string, string> = {}) {
  return new Request(url, {
    headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
  });
}

describe('[AU2.10] the guard fails closed, and lives on what it has', () => {
  test('[AU2.10] started without auth it is not ready and decides nothing; it gets ready by itself', async () => {
    await guard.start();
    expect(guard.notReady()).toBeDefined();
    expect(codeOf(await guard.authorize(mint().token, read))).toBe('unavailable');
    startAuth();
    await until(() => guard.notReady() === undefined);
    expect(codeOf(await guard.authorize(mint().token, read))).toBe('allowed');
  });

  test('[AU2.10] when auth goes away it goes on deciding, also about tokens it has not seen before', async () => {
    startAuth();
    await guard.start();
    await stopAuth();
    shiftMs += 10 * 60_000;
    expect(codeOf(await guard.authorize(mint().token, read))).toBe('allowed');
    expect(codeOf(await guard.authorize(mint('viewer').token, { action: 'doc.write' }))).toBe('denied');
    expect(guard.notReady()).toBeUndefined();
  });

  test('[AU2.10] no token is no access', async () => {
    startAuth();
    await guard.start();
    expect(codeOf(await guard.authorize(undefined, read))).toBe('unauthenticated');
  });
});

describe('[AU2.11] a new signing key is learned from the first token it signed', () => {
  test('[AU2.11] the token is accepted at once', async () => {
    startAuth();
    await guard.start();
    keys = keySet(2);
    expect(codeOf(await guard.authorize(mint('editor', 2).token, read))).toBe('allowed');
  });

  test('[AU2.11] made-up key ids cost auth a bounded number of requests', async () => {
    startAuth();
    await guard.start();
    for (let attempt = 0; attempt < 50; attempt++) {
      expect(codeOf(await guard.authorize(mint('editor', 2).token, read))).toBe('unauthenticated');
    }
    expect(keyRequests).toBeLessThan(10);
  });
});

describe('[AU3.1] revocations', () => {
  test('[AU3.1] an event takes effect at once, and open sockets are told to ask again', async () => {
    startAuth();
    await guard.start();
    let told = 0;
    guard.onChange(() => told++);
    const { token, revocationId } = mint();
    expect(codeOf(await guard.authorize(token, read))).toBe('allowed');
    messaging.publish(TokensRevoked, TEAM, AUTH, revoked(revocationId));
    await until(() => told === 1);
    expect(codeOf(await guard.authorize(token, read))).toBe('token_revoked');
    messaging.publish(MemberChanged, TEAM, AUTH, { user: 'alice', role: null });
    await until(() => told === 2);
  });

  test('[AU3.2] what was revoked before the start, on any page, is known after it', async () => {
    const [first, second] = [mint(), mint()];
    pages = [{ ...revoked(first.revocationId), next: 1 }, revoked(second.revocationId)];
    startAuth();
    await guard.start();
    expect(codeOf(await guard.authorize(first.token, read))).toBe('token_revoked');
    expect(codeOf(await guard.authorize(second.token, read))).toBe('token_revoked');
  });

  test('[AU3.2] what was revoked while the bus was away is known after it is back', async () => {
    startAuth();
    await guard.start();
    let told = 0;
    guard.onChange(() => told++);
    const { token, revocationId } = mint();
    pages = [revoked(revocationId)];
    expect(codeOf(await guard.authorize(token, read))).toBe('allowed');
    reconnect();
    await until(() => told > 0);
    expect(codeOf(await guard.authorize(token, read))).toBe('token_revoked');
  });

  test('[AU3.2] an event that was lost is made up for while tokens are being looked at', async () => {
    startAuth();
    await guard.start();
    const { token, revocationId } = mint();
    pages = [revoked(revocationId)];
    shiftMs += 61_000;
    await until(async () => codeOf(await guard.authorize(token, read)) === 'token_revoked');
  });

  test('[AU3.3] a revocation is forgotten when its token has expired anyway', async () => {
    startAuth();
    await guard.start();
    let told = 0;
    guard.onChange(() => told++);
    const { token, revocationId } = mint();
    messaging.publish(TokensRevoked, TEAM, AUTH, revoked(revocationId, 30_000));
    await until(() => told === 1);
    expect(codeOf(await guard.authorize(token, read))).toBe('token_revoked');
    shiftMs += 61_000;
    await until(async () => codeOf(await guard.authorize(token, read)) === 'allowed');
  });
});

describe('[AU2.12] where a request carries its token', () => {
  test('[AU2.12] in the header; in the address only for an event stream', async () => {
    startAuth();
    await guard.start();
    const { token } = mint();
    const stream = { accept: 'text/event-stream' };
    const address = `http://x/?access_token=${token}`;
    expect(await guard.require(requestWith(token), read)).toMatchObject({ user: 'alice', role: 'editor' });
    expect(await guard.require(requestWith(undefined, address, stream), read)).toMatchObject({
      user: 'alice',
    });
    await expect(guard.require(requestWith(undefined, address), read)).rejects.toBeInstanceOf(ProblemError);
    const post = new Request(address, { method: 'POST', headers: stream });
    await expect(guard.require(post, read)).rejects.toBeInstanceOf(ProblemError);
  });
});

test('[AU4.4] a refusal with a known principal is put on record, at a bounded rate; expired and unknown tokens are not', async () => {
  startAuth();
  await guard.start();
  const records: { actor: string; action: string; code: unknown }[] = [];
  const options = { durable: 'test', ackWaitMs: 5_000, maxInFlight: 10, from: 'beginning' } as const;
  const consumer = await messaging.consume(AuditRecorded, options, async ({ actor, data }) => {
    records.push({ actor: actor.id, action: data.action, code: data.detail.code });
    return { kind: 'ack' };
  });
  const { token } = mint('viewer');
  const write = { action: 'doc.write' } as const;
  for (let attempt = 0; attempt < 200; attempt++) {
    await guard.require(requestWith(token), write).catch(() => undefined);
    await guard.require(requestWith('garbled'), write).catch(() => undefined);
  }
  shiftMs += HOUR_MS;
  await guard.require(requestWith(token), write).catch(() => undefined);
  await guard.stop();
  await until(() => records.length >= 50);
  await consumer.close();
  expect(records.length).toBeLessThan(80);
  expect(new Set(records.map((record) => JSON.stringify(record)))).toEqual(
    new Set([JSON.stringify({ actor: 'alice', action: 'doc.write', code: 'denied' })]),
  );
});
