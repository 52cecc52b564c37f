// What a version of a file is told apart by: SHA-256 of its bytes, taken where they lie, as Web Crypto copies them first.

export function contentTag(bytes: Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
}
