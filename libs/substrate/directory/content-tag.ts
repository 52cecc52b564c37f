// What a version of a file is told apart by: SHA-256 of its bytes, taken where they lie, as Web Crypto copies them first; in
// pieces, so that nobody waits for the whole of a large one.
import { nextTurn } from '../next-turn.ts';

/** About a millisecond's. */
const PIECE_BYTES = 1024 * 1024;

export async function contentTag(bytes: Uint8Array): Promise<string> {
  const hash = new Bun.CryptoHasher('sha256');
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    if (at > 0) await new Promise<void>(nextTurn);
    hash.update(bytes.subarray(at, at + PIECE_BYTES));
  }
  return hash.digest('hex');
}
