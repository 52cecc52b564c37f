// What a daemon may believe of a manifest that somebody hands it. Pure: what is known and what came in, what to think of it out.
import { utf8 } from '@hakiri/base/bytes';
import type { SignedManifest, SigningKey } from '@hakiri/contracts/delivery';
import { digestOf } from '@hakiri/manifest/digest';
import { isSignedBy, statementOf } from '@hakiri/manifest/signature';

/** What a daemon has taken over: the manifest with the proof that it is one. */
export type VerifiedManifest = { signed: SignedManifest; toml: string };

export type RefusalCode =
  | 'unsigned'
  | 'other_team'
  | 'unknown_key'
  | 'wrong_signature'
  | 'wrong_digest'
  | 'older'
  | 'rewritten'
  | 'superseded_key';
export type Verdict = { kind: 'verified' } | { kind: 'refused'; code: RefusalCode; detail: string };

/**
 * `keys`: those that are believed, oldest first. `last`: what was taken over before; nothing below it, nothing else at its
 * place, and nothing signed with an older key is believed after it.
 */
export async function verifyManifest(
  { signed, toml }: { signed: SignedManifest | undefined; toml: string },
  believed: { keys: readonly SigningKey[]; team?: string | undefined; last?: SignedManifest | undefined },
): Promise<Verdict> {
  if (signed === undefined)
    return refused('unsigned', 'The manifest has no signature. Apply anything, and the next one has.');
  const { keys, team, last } = believed;
  const { label, sequence, digest, signature } = signed;
  if (team !== undefined && signed.team !== team)
    return refused('other_team', `${label} is of the team ${signed.team}, and not of ${team}.`);
  const place = keys.findIndex(({ kid }) => kid === signature.key);
  const key = keys[place];
  if (!key)
    return refused('unknown_key', `${label} is signed with the key ${signature.key}, which is not known.`);
  if (!(await isSignedBy(key.x, statementOf(signed), signature.value)))
    return refused('wrong_signature', `The signature of ${label} is wrong.`);
  if ((await digestOf(utf8(toml))) !== digest)
    return refused('wrong_digest', `The bytes of ${label} are not those that were signed.`);
  if (last === undefined) return { kind: 'verified' };
  if (sequence < last.sequence) return refused('older', `${label} is older than ${last.label}, which runs.`);
  if (sequence === last.sequence && (digest !== last.digest || label !== last.label))
    return refused('rewritten', `${label} is something else than it was.`);
  if (place < keys.findIndex(({ kid }) => kid === last.signature.key))
    return refused('superseded_key', `${label} is signed with a key that was replaced before it.`);
  return { kind: 'verified' };
}

function refused(code: RefusalCode, detail: string): Verdict {
  return { kind: 'refused', code, detail };
}
