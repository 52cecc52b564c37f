// What really is durable, as the simulated disk saw it: operations and whose they are, notices, the applied revision. Whatever
// sync says to anybody is held against it. A rule that is broken throws.
import { decodeBase } from '../document/base.ts';
import { decodeRecord } from '../document/record.ts';
import { SERVER_PEER } from '../host/document.ts';
import { readHeader, spansIn } from '../host/update-header.ts';
import { LastFrame } from './said-frame.ts';

export class Violation extends Error {
  override readonly name = 'Violation';
}

export type Received = { peer: string; start: number; end: number; user: string; atMs: number };

export class SimulatedTruth {
  readonly counters = new Map<string, number>();
  readonly owners = new Map<string, string>();
  readonly received: Received[] = [];
  /** By id: whom it concerns and who has not dismissed it. */
  readonly notices = new Map<string, Set<string>>();
  readonly dismissed = new Set<string>();
  applied = 0;
  readonly lastFrame = new LastFrame();
  /** Hashes of updates that came. */
  readonly said = new Set<string>();
  /** Of them those that may come back: refused and kept by Loro, or sent over two sockets. */
  readonly excused = new Set<string>();
  /** What was found where nobody hears of an error. */
  broken: Violation | undefined;

  appended(entries: readonly Uint8Array[]): void {
    for (const entry of entries) {
      const record = decodeRecord(entry);
      const user = record.actor.id;
      if (record.kind === 'update') this.#tookIn(record.update, user, record.receivedAtMs);
      if (record.kind === 'lease') this.#own(record.note.peer, record.note.user);
      if (record.kind === 'applied') this.applied = Math.max(this.applied, record.note.number);
      if (record.kind === 'notice') this.#noticed(record.note.notice.id, record.note.users);
      if (record.kind === 'dismissed') this.dismissed.add(`${record.note.user} ${record.note.id}`);
    }
  }

  /** A base may be ahead of what was appended: what it holds is durable by it. */
  compacted(base: Uint8Array, tail: readonly Uint8Array[]): void {
    const { snapshot, leases = [], receipts = [], notices = [] } = decodeBase(base);
    const ends = new Map(readHeader(snapshot)?.ends ?? []);
    for (const entry of tail) {
      const record = decodeRecord(entry);
      if (record.kind !== 'update') continue;
      for (const [peer, end] of readHeader(record.update)?.ends ?? [])
        ends.set(peer, Math.max(end, ends.get(peer) ?? 0));
    }
    for (const [peer, end] of this.counters)
      if ((ends.get(peer as `${number}`) ?? 0) < end)
        throw new Violation(`[SY2.5] a base lacks operations of ${peer} that are durable`);
    for (const { peer, user } of leases) this.#own(peer, user);
    for (const receipt of receipts) {
      const start = Math.max(receipt.start, this.counters.get(receipt.peer) ?? 0);
      if (start < receipt.end) this.received.push({ ...receipt, start });
    }
    for (const { notice, users } of notices) this.#noticed(notice.id, users);
    for (const [peer, end] of ends) this.counters.set(peer, Math.max(end, this.counters.get(peer) ?? 0));
  }

  includes(ends: Iterable<readonly [string, number]>): boolean {
    for (const [peer, end] of ends) if ((this.counters.get(peer) ?? 0) < end) return false;
    return true;
  }

  #tookIn(update: Uint8Array, user: string, atMs: number): void {
    const header = readHeader(update);
    if (header === undefined) throw new Violation('an entry is no update');
    for (const { peer, start, end } of spansIn(header)) {
      const held = this.counters.get(peer) ?? 0;
      if (start > held) throw new Violation(`[SY2.8] the log has a gap in ${peer}: ${held} to ${start}`);
      this.#own(peer, user);
      if (end <= held) continue;
      this.received.push({ peer, start: held, end, user, atMs });
      this.counters.set(peer, end);
    }
  }

  #own(peer: string, user: string): void {
    const owner = this.owners.get(peer) ?? user;
    // The server writes for many.
    if (owner !== user && peer !== SERVER_PEER)
      throw new Violation(`[SY5.4] ${user} wrote under ${peer}, which is ${owner}'s`);
    this.owners.set(peer, owner);
  }

  #noticed(id: string, users: readonly string[]): void {
    for (const side of id.split('-')) {
      const [counter, peer = ''] = side.split('@');
      if (!this.includes([[peer, Number(counter) + 1]]))
        throw new Violation(`[SY6.23] ${id} speaks of an edit that is not stored`);
    }
    const all = this.notices.get(id) ?? new Set();
    for (const user of users) all.add(user);
    this.notices.set(id, all);
  }
}
