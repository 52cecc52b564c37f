// Verifies a token with public keys alone and reads who it speaks for. Says nothing about what they may do: policy.ts does.
import type { Biscuit } from '@biscuit-auth/biscuit-wasm';
import type { KeySet } from '@hakiri/contracts/auth';
import { ROLE_ACTIONS, type TokenRole } from '@hakiri/contracts/roles';
import { biscuit } from './biscuit.ts';
import { bothNarrowings, NOT_NARROWED, readNarrowing } from './narrowing.ts';
import type { Principal } from './principal.ts';

/** A token of ours has some 450 characters; the rest is for narrowings. */
export const TOKEN_LIMIT_CHARS = 8_192;
/** The authority block and the narrowings after it. */
const BLOCKS_LIMIT = 8;
/**
 * Facts and iterations bound the work, as the shape of a narrowing does. The time is that of a clock on the wall: where a machine
 * stalls it runs out without any work, and whoever asks would be denied. So it is as long as no stall is.
 */
export const DATALOG_LIMITS = { max_facts: 256, max_iterations: 32, max_time_micro: 600_000_000 };

export type { Biscuit };
export type Verified = { kind: 'verified'; token: Biscuit; principal: Principal; publicKey: string };
export type Verification =
  | Verified
  | { kind: 'unknown_key'; keyId: number | undefined }
  | { kind: 'invalid'; reason: string };

export function verifyToken(token: string, keys: KeySet): Verification {
  if (token.length > TOKEN_LIMIT_CHARS || !/^[A-Za-z0-9_=-]+$/.test(token)) {
    return { kind: 'invalid', reason: 'it is not a token' };
  }
  let keyId: number | undefined;
  let known: string | undefined;
  // The module hands over the id and takes the key it gets for good. It must get one even for an unknown id: a provider that
  // throws makes it panic. Nothing can be signed with the throwaway.
  const provide = (id: unknown) => {
    keyId = typeof id === 'number' ? id : undefined;
    known = keys.keys.find((key) => key.id === keyId)?.publicKey;
    return known === undefined ? throwawayKey() : publicKeyOf(known);
  };
  let opened: Biscuit;
  try {
    opened = biscuit.Biscuit.fromBase64WithProvider(token, provide);
  } catch {
    if (keyId !== undefined && known === undefined) return { kind: 'unknown_key', keyId };
    return { kind: 'invalid', reason: 'its signature or its form is wrong' };
  }
  const principal = known === undefined ? undefined : readPrincipal(opened);
  if (principal !== undefined && known !== undefined) {
    return { kind: 'verified', token: opened, principal, publicKey: known };
  }
  opened.free();
  return { kind: 'invalid', reason: 'it says something that this server does not understand' };
}

function publicKeyOf(hex: string) {
  return biscuit.PublicKey.fromString(hex, biscuit.SignatureAlgorithm.Ed25519);
}

function throwawayKey() {
  return new biscuit.KeyPair(biscuit.SignatureAlgorithm.Ed25519).getPublicKey();
}

function readPrincipal(token: Biscuit): Principal | undefined {
  const blocks = token.countBlocks();
  if (blocks > BLOCKS_LIMIT) return undefined;
  const facts = readFacts(token);
  if (facts === undefined) return undefined;
  let narrowing = { ...NOT_NARROWED, expiresAtMs: facts.expiresAtMs };
  for (let block = 1; block < blocks; block++) {
    const further = readNarrowing(token.getBlockSource(block));
    if (further === undefined) return undefined;
    narrowing = bothNarrowings(narrowing, further);
  }
  const { expiresAtMs, pipelines } = narrowing;
  const revocationIds = token.getRevocationIdentifiers().map(String);
  return {
    ...facts,
    expiresAtMs,
    ...(expiresAtMs < facts.expiresAtMs ? { narrowedUntilMs: expiresAtMs } : {}),
    ...(pipelines ? { pipelines } : {}),
    revocationIds,
  };
}

function readFacts(token: Biscuit): Omit<Principal, 'revocationIds'> | undefined {
  using authorizer = new biscuit.AuthorizerBuilder().buildAuthenticated(token);
  // A rule of the verifier sees the facts of the authority block only, whatever a narrowing adds.
  const rule = biscuit.Rule.fromString(
    'who($user, $name, $team, $role, $expires) <- user($user), name($name), team($team), role($role), expires($expires)',
  );
  let found: unknown[];
  try {
    found = authorizer.queryWithLimits(rule, DATALOG_LIMITS).map((fact) => fact.terms());
  } catch {
    return undefined;
  }
  const [terms] = found;
  if (found.length !== 1 || !Array.isArray(terms)) return undefined;
  const [user, name, team, role, expires]: unknown[] = terms;
  if (typeof user !== 'string' || typeof name !== 'string' || typeof team !== 'string') return undefined;
  if (typeof role !== 'string' || !isTokenRole(role) || !(expires instanceof Date)) return undefined;
  return { user, name, team, role, expiresAtMs: expires.getTime() };
}

function isTokenRole(role: string): role is TokenRole {
  return Object.hasOwn(ROLE_ACTIONS, role);
}
