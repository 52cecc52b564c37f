// The digest of bytes as revisions have it, made piece by piece: nobody waits for the whole of something large, and nothing of it is
// copied, as Web Crypto would first.

/** Bytes that are hashed between two looks at the clock. */
const BYTES_AT_ONCE = 256 * 1024;

export function* digestOfBytes(bytes: Uint8Array): Generator<undefined, string> {
  const hash = new Bun.CryptoHasher('sha256');
  for (let at = 0; at < bytes.length; at += BYTES_AT_ONCE) {
    hash.update(bytes.subarray(at, at + BYTES_AT_ONCE));
    yield;
  }
  return `sha256:${hash.digest('hex')}`;
}
