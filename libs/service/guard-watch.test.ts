// What a guard finds out by itself while something is open that must end when its token does, over the bus in the process.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { Decision } from '@hakiri/authz/principal';
import { type Clock, systemClock } from '@hakiri/substrate/clock';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import type { Substrate } from '@hakiri/substrate/substrate';
import { type AuthStandIn, createAuthStandIn } from '@hakiri/testing/auth-stand-in';
import { createSimulatedClock, type SimulatedClock } from '@hakiri/testing/simulated-clock';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { CONFIRM_WITHIN_MS } from './auth-feed.ts';
import { createGuard, type Guard } from './guard.ts';
import { type Logger, silentLogger } from './logger.ts';
import { createMessaging, type Messaging } from './messaging.ts';

const read = { action: 'doc.read' } as const;

let directory: TempDirectory;
let substrate: Substrate;
let messaging: Messaging;
let clock: SimulatedClock;
let auth: AuthStandIn;
let guard: Guard;
/** What somebody put the clock of the machine on by. */
let stepMs: number;
/** How long the process was stopped: no timer ran. */
let stoppedMs: number;
/** Questions that auth did not answer. */
let failed: number;
let open: number;
let told: number;

beforeEach(async () => {
  [open, told, stepMs, stoppedMs, failed] = [0, 0, 0, 0, 0];
  directory = await makeTempDirectory();
  substrate = await openEmbedded(directory.path);
  messaging = createMessaging({ ...substrate, logger: silentLogger });
  // The guard's time moves with the test; what it asks travels over the bus in real time.
  clock = createSimulatedClock(systemClock.now());
  auth = createAuthStandIn(clock.now);
  auth.answer(messaging);
  const own: Clock = {
    ...clock,
    now: () => clock.now() + stoppedMs + stepMs,
    monotonic: () => clock.monotonic() + stoppedMs,
  };
  const logger: Logger = { ...silentLogger, warn: (event) => void (event === 'auth_away' && failed++) };
  guard = createGuard({ messaging, bus: substrate.bus, clock: own, logger, service: 'sync' });
  guard.onChange(
    () => told++,
    () => open > 0,
  );
  await guard.start();
});

afterEach(async () => {
  await guard.stop();
  await auth.leave();
  await substrate.close();
  await directory.remove();
});

async function codeOf(token: string): Promise<string> {
  const decision: Decision = await guard.authorize(token, read);
  return decision.kind === 'allowed' ? 'allowed' : decision.code;
}

/** The answer to the question that this second put is here. */
async function aSecond(): Promise<void> {
  const before = auth.asked.length;
  await clock.advance(1_000);
  if (open > 0) await until(() => auth.asked.length > before, { what: 'auth to be asked' });
}

test('[SY12.6] an event that was lost is made up for within a second while something is open, from where the last one ended', async () => {
  open = 1;
  const alice = auth.mint('alice');
  auth.revoke(auth.mint('bob'));
  await aSecond();
  await until(() => told === 1);
  expect(await codeOf(alice.token)).toBe('allowed');
  auth.revoke(alice);
  await aSecond();
  await until(() => told === 2);
  expect(await codeOf(alice.token)).toBe('token_revoked');
  await aSecond();
  expect(auth.asked).toEqual([0, 0, 1, 2]);
});

test('[SY12.6] while nothing is open nobody asks', async () => {
  await clock.advance(20_000);
  expect(auth.asked).toEqual([0]);
  open = 1;
  await aSecond();
  open = 0;
  await clock.advance(20_000);
  expect(auth.asked).toHaveLength(2);
});

test('[SY12.6] when auth comes back from an older copy, everything is read anew', async () => {
  open = 1;
  auth.revoke(auth.mint('bob'));
  auth.revoke(auth.mint('carol'));
  await aSecond();
  auth.restore();
  const alice = auth.mint('alice');
  auth.revoke(alice);
  await aSecond();
  await until(() => told === 2);
  expect(await codeOf(alice.token)).toBe('token_revoked');
});

test('[SY12.7] without an answer of auth for CONFIRM_WITHIN_MS nothing is confirmed, and what is open is told once; then it is as before', async () => {
  open = 1;
  await aSecond();
  expect(await guard.confirmed()).toBe(true);
  await auth.leave();
  await clock.advance(CONFIRM_WITHIN_MS - 1_000);
  expect([await guard.confirmed(), told]).toEqual([true, 0]);
  await clock.advance(2_000);
  await until(() => told === 1, { what: 'what is open to be told' });
  expect(await guard.confirmed()).toBe(false);
  await clock.advance(30_000);
  expect(told).toBe(1);
  // A single request goes on being decided by what is known.
  expect(await codeOf(auth.mint('alice').token)).toBe('allowed');
  auth.answer(messaging);
  await clock.advance(1_000);
  await until(() => guard.confirmed());
});

test('[SY12.7] what is asked after a long time with nothing open is confirmed first', async () => {
  await clock.advance(CONFIRM_WITHIN_MS + 1);
  const alice = auth.mint('alice');
  auth.revoke(alice);
  expect(await guard.confirmed()).toBe(true);
  expect(await codeOf(alice.token)).toBe('token_revoked');
  await clock.advance(CONFIRM_WITHIN_MS + 1);
  await auth.leave();
  expect(await guard.confirmed()).toBe(false);
});

test('[SY12.7] a clock that somebody puts on or back by an hour says nothing about auth', async () => {
  open = 1;
  for (const ms of [45_000, 3_600_000, -3_600_000]) {
    stepMs = ms;
    await aSecond();
    expect([await guard.confirmed(), told]).toEqual([true, 0]);
  }
  // Nor does it make an absence of auth longer than it is, or shorter.
  stepMs = 3_600_000;
  await auth.leave();
  for (let question = 1; question <= 3; question++) {
    await clock.advance(1_000);
    await until(() => failed >= question, { what: 'a question to fail' });
  }
  expect([await guard.confirmed(), told]).toEqual([true, 0]);
  stepMs = -3_600_000;
  await clock.advance(CONFIRM_WITHIN_MS);
  await until(() => told === 1, { what: 'what is open to be told' });
});

test('[SY12.7] after a stop of the process auth is asked before anybody is told', async () => {
  open = 1;
  await aSecond();
  stoppedMs += CONFIRM_WITHIN_MS + 5_000;
  await aSecond();
  expect([await guard.confirmed(), told]).toEqual([true, 0]);
});

test('[SY12.7] a question that failed across a stop of the process is put again before anybody is told', async () => {
  open = 1;
  await aSecond();
  stoppedMs += CONFIRM_WITHIN_MS + 5_000;
  await auth.leave();
  await clock.advance(1_000);
  await until(() => failed === 1, { what: 'a question to fail' });
  auth.answer(messaging);
  await aSecond();
  expect(told).toBe(0);
  expect(await guard.confirmed()).toBe(true);
});

test('[SY12.8] a token that only speaks of a former role counts as expired: who holds it renews it', async () => {
  const [alice, bob] = [auth.mint('alice'), auth.mint('bob')];
  auth.revoke(alice, true);
  auth.revoke(bob);
  auth.announce();
  await until(() => told === 1);
  expect([await codeOf(alice.token), await codeOf(bob.token)]).toEqual(['token_expired', 'token_revoked']);
  expect(await codeOf(auth.mint('alice', 'viewer').token)).toBe('allowed');
});
