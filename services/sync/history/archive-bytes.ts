// What an archive holds: a Loro snapshot to begin with, and one update with everything after it. Not one full snapshot: this is half
// the size, takes no full export, and a document at any version between its two ends can be made from it.
import { concatBytes } from '@hakiri/base/bytes';

export type Archive = {
  /** Shallow, at the archive's root; or with all history, in the first archive of a document. */
  root: Uint8Array;
  /** Empty when nothing was written since the root. */
  update: Uint8Array;
};

export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

const FORMAT = 1;
const HEADER_BYTES = 1 + 4;

export function encodeArchive({ root, update }: Archive): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = FORMAT;
  new DataView(header.buffer).setUint32(1, root.length);
  return concatBytes([header, root, update]);
}

/** @throws ArchiveError when it was not written by `encodeArchive`: it is damaged, or newer than this code. */
export function decodeArchive(bytes: Uint8Array): Archive {
  if (bytes[0] !== FORMAT || bytes.length < HEADER_BYTES)
    throw new ArchiveError(`an archive of format ${bytes[0]} cannot be read`);
  const rootBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  if (HEADER_BYTES + rootBytes > bytes.length) throw new ArchiveError('an archive ends too early');
  const updateAt = HEADER_BYTES + rootBytes;
  return { root: bytes.subarray(HEADER_BYTES, updateAt), update: bytes.subarray(updateAt) };
}
