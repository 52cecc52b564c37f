// Keys that were touched, each with the operations that did: which an Apply has and which it has not, which turned out to be the
// same, and where something that people alone read is among them.
import { covers, type Version } from '@hakiri/config-doc/version';
import type { PeerID } from 'loro-crdt';

export type Entry = {
  /** Peer → the counter after the last of its operations. */
  stamps: Map<PeerID, number>;
  isCosmetic: boolean;
  /** The document was compared at that version, and this was as it is published. */
  settledAt: Version | undefined;
};

export class Entries {
  readonly #entries = new Map<string, Entry>();
  #stamps = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** Of all entries. */
  get stamps(): number {
    return this.#stamps;
  }

  all(): ReadonlyMap<string, Entry> {
    return this.#entries;
  }

  restore(entries: ReadonlyMap<string, Entry>): void {
    for (const [key, { stamps, isCosmetic }] of entries) this.touchAll(key, stamps, isCosmetic);
  }

  touch(key: string, peer: PeerID, end: number, isCosmetic: boolean): void {
    const entry = this.#entry(key);
    const before = entry.stamps.get(peer);
    if (before === undefined) this.#stamps += 1;
    entry.stamps.set(peer, Math.max(end, before ?? 0));
    entry.isCosmetic ||= isCosmetic;
  }

  touchAll(key: string, stamps: Version, isCosmetic = true): void {
    for (const [peer, end] of stamps) this.touch(key, peer, end, isCosmetic);
  }

  /**
   * What `version` has of what was taken is over. Of the rest nobody can say for sure that it was not taken, as it may have been
   * in the scope then: what was found to be the same at a later version than that may differ now.
   */
  applied(version: Version, isTaken: (key: string) => boolean): void {
    for (const [key, entry] of this.#entries) {
      const isSame = !isOpen(entry) && covers(version, entry.settledAt ?? version);
      if (isTaken(key)) this.#take(entry, version);
      entry.settledAt = undefined;
      if (isSame || entry.stamps.size === 0) this.#delete(key, entry);
    }
  }

  settled(at: Version, keys: readonly string[]): void {
    for (const key of keys) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) entry.settledAt = at;
    }
  }

  /** Of what may differ; with `beyond`, where something that people alone read was touched after that version. */
  keys(beyond?: Version): string[] {
    return [...this.#entries]
      .filter(([, entry]) => isOpen(entry) && (beyond === undefined || isCosmeticBeyond(entry, beyond)))
      .map(([key]) => key);
  }

  count(): number {
    let open = 0;
    for (const entry of this.#entries.values()) if (isOpen(entry)) open += 1;
    return open;
  }

  hasCosmetic(beyond: Version): boolean {
    for (const entry of this.#entries.values())
      if (isCosmeticBeyond(entry, beyond) && isOpen(entry)) return true;
    return false;
  }

  cosmeticStamps(beyond: Version): [PeerID, number][] {
    return [...this.#entries.values()]
      .filter((entry) => isCosmeticBeyond(entry, beyond) && isOpen(entry))
      .flatMap(({ stamps }) => [...stamps])
      .filter(([peer, end]) => end > (beyond.get(peer) ?? 0));
  }

  clear(): void {
    this.#entries.clear();
    this.#stamps = 0;
  }

  #entry(key: string): Entry {
    const found = this.#entries.get(key);
    if (found !== undefined) return found;
    const entry: Entry = { stamps: new Map(), isCosmetic: false, settledAt: undefined };
    this.#entries.set(key, entry);
    return entry;
  }

  #take(entry: Entry, version: Version): void {
    for (const [peer, end] of entry.stamps)
      if (end <= (version.get(peer) ?? 0)) {
        entry.stamps.delete(peer);
        this.#stamps -= 1;
      }
  }

  #delete(key: string, entry: Entry): void {
    this.#stamps -= entry.stamps.size;
    this.#entries.delete(key);
  }
}

/** It may differ from what is published. */
export function isOpen({ stamps, settledAt }: Entry): boolean {
  return settledAt === undefined || !covers(settledAt, stamps);
}

function isCosmeticBeyond({ isCosmetic, stamps }: Entry, version: Version): boolean {
  return isCosmetic && !covers(version, stamps);
}
