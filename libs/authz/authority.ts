// Decides: may this token do that? With public keys alone, default deny. The costly part, verifying a signature and running the
// policy, is remembered for a bounded number of tokens; keys, revocations and expiry are asked every time.
import { createHash } from 'node:crypto';
import type { KeySet } from '@hakiri/contracts/auth';
import { isAllowed } from './policy.ts';
import type { Access, Decision, DenialCode, Principal } from './principal.ts';
import { TOKEN_LIMIT_CHARS, type Verified, verifyToken } from './verify.ts';

const VERIFIED_LIMIT_TOKENS = 16_384;

export type AuthorityOptions = {
  keys: () => KeySet;
  isRevoked: (revocationId: string) => boolean;
  nowMs: () => number;
  /** A token names a key that is not in `keys`: perhaps a new one. */
  onUnknownKey?: () => void;
};

export type Authority = {
  /** Who holds the token, whatever it may do. */
  identify(token: string): Decision;
  decide(token: string, access: Access): Decision;
};

/** What the policy allowed it on its team's whole. What a token says is fixed; all that time ends of it is its expiry. */
type Remembered = Verified & { allowed: Set<Access['action']> };

export function createAuthority(options: AuthorityOptions): Authority {
  const remembered = createVerifiedCache(VERIFIED_LIMIT_TOKENS);

  function verify(token: string): Remembered | Decision {
    const keys = options.keys();
    if (keys.keys.length === 0)
      return deny('unavailable', 'The keys of auth are not here yet. Try again shortly.');
    if (token.length > TOKEN_LIMIT_CHARS)
      return deny('unauthenticated', 'The token is too long. Sign in again.');
    const hash = createHash('sha256').update(token).digest('base64');
    const known = remembered.get(hash);
    if (known !== undefined) {
      if (keys.keys.some((key) => key.publicKey === known.publicKey)) return known;
      remembered.delete(hash);
    }
    const verified = verifyToken(token, keys);
    switch (verified.kind) {
      case 'verified': {
        const entry = { ...verified, allowed: new Set<Access['action']>() };
        remembered.set(hash, entry);
        return entry;
      }
      case 'unknown_key':
        options.onUnknownKey?.();
        return deny(
          'unauthenticated',
          'The token is signed with a key that is not known here. Sign in again.',
        );
      case 'invalid':
        return deny('unauthenticated', `The token is not valid: ${verified.reason}. Sign in again.`);
    }
  }

  function authenticate(token: string): Remembered | Decision {
    const verified = verify(token);
    if (verified.kind !== 'verified') return verified;
    const { principal } = verified;
    if (principal.revocationIds.some(options.isRevoked)) {
      return deny('token_revoked', 'The token was revoked. Sign in again.', principal);
    }
    if (options.nowMs() >= principal.expiresAtMs) {
      return deny('token_expired', 'The token has expired. Refresh it, or sign in again.', principal);
    }
    return verified;
  }

  /** The module keeps some 20 KiB of every run for good, so the same is not asked twice. */
  function mayDo({ token, allowed }: Remembered, access: Access): boolean {
    if (access.pipeline === undefined && allowed.has(access.action)) return true;
    const may = isAllowed(token, access, options.nowMs());
    if (may && access.pipeline === undefined) allowed.add(access.action);
    return may;
  }

  return {
    identify: (token) => {
      const verified = authenticate(token);
      return verified.kind === 'verified' ? { kind: 'allowed', principal: verified.principal } : verified;
    },

    decide: (token, access) => {
      const verified = authenticate(token);
      if (verified.kind !== 'verified') return verified;
      const { principal } = verified;
      if (access.team !== undefined && access.team !== principal.team) {
        return deny('denied', `The token is of another team than "${access.team}".`, principal);
      }
      if (mayDo(verified, access)) return { kind: 'allowed', principal };
      const to = access.pipeline === undefined ? '' : ` on the pipeline "${access.pipeline}"`;
      const detail = `This token (role ${principal.role}) may not do ${access.action}${to}. Ask an owner for a role that may.`;
      return deny('denied', detail, principal);
    },
  };
}

function deny(code: DenialCode, detail: string, principal?: Principal): Decision {
  return { kind: 'denied', code, detail, ...(principal ? { principal } : {}) };
}

/** Least recently used first out; what leaves gives its memory in the module back. */
function createVerifiedCache(limit: number) {
  const entries = new Map<string, Remembered>();
  const drop = (hash: string): void => {
    entries.get(hash)?.token.free();
    entries.delete(hash);
  };
  return {
    get: (hash: string): Remembered | undefined => {
      const entry = entries.get(hash);
      if (entry === undefined) return undefined;
      entries.delete(hash);
      entries.set(hash, entry);
      return entry;
    },
    set: (hash: string, entry: Remembered): void => {
      entries.set(hash, entry);
      const [oldest] = entries.keys();
      if (entries.size > limit && oldest !== undefined) drop(oldest);
    },
    delete: drop,
  };
}
