// Makes tokens: minted by auth with a private key, narrowed offline by whoever holds one.
import type { KeySet } from '@hakiri/contracts/auth';
import type { TokenRole } from '@hakiri/contracts/roles';
import { biscuit } from './biscuit.ts';
import { dateTerm, type Restrictions, readNarrowing, wholeSeconds, writeNarrowing } from './narrowing.ts';
import { TOKEN_LIMIT_CHARS, verifyToken } from './verify.ts';

export type TokenFacts = {
  user: string;
  name: string;
  team: string;
  role: TokenRole;
  issuedAtMs: number;
  /** Whole seconds: rounded down. */
  expiresAtMs: number;
};
export type MintedToken = { token: string; revocationId: string; expiresAtMs: number };

const MINTED = `
  user({user}); name({name}); team({team}); role({role}); issued({issued}); expires({expires});
  check if time($t), $t < {expires};
`;

export function mintToken(privateKey: string, keyId: number, facts: TokenFacts): MintedToken {
  const { user, name, team, role } = facts;
  const issued = dateTerm(facts.issuedAtMs);
  const expires = dateTerm(facts.expiresAtMs);
  const builder = new biscuit.BiscuitBuilder();
  builder.addCodeWithParameters(MINTED, { user, name, team, role, issued, expires }, {});
  builder.setRootKeyId(keyId);
  using key = biscuit.PrivateKey.fromString(privateKey);
  using token = builder.build(key);
  const [revocationId] = token.getRevocationIdentifiers();
  return { token: token.toBase64(), revocationId, expiresAtMs: wholeSeconds(facts.expiresAtMs) };
}

export class AttenuationError extends Error {
  override readonly name = 'AttenuationError';
}

/**
 * A narrower token, made without asking anyone: the public keys (GET /v1/auth/keys, or kept from before) are enough.
 * @throws AttenuationError when the token does not verify, or a restriction is empty or cannot be checked.
 */
export function attenuate(token: string, keys: KeySet, restrictions: Restrictions): string {
  const verified = verifyToken(token, keys);
  if (verified.kind !== 'verified') throw new AttenuationError('The token does not verify with these keys.');
  using holder = verified.token;
  using block = writeNarrowing(restrictions);
  if (readNarrowing(block.toString()) === undefined) {
    throw new AttenuationError('Name the actions, the pipeline ids or the expiry to narrow the token to.');
  }
  using narrowed = holder.appendBlock(block);
  const text = narrowed.toBase64();
  if (text.length > TOKEN_LIMIT_CHARS) {
    throw new AttenuationError(`The narrowed token would be longer than ${TOKEN_LIMIT_CHARS} characters.`);
  }
  return text;
}
