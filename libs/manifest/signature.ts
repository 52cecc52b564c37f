// Signatures of manifests: what exactly is signed, and what a reader may believe. Web Crypto, so it runs in browsers too.
import { fromBase64Url, toBase64Url, utf8 } from '@hakiri/base/bytes';
import { canonicalJson } from '@hakiri/base/json';
import { type ManifestFacts, SignedManifest, type SigningKey } from '@hakiri/contracts/delivery';
import { checker } from './checker.ts';

const ALGORITHM = 'Ed25519';
const signed = checker(SignedManifest);

/** The text that is signed for a manifest. It names all that a reader relies on, so nothing signed passes for something else. */
export function statementOf({ team, label, sequence, digest, runtimeDigest }: ManifestFacts): string {
  return canonicalJson({ type: 'hakiri.manifest.v1', team, label, sequence, digest, runtimeDigest });
}

/** The text with which a key speaks for the one that follows it. */
export function endorsementOf({ kid, x, signsFrom }: Pick<SigningKey, 'kid' | 'x' | 'signsFrom'>): string {
  return canonicalJson({ type: 'hakiri.key.v1', kid, x, signsFrom });
}

/** RFC 7638, of a public key as base64url. */
export async function keyIdOf(x: string): Promise<string> {
  const thumbprint = utf8(canonicalJson({ crv: ALGORITHM, kty: 'OKP', x }));
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', thumbprint.slice())));
}

/** A new pair: the public key as in a JWK, the private one as PKCS #8, both base64url. */
export async function generateSigningPair(): Promise<{ x: string; privateKey: string }> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const [publicKey, privateKey] = await Promise.all([
    crypto.subtle.exportKey('raw', pair.publicKey),
    crypto.subtle.exportKey('pkcs8', pair.privateKey),
  ]);
  return { x: toBase64Url(new Uint8Array(publicKey)), privateKey: toBase64Url(new Uint8Array(privateKey)) };
}

/** @throws TypeError when `privateKey` is none of generateSigningPair. */
export async function signText(privateKey: string, text: string): Promise<string> {
  const bytes = fromBase64Url(privateKey);
  if (bytes === undefined) throw new TypeError('not a private key');
  const key = await crypto.subtle.importKey('pkcs8', bytes.slice(), ALGORITHM, false, ['sign']);
  return toBase64Url(new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, utf8(text).slice())));
}

/** False for whatever is not a signature of `text` with that key. */
export async function isSignedBy(x: string, text: string, value: string): Promise<boolean> {
  const [publicKey, signature] = [fromBase64Url(x), fromBase64Url(value)];
  if (publicKey === undefined || signature === undefined) return false;
  try {
    const key = await crypto.subtle.importKey('raw', publicKey.slice(), ALGORITHM, false, ['verify']);
    return await crypto.subtle.verify(ALGORITHM, key, signature.slice(), utf8(text).slice());
  } catch {
    return false;
  }
}

/**
 * What may be believed of `offered` by who believes `pinned`: those keys, and each that one of them, or one so believed,
 * endorses. Whoever merely serves a key set can add nothing. Oldest first; a pinned key keeps what was pinned.
 */
export async function trustedKeys(
  pinned: readonly SigningKey[],
  offered: readonly SigningKey[],
): Promise<SigningKey[]> {
  const trusted = new Map(pinned.map((key) => [key.kid, key]));
  for (const key of [...offered].sort(bySignsFrom)) {
    if (trusted.has(key.kid)) continue;
    const { endorsement, kid, x } = key;
    const by = endorsement && trusted.get(endorsement.key);
    if (!by || by.signsFrom > key.signsFrom || (await keyIdOf(x)) !== kid) continue;
    if (await isSignedBy(by.x, endorsementOf(key), endorsement.value)) trusted.set(kid, key);
  }
  return [...trusted.values()].sort(bySignsFrom);
}

/** Of a `.sig` blob or the header. Undefined when it is none. */
export function readSignedManifest(text: string): SignedManifest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return signed.accepts(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function encodeSignedManifest({ signature, ...facts }: SignedManifest): string {
  const { team, label, sequence, digest, runtimeDigest } = facts;
  const { key, value } = signature;
  return JSON.stringify({ team, label, sequence, digest, runtimeDigest, signature: { key, value } });
}

function bySignsFrom(a: SigningKey, b: SigningKey): number {
  return a.signsFrom < b.signsFrom ? -1 : a.signsFrom > b.signsFrom ? 1 : 0;
}
