// Tokens and decisions about them: what a role may do, what a wrong token gets, what a narrowed one loses.
import { describe, expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import type { KeySet } from '@hakiri/contracts/auth';
import { ACTIONS, ROLE_ACTIONS, type TokenRole } from '@hakiri/contracts/roles';
import { createAuthority } from './authority.ts';
import { biscuit } from './biscuit.ts';
import { generateKeyPair } from './keys.ts';
import type { Restrictions } from './narrowing.ts';
import { AttenuationError, attenuate, mintToken } from './token.ts';
import { TOKEN_LIMIT_CHARS } from './verify.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const pair = generateKeyPair();
const keys: KeySet = { keys: [{ id: 7, algorithm: 'ed25519', publicKey: pair.publicKey }] };
const ROLES: TokenRole[] = ['viewer', 'editor', 'applier', 'admin', 'owner', 'node'];

function mint(facts: Partial<Parameters<typeof mintToken>[2]> = {}, key = pair.privateKey, keyId = 7) {
  return mintToken(key, keyId, {
    user: 'alice',
    name: 'Alice "A"',
    team: 'default',
    role: 'owner',
    issuedAtMs: NOW_MS,
    expiresAtMs: NOW_MS + HOUR_MS,
    ...facts,
  });
}

function authority(over: Partial<Parameters<typeof createAuthority>[0]> = {}) {
  return createAuthority({ keys: () => keys, isRevoked: () => false, nowMs: () => NOW_MS, ...over });
}

function codeOf(decision: ReturnType<ReturnType<typeof authority>['decide']>): string {
  return decision.kind === 'allowed' ? 'allowed' : decision.code;
}

test('[AU2.1] a token carries user, name, team, role and expiry, and verifies with the public key alone', () => {
  const minted = mint({ expiresAtMs: NOW_MS + HOUR_MS + 999 });
  const decision = authority().identify(minted.token);
  expect(decision).toEqual({
    kind: 'allowed',
    principal: {
      user: 'alice',
      name: 'Alice "A"',
      team: 'default',
      role: 'owner',
      expiresAtMs: NOW_MS + HOUR_MS,
      revocationIds: [minted.revocationId],
    },
  });
});

test('[AU1.1] every role may do exactly what roles.ts lists, and nothing else', () => {
  for (const role of ROLES) {
    const { token } = mint({ role });
    const may = ACTIONS.filter((action) => authority().decide(token, { action }).kind === 'allowed');
    expect(new Set<string>(may)).toEqual(new Set<string>(ROLE_ACTIONS[role]));
  }
});

describe('[AU2.2] each kind of wrong token gets its own code', () => {
  const { token, revocationId } = mint();
  const read = { action: 'doc.read' } as const;

  test('[AU2.2] garbled, cut, altered and oversized tokens are unauthenticated', () => {
    const altered = `${token.slice(0, 60)}${token[60] === 'A' ? 'B' : 'A'}${token.slice(61)}`;
    for (const wrong of [
      '',
      ' ',
      'abc',
      '{}',
      token.slice(0, -8),
      altered,
      `${token}AAAA`,
      'x'.repeat(TOKEN_LIMIT_CHARS + 1),
    ]) {
      expect(codeOf(authority().decide(wrong, read))).toBe('unauthenticated');
    }
  });

  test('[AU2.2] a token of another key is unauthenticated, under a known id as under an unknown one', () => {
    const stranger = generateKeyPair().privateKey;
    let asked = 0;
    const asking = authority({ onUnknownKey: () => asked++ });
    expect(codeOf(asking.decide(mint({}, stranger, 7).token, read))).toBe('unauthenticated');
    expect(asked).toBe(0);
    expect(codeOf(asking.decide(mint({}, stranger, 8).token, read))).toBe('unauthenticated');
    expect(asked).toBe(1);
  });

  test('[AU2.2] without keys nothing is decided but that it is unavailable', () => {
    expect(codeOf(authority({ keys: () => ({ keys: [] }) }).decide(token, read))).toBe('unavailable');
  });

  test('[AU2.2] an expired token is token_expired from its very second on, also when it was verified before', () => {
    let nowMs = NOW_MS;
    const clocked = authority({ nowMs: () => nowMs });
    expect(codeOf(clocked.decide(token, read))).toBe('allowed');
    nowMs = NOW_MS + HOUR_MS - 1;
    expect(codeOf(clocked.decide(token, read))).toBe('allowed');
    nowMs = NOW_MS + HOUR_MS;
    expect(codeOf(clocked.decide(token, read))).toBe('token_expired');
  });

  test('[AU2.2] a revoked token is token_revoked, also when it was verified before and when only narrowed from it', () => {
    const revoked = new Set<string>();
    const checking = authority({ isRevoked: (id) => revoked.has(id) });
    const narrowed = attenuate(token, keys, { actions: ['doc.read'] });
    expect(codeOf(checking.decide(narrowed, read))).toBe('allowed');
    revoked.add(revocationId);
    expect(codeOf(checking.decide(token, read))).toBe('token_revoked');
    expect(codeOf(checking.decide(narrowed, read))).toBe('token_revoked');
  });

  test('[AU2.2] a token of another team is denied where the request names the team', () => {
    expect(codeOf(authority().decide(token, { ...read, team: 'default' }))).toBe('allowed');
    expect(codeOf(authority().decide(token, { ...read, team: 'other' }))).toBe('denied');
  });
});

test('[AU2.3] a key that left the key set stops counting at once, also for tokens verified before', () => {
  let current = keys;
  const rotating = authority({ keys: () => current });
  const { token } = mint();
  expect(codeOf(rotating.decide(token, { action: 'doc.read' }))).toBe('allowed');
  current = { keys: [{ id: 8, algorithm: 'ed25519', publicKey: generateKeyPair().publicKey }] };
  expect(codeOf(rotating.decide(token, { action: 'doc.read' }))).toBe('unauthenticated');
});

describe('[AU2.4] a holder narrows a token offline', () => {
  const { token } = mint();

  test('[AU2.4] to some actions, to some pipelines, to a time; all narrowings count together', () => {
    const narrow = attenuate(attenuate(token, keys, { actions: ['doc.read', 'runs.read'] }), keys, {
      pipelines: ['gh-issues'],
      expiresAtMs: NOW_MS + 60_000,
    });
    const decide = authority().decide;
    expect(codeOf(decide(narrow, { action: 'doc.read', pipeline: 'gh-issues' }))).toBe('allowed');
    expect(codeOf(decide(narrow, { action: 'doc.read', pipeline: 'other' }))).toBe('denied');
    expect(codeOf(decide(narrow, { action: 'doc.read' }))).toBe('denied');
    expect(codeOf(decide(narrow, { action: 'doc.write', pipeline: 'gh-issues' }))).toBe('denied');
    const later = authority({ nowMs: () => NOW_MS + 60_000 }).decide;
    expect(codeOf(later(narrow, { action: 'doc.read', pipeline: 'gh-issues' }))).toBe('token_expired');
    expect(codeOf(later(token, { action: 'doc.read' }))).toBe('allowed');
  });

  test('[AU2.4] the principal of a narrowed token expires when the narrowing says so', () => {
    const narrow = attenuate(token, keys, { expiresAtMs: NOW_MS + 5_000 });
    const decision = authority().identify(narrow);
    expect(decision.kind === 'allowed' && decision.principal.expiresAtMs).toBe(NOW_MS + 5_000);
  });

  test('[AU2.4] the principal of a narrowed token names the pipelines that every narrowing leaves', () => {
    const pipelinesOf = (text: string) => {
      const decision = authority().identify(text);
      return decision.kind === 'allowed' && decision.principal.pipelines;
    };
    const two = attenuate(token, keys, { pipelines: ['a', 'b'], actions: ['doc.read'] });
    expect(pipelinesOf(token)).toBeUndefined();
    expect(pipelinesOf(two)).toEqual(['a', 'b']);
    expect(pipelinesOf(attenuate(two, keys, { pipelines: ['b', 'c'] }))).toEqual(['b']);
    expect(pipelinesOf(attenuate(two, keys, { pipelines: ['c'] }))).toEqual([]);
  });

  test('[AU2.4] a narrowing that says nothing, or nothing that can be checked, is refused to the holder', () => {
    for (const empty of [
      {},
      { actions: [] },
      { pipelines: [] },
      { pipelines: ['a b'] },
      { pipelines: ['"}'] },
    ]) {
      expect(() => attenuate(token, keys, empty)).toThrow(AttenuationError);
    }
    expect(() => attenuate('garbled', keys, { actions: ['doc.read'] })).toThrow(AttenuationError);
    const many = Array.from({ length: 1_000 }, (_, index) => `pipeline-${index}`);
    expect(() => attenuate(token, keys, { pipelines: many })).toThrow(AttenuationError);
  });
});

test('[AU2.5] whatever narrowings are stacked, never is more allowed than before', () => {
  const prng = createPrng(20_260_301);
  const pipelines = ['a', 'b', 'c'];
  const times = [NOW_MS + 20_000, NOW_MS + 60_000, NOW_MS + HOUR_MS];
  let allowed = 0;
  const some = <T>(items: readonly T[]): T[] => items.filter(() => prng.next() < 0.6);
  for (let round = 0; round < 60; round++) {
    let holder = mint({ role: prng.pick(ROLES) }).token;
    for (let depth = 0; depth < 3; depth++) {
      const restrictions: Restrictions = {
        ...(prng.next() < 0.6 ? { actions: [prng.pick(ACTIONS), ...some(ACTIONS)] } : {}),
        ...(prng.next() < 0.4 ? { pipelines: [prng.pick(pipelines), ...some(pipelines)] } : {}),
        expiresAtMs: prng.pick(times),
      };
      const narrower = attenuate(holder, keys, restrictions);
      const nowMs = NOW_MS + prng.below(60_000);
      const { decide } = authority({ nowMs: () => nowMs });
      for (const action of ACTIONS) {
        for (const access of [{ action }, { action, pipeline: prng.pick(pipelines) }]) {
          if (decide(narrower, access).kind === 'denied') continue;
          allowed += 1;
          expect(decide(holder, access).kind).toBe('allowed');
        }
      }
      holder = narrower;
    }
  }
  expect(allowed).toBeGreaterThan(50);
});

test('[AU2.6] a block that says anything but the known checks makes the token invalid: no role by one’s own word', () => {
  const { token } = mint({ role: 'viewer' });
  const publicKey = biscuit.PublicKey.fromString(pair.publicKey, biscuit.SignatureAlgorithm.Ed25519);
  const holder = biscuit.Biscuit.fromBase64(token, publicKey);
  const blocks = [
    'role("owner");',
    'user("bob"); name("Bob"); team("other"); role("owner"); expires(2040-01-01T00:00:00Z);',
    'role("owner") <- role("viewer");',
    'check if time($a), time($b), time($c), time($d);',
    'check if true; right("x");',
    'check if action($x), {"no.such.action"}.contains($x);',
  ];
  for (const source of blocks) {
    const block = new biscuit.BlockBuilder();
    block.addCode(source);
    const forged = holder.appendBlock(block).toBase64();
    expect(codeOf(authority().decide(forged, { action: 'doc.read' }))).toBe('unauthenticated');
  }
});

test('[AU2.7] a thousand corrupted tokens are refused, and the next good one still works', () => {
  const prng = createPrng(7);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const { token } = mint();
  const whole = authority();
  for (let round = 0; round < 1_000; round++) {
    const chars = [...token];
    // The first four characters hold the key id, which is a hint and not signed.
    for (let hit = 0; hit <= prng.below(4); hit++)
      chars[4 + prng.below(chars.length - 4)] = prng.pick([...alphabet]);
    const corrupted = prng.next() < 0.2 ? chars.slice(0, prng.below(chars.length)).join('') : chars.join('');
    if (corrupted === token) continue;
    expect(codeOf(whole.decide(corrupted, { action: 'doc.read' }))).toBe('unauthenticated');
  }
  expect(codeOf(whole.decide(token, { action: 'doc.read' }))).toBe('allowed');
});

test('[AU2.14] asking again costs no memory, and ends with the token all the same', () => {
  let nowMs = NOW_MS;
  const revoked = new Set<string>();
  const { token, revocationId } = mint({ role: 'editor' });
  const one = authority({ nowMs: () => nowMs, isRevoked: (id) => revoked.has(id) });
  const ask = () => codeOf(one.decide(token, { action: 'doc.write', team: 'default' }));
  expect(ask()).toBe('allowed');
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 2_000; round++) expect(ask()).toBe('allowed');
  // Without, it is more than 30 MiB.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20);
  expect(codeOf(one.decide(token, { action: 'manifest.apply', team: 'default' }))).toBe('denied');
  revoked.add(revocationId);
  expect(ask()).toBe('token_revoked');
  revoked.clear();
  nowMs += HOUR_MS;
  expect(ask()).toBe('token_expired');
});

test('[AU2.19] a machine that stalls denies nobody', () => {
  const { token } = mint();
  const { decide } = authority();
  const { now } = performance;
  let stalledMs = 0;
  performance.now = () => {
    stalledMs += 10_000;
    return now.call(performance) + stalledMs;
  };
  try {
    expect(codeOf(decide(token, { action: 'doc.read' }))).toBe('allowed');
    expect(stalledMs).toBeGreaterThan(10_000);
  } finally {
    performance.now = now;
  }
});
