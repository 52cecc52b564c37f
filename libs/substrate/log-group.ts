// What one append to a document log may hold, and its form where a group travels as one message:
// for each entry its length (u32, big endian) and its bytes.
import { concatBytes, copyBytes } from '@hakiri/base/bytes';
import {
  DocumentLogError,
  ENTRY_LIMIT_BYTES,
  GROUP_LIMIT_BYTES,
  GROUP_LIMIT_ENTRIES,
  type LogGroup,
} from './document-log.ts';

const LENGTH_BYTES = 4;

/** What leaves now. @throws DocumentLogError `too_large` */
export function entriesOf(group: LogGroup): readonly Uint8Array[] {
  const entries = typeof group === 'function' ? group() : group;
  checkGroup(entries);
  return entries;
}

function checkGroup(entries: readonly Uint8Array[]): void {
  const tooLarge = (what: string) => new DocumentLogError('too_large', `${what}: split it`);
  if (entries.length > GROUP_LIMIT_ENTRIES)
    throw tooLarge(`a group of ${entries.length} entries; at most ${GROUP_LIMIT_ENTRIES}`);
  let total = 0;
  for (const entry of entries) {
    total += entry.length;
    if (entry.length > ENTRY_LIMIT_BYTES)
      throw tooLarge(`an entry of ${entry.length} bytes; at most ${ENTRY_LIMIT_BYTES}`);
  }
  if (total > GROUP_LIMIT_BYTES) throw tooLarge(`a group of ${total} bytes; at most ${GROUP_LIMIT_BYTES}`);
}

export function encodeGroup(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    entries.flatMap((entry) => {
      const length = new Uint8Array(LENGTH_BYTES);
      new DataView(length.buffer).setUint32(0, entry.length);
      return [length, entry];
    }),
  );
}

/** @throws DocumentLogError `unavailable` when the bytes are not a group: the store is damaged. */
export function decodeGroup(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at + LENGTH_BYTES;
    const end = start <= bytes.length ? start + view.getUint32(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length)
      throw new DocumentLogError('unavailable', 'a group of the document log is cut off');
    entries.push(copyBytes(bytes.subarray(start, end)));
    at = end;
  }
  return entries;
}
