// Who may stay, with nothing standing in for the guard: tokens signed with real keys, and auth's answers and events on the bus.
import { afterEach, expect, test } from 'bun:test';
import { generateKeyPair } from '@hakiri/authz/keys';
import { mintToken } from '@hakiri/authz/token';
import type { Revocations } from '@hakiri/contracts/auth';
import type { TokenRole } from '@hakiri/contracts/roles';
import { GetKeys, GetRevocations, MemberChanged, TokensRevoked } from '@hakiri/contracts/subjects';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import type { Subscription } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import { createShiftingClock } from '@hakiri/testing/shifting-clock';
import { until } from '@hakiri/testing/until';
import { JoinErrorCode, MessageType, RoomErrorCode, UpdateStatusCode } from 'loro-protocol';
import { anEdit, type Bed, openBed, Raw } from '../testing/bed.ts';

const TEAM = { team: 'default' };
const AUTH = { actor: { kind: 'service', id: 'auth' } } as const;
const HOUR_MS = 3_600_000;
const TOKEN_MS = 20_000;
const { publicKey, privateKey } = generateKeyPair();

let bed: Bed;
let responders: Subscription[] = [];
let revoked: Revocations['revocations'] = [];
afterEach(async () => {
  revoked = [];
  await Promise.all(responders.splice(0).map((responder) => responder.close()));
  await bed.close();
});

/** Sync with the real guard, and auth's side of the bus. */
async function open(clock?: Clock) {
  bed = await openBed({ realGuard: true, ...(clock ? { clock } : {}) });
  const messaging = createMessaging({ ...bed.substrate, logger: silentLogger });
  responders = [
    messaging.respond(GetKeys, 'auth', 'auth', async () => ({
      keys: [{ id: 1, algorithm: 'ed25519' as const, publicKey }],
    })),
    messaging.respond(GetRevocations, 'auth', 'auth', async () => ({ revocations: revoked })),
  ];
  await until(() => bed.deps.guard.notReady() === undefined, { what: 'the keys to arrive' });
  return messaging;
}

function mint(user: string, more: { key?: string; role?: TokenRole; lifeMs?: number; team?: string } = {}) {
  const { key = privateKey, role = 'editor', lifeMs = HOUR_MS, team = 'default' } = more;
  const nowMs = bed.deps.clock.now();
  return mintToken(key, 1, { user, name: user, team, role, issuedAtMs: nowMs, expiresAtMs: nowMs + lifeMs });
}

async function member(token: string): Promise<Raw> {
  const raw = await Raw.open(bed);
  raw.join(token);
  await raw.next(MessageType.JoinResponseOk);
  return raw;
}

test('[SY12.5] only a token that auth signed, for this team, opens the room; a viewer’s does not write', async () => {
  await open();
  const forged = mint('mallory', { key: generateKeyPair().privateKey });
  for (const { token } of [forged, mint('otto', { team: 'elsewhere' })]) {
    const raw = await Raw.open(bed);
    raw.join(token);
    expect(await raw.next(MessageType.JoinError)).toMatchObject({ code: JoinErrorCode.AuthFailed });
    raw.end();
  }
  const [alice, vera] = [
    await member(mint('alice').token),
    await member(mint('vera', { role: 'viewer' }).token),
  ];
  expect(await alice.ackOf(alice.update(anEdit('a', '1')))).toBe(UpdateStatusCode.Ok);
  expect(await vera.ackOf(vera.update(anEdit('b', '2')))).toBe(UpdateStatusCode.PermissionDenied);
  alice.end();
  vera.end();
});

test('[SY12.5] what auth revokes is told and put out, by its event; others stay', async () => {
  const messaging = await open();
  const gone = mint('alice');
  const [alice, bob] = [await member(gone.token), await member(mint('bob').token)];
  const until = new Date(gone.expiresAtMs).toISOString();
  messaging.publish(TokensRevoked, TEAM, AUTH, { revocations: [{ id: gone.revocationId, until }] });
  expect(await alice.whenClosed()).toEqual({ code: 4401, reason: 'token_revoked' });
  expect(alice.heard.at(-1)).toMatchObject({ code: RoomErrorCode.Evicted, message: 'token_revoked' });
  expect(await bob.ackOf(bob.update(anEdit('a', '1')))).toBe(UpdateStatusCode.Ok);
  const again = await Raw.open(bed);
  again.join(gone.token);
  expect(await again.next(MessageType.JoinError)).toMatchObject({ message: 'token_revoked' });
  bob.end();
  again.end();
});

test('[SY12.10] a demoted editor is told, goes on reading with a token of the new role, and may not write', async () => {
  const messaging = await open();
  const gone = mint('alice');
  const [alice, bob] = [await member(gone.token), await member(mint('bob').token)];
  const until = new Date(gone.expiresAtMs).toISOString();
  messaging.publish(TokensRevoked, TEAM, AUTH, {
    revocations: [{ id: gone.revocationId, until, renew: true }],
  });
  messaging.publish(MemberChanged, TEAM, AUTH, { user: 'alice', role: 'viewer' });
  expect(await alice.next(MessageType.RoomError)).toMatchObject({
    code: RoomErrorCode.RejoinSuggested,
    message: 'token_expired',
  });
  alice.join(mint('alice', { role: 'viewer' }).token);
  expect(await alice.next(MessageType.JoinResponseOk)).toMatchObject({ permission: 'read' });
  expect(await alice.ackOf(alice.update(anEdit('a', '1')))).toBe(UpdateStatusCode.PermissionDenied);
  expect(await bob.ackOf(bob.update(anEdit('b', '2')))).toBe(UpdateStatusCode.Ok);
  await alice.next(MessageType.DocUpdate);
  alice.end();
  bob.end();
});

test('[SY12.6] a revocation whose event was lost ends the socket within 2 s', async () => {
  const clock = createShiftingClock(Date.now());
  await open(clock);
  const gone = mint('alice');
  const alice = await member(gone.token);
  revoked = [{ id: gone.revocationId, until: new Date(gone.expiresAtMs).toISOString() }];
  clock.shiftTo(clock.now() + 2_000);
  expect(await alice.whenClosed()).toEqual({ code: 4401, reason: 'token_revoked' });
});

test('[SY12.5] a token that runs out is replaced by a fresh one, whatever auth announces meanwhile', async () => {
  const clock = createShiftingClock(Date.now());
  const messaging = await open(clock);
  const alice = await member(mint('alice', { lifeMs: TOKEN_MS }).token);
  clock.shiftTo(clock.now() + TOKEN_MS);
  expect(await alice.next(MessageType.RoomError)).toMatchObject({ message: 'token_expired' });
  messaging.publish(MemberChanged, TEAM, AUTH, { user: 'bob', role: 'viewer' });
  await alice.read();
  alice.join(mint('alice').token);
  await alice.next(MessageType.JoinResponseOk);
  expect(await alice.ackOf(alice.update(anEdit('a', '1')))).toBe(UpdateStatusCode.Ok);
  alice.end();
});
