// Signing keys as hexadecimal text: what auth stores and what everyone verifies with.
import { biscuit } from './biscuit.ts';

export type SigningKeyPair = { publicKey: string; privateKey: string };

/** A new Ed25519 pair from the system's randomness. */
export function generateKeyPair(): SigningKeyPair {
  using pair = new biscuit.KeyPair(biscuit.SignatureAlgorithm.Ed25519);
  using publicKey = pair.getPublicKey();
  using privateKey = pair.getPrivateKey();
  return { publicKey: withoutAlgorithm(publicKey.toString()), privateKey: privateKey.toString() };
}

/** `ed25519/<hex>` to the hex that KeySet carries. */
function withoutAlgorithm(text: string): string {
  return text.slice(text.indexOf('/') + 1);
}
