// Which updates of different senders Loro may take in together, at a third of what they cost one by one, so that nobody can tell
// the difference.
import { SCHEMA_VERSION_FIELD } from '@hakiri/config-doc/schema';
import type { UpdateClaim } from './claims.ts';
import type { Scanned } from './intake.ts';
import type { Input } from './protocol.ts';

/** An update that would be taken in if it came alone. */
export type Member = Scanned & { claim: UpdateClaim; input: Input<'update'> };

/** What is taken in together takes the memory and time of one update: large ones go by themselves. */
const TOGETHER_BYTES = 64 * 1024;
const TOGETHER_COUNT = 64;

export function fits({ update, scan }: Member, others: readonly Member[]): boolean {
  if (others.length >= TOGETHER_COUNT) return false;
  let bytes = update.length;
  for (const other of others) {
    bytes += other.update.length;
    // One that builds on what comes behind it is refused when it comes alone.
    if (other.scan.last > scan.first) return false;
    // Of a peer that has two nobody could say which of them waits.
    for (const peer of scan.ends.keys()) if (other.scan.ends.has(peer)) return false;
  }
  return bytes <= TOGETHER_BYTES;
}

/** Whether it may write the schema version, which the server puts right. Loro writes names as they are. */
export function mentionsSchema(update: Uint8Array): boolean {
  return Buffer.from(update.buffer, update.byteOffset, update.length).includes(SCHEMA_VERSION_FIELD);
}
