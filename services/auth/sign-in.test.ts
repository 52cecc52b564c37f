// Codes, refresh tokens and the rate of attempts, without rows: every state against every time.
import { expect, test } from 'bun:test';
import { createSystemRandom } from '@hakiri/substrate/random';
import { createAddressLimits } from './address-limits.ts';
import { completeConfig, readConfig } from './config.ts';
import { hashSecret, newSecret, sameSecret } from './secret.ts';
import { decideRedemption, decideRefresh, REFRESH_GRACE_MS } from './sign-in.ts';

const NOW_MS = 1_000_000;

test('[AU1.4] a code is good until it expires; an invitation also needs room in the team', () => {
  const invitation = { user: null, name: 'Bob', role: 'editor', expiresAtMs: NOW_MS + 1 } as const;
  const joining = { kind: 'joining', name: 'Bob', role: 'editor' } as const;
  expect(decideRedemption(invitation, undefined, 3, 4, NOW_MS)).toEqual(joining);
  expect(decideRedemption(invitation, 'Robert', 3, 4, NOW_MS)).toEqual({ ...joining, name: 'Robert' });
  expect(decideRedemption(invitation, undefined, 4, 4, NOW_MS)).toMatchObject({ code: 'conflict' });
  expect(decideRedemption(invitation, undefined, 3, 4, NOW_MS + 1)).toMatchObject({
    code: 'unauthenticated',
  });
  expect(decideRedemption(undefined, undefined, 3, 4, NOW_MS)).toMatchObject({ code: 'unauthenticated' });
  const returning = { ...invitation, user: 'alice' };
  expect(decideRedemption(returning, 'Eve', 4, 4, NOW_MS)).toEqual({ kind: 'returning', user: 'alice' });
});

test('[AU2.8] a refresh token renews once; a second use is seen, an expired one is not renewed', () => {
  const token = { session: 's', usedAtMs: null, usedBy: null, expiresAtMs: NOW_MS + 1 };
  expect(decideRefresh(token, 'c', false, NOW_MS)).toEqual({ kind: 'renewed', session: 's' });
  const used = { ...token, usedAtMs: 1, usedBy: 'c' };
  expect(decideRefresh(used, 'c', true, NOW_MS)).toEqual({ kind: 'reused', session: 's' });
  expect(decideRefresh(token, 'c', false, NOW_MS + 1)).toMatchObject({ code: 'token_expired' });
  expect(decideRefresh(undefined, 'c', false, NOW_MS)).toMatchObject({ code: 'unauthenticated' });
});

test('[AU2.16] a lost answer is given again for 60 s, to the same client, while nobody used it', () => {
  const usedAtMs = NOW_MS - REFRESH_GRACE_MS;
  const used = { session: 's', usedAtMs, usedBy: 'c', expiresAtMs: NOW_MS + 9 };
  const kinds = [
    decideRefresh(used, 'c', true, NOW_MS),
    decideRefresh(used, 'c', true, NOW_MS + 1),
    decideRefresh(used, 'other', true, NOW_MS),
    decideRefresh(used, 'c', false, NOW_MS),
    // From before clients were known.
    decideRefresh({ ...used, usedBy: null }, 'c', true, NOW_MS),
  ].map(({ kind }) => kind);
  expect(kinds).toEqual(['repeated', 'reused', 'reused', 'reused', 'reused']);
});

test('[AU5.2] secrets have 256 bits, are compared whatever their length, and are kept as hashes', () => {
  const secrets = new Set(Array.from({ length: 100 }, () => newSecret(createSystemRandom())));
  expect(secrets.size).toBe(100);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(sameSecret('a', 'a')).toBe(true);
  expect(sameSecret('a', 'ab')).toBe(false);
  expect(hashSecret('a')).not.toContain('a'.repeat(2));
  expect(hashSecret('a')).toHaveLength(64);
});

test('[AU5.3] an address has a burst and a rate, and the table of addresses is bounded', () => {
  const limits = createAddressLimits({ capacity: 3, perSecond: 1 }, 2);
  const attempts = (address: string, nowMs: number) =>
    Array.from({ length: 5 }, () => limits.allows(address, nowMs)).filter(Boolean).length;
  expect(attempts('a', 0)).toBe(3);
  expect(attempts('b', 0)).toBe(3);
  expect(attempts('a', 1_000)).toBe(1);
  expect(attempts('a', 500)).toBe(0);
  expect(attempts('c', 1_000)).toBe(3);
  // `b` was seen longest ago and made room: the table forgot it.
  expect(attempts('b', 1_000)).toBe(3);
});

test('[AU5.1] an owner code that could be guessed or never redeemed stops the start', () => {
  expect(() => completeConfig({ ownerCode: 'short' })).toThrow('16 to 200');
  expect(() => readConfig({ HAKIRI_OWNER_CODE: 'x'.repeat(201) })).toThrow('16 to 200');
  expect(() => readConfig({ HAKIRI_TRUST_FORWARDED_FOR: 'maybe' })).toThrow('yes, no');
  expect(readConfig({}).ownerCode).toBeUndefined();
  expect(readConfig({ HAKIRI_OWNER_CODE: 'x'.repeat(16) }).ownerCode).toBe('x'.repeat(16));
});
