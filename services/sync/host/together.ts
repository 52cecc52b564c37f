// Which updates of different senders Loro may take in together, at a part of what they cost one by one, so that nobody can tell
// the difference.
import { SCHEMA_VERSION_FIELD } from '@hakiri/config-doc/shape';
import type { Version } from '@hakiri/config-doc/version';
import type { PeerID } from 'loro-crdt';
import type { UpdateClaim } from './claims.ts';
import type { Scanned } from './intake.ts';
import type { Input } from './protocol.ts';

/** An update that would be taken in if it came alone. */
export type Member = Scanned & { claim: UpdateClaim; input: Input<'update'> };

/** What is taken in together takes the memory and time of one update: large ones go by themselves. */
export const TOGETHER_BYTES = 64 * 1024;
export const TOGETHER_COUNT = 256;

/** Where operations of a peer end. `isSure`: nothing they build on could be missing, so they do not wait. */
type End = { counter: number; isSure: boolean };

export class Together {
  readonly members: Member[] = [];
  readonly #ends = new Map<PeerID, End>();
  /** The last Lamport time of what builds on operations of others. */
  #knowing = 0;
  #bytes = 0;

  /** Of a document that has these, when the members are in it. */
  heldWith(counters: Version): Pick<Version, 'get'> {
    return { get: (peer) => this.#ends.get(peer)?.counter ?? counters.get(peer) };
  }

  /** Whether it may go behind those that are here. */
  fits({ update, scan }: Member): boolean {
    if (this.members.length >= TOGETHER_COUNT || this.#bytes + update.length > TOGETHER_BYTES) return false;
    // One that builds on what comes behind it is refused when it comes alone.
    if (this.#knowing > scan.first) return false;
    for (const [peer, start] of scan.starts) {
      const before = this.#ends.get(peer);
      if (before === undefined) continue;
      // What goes on from one that waits is refused.
      if (!before.isSure || start < before.counter) return false;
    }
    return true;
  }

  add(member: Member): void {
    const { update, scan } = member;
    this.members.push(member);
    this.#bytes += update.length;
    if (!scan.isNext) this.#knowing = Math.max(this.#knowing, scan.last);
    for (const [peer, counter] of scan.ends) this.#ends.set(peer, { counter, isSure: scan.isNext });
  }
}

/** Whether it may write the schema version, which the server puts right. Loro writes names as they are. */
export function mentionsSchema(update: Uint8Array): boolean {
  return Buffer.from(update.buffer, update.byteOffset, update.length).includes(SCHEMA_VERSION_FIELD);
}
