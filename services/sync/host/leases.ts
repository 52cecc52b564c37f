// Who may write under which Loro peer id. An id is leased to one user for good: by the server to a user's device ahead of
// use, or to whoever writes under it first, as a stock client does. Of a user's sockets one at a time may use it.
import { VERSION_PEERS_LIMIT } from '@hakiri/contracts/names';
import type { PeerID } from 'loro-crdt';
import type { LeaseNote } from '../document/record.ts';

/** Without a device a stock client took the id by writing under it. */
export type Lease = LeaseNote;

/** A socket, by the number of its connection. */
type Socket = { user: string; connection: number };
/** No socket has it: of what is not done for one. */
export const NO_CONNECTION = -1;
export type Writer = Socket & { atMs: number };

export type Claim =
  | { kind: 'yours' }
  /** Nobody has the id yet. */
  | { kind: 'new' }
  | { kind: 'refused'; reason: 'peer_not_yours' | 'peer_in_use' | 'too_many_peers' };

/**
 * Peer ids of one document. A version vector never shrinks, so every id costs every join for ever. A client may name more than
 * the document has: those under which it has sent nothing yet.
 */
export const LEASES_LIMIT = VERSION_PEERS_LIMIT - 1_000;
/** One user's new ids in one document: nobody uses up the others' alone within a moment. */
export const NEW_LEASES = { limit: 500, windowMs: 24 * 60 * 60 * 1_000 };
/** Free ids that a device is given, so that its tabs can work offline. */
export const AHEAD_LIMIT = 3;

export class Leases {
  readonly #byPeer = new Map<PeerID, Lease>();
  readonly #byDevice = new Map<string, PeerID[]>();
  readonly #holders = new Map<PeerID, number>();
  /** When each user was given the last ones. */
  readonly #newAtMs = new Map<string, number[]>();

  all(): IterableIterator<Lease> {
    return this.#byPeer.values();
  }

  of(peer: PeerID): Lease | undefined {
    return this.#byPeer.get(peer);
  }

  /** The first lease of an id stays. */
  grant(lease: Lease): void {
    const { peer, user, device, atMs } = lease;
    if (this.#byPeer.has(peer)) return;
    this.#byPeer.set(peer, lease);
    if (atMs !== undefined) this.#newAtMs.set(user, [...this.#newOf(user, atMs), atMs]);
    if (device !== undefined) this.#ofDevice(user, device).push(peer);
  }

  /**
   * Whether the writer may write under the id. Asks only: `take` follows when it did. `isExact`: it goes on exactly where the
   * document ends. Two sockets that write under one id would each take the other's operations for their own, so one that does
   * not hold the id has to; it takes over then, as a client does whose old socket nobody has seen end yet.
   */
  claim(peer: PeerID, { user, connection, atMs }: Writer, isExact: boolean): Claim {
    const lease = this.#byPeer.get(peer);
    if (lease === undefined)
      return this.#byPeer.size < LEASES_LIMIT && this.#newOf(user, atMs).length < NEW_LEASES.limit
        ? { kind: 'new' }
        : { kind: 'refused', reason: 'too_many_peers' };
    if (lease.user !== user) return { kind: 'refused', reason: 'peer_not_yours' };
    const isHeldByOther = (this.#holders.get(peer) ?? connection) !== connection;
    return isHeldByOther && !isExact ? { kind: 'refused', reason: 'peer_in_use' } : { kind: 'yours' };
  }

  /** It wrote under the id: the id is its own for as long as the socket is there. */
  take(peer: PeerID, { user, connection, atMs }: Writer): void {
    this.grant({ peer, user, atMs });
    this.#holders.set(peer, connection);
  }

  /** What was so before the document was opened anew. */
  hold({ peer, user, connection }: Socket & { peer: PeerID }): void {
    // With operations of its own the socket may have set free what others had sent.
    if (this.#byPeer.get(peer)?.user === user) this.#holders.set(peer, connection);
  }

  /** The socket is gone: what it held is free. */
  release(connection: number): void {
    for (const [peer, holder] of this.#holders) if (holder === connection) this.#holders.delete(peer);
  }

  /**
   * Up to AHEAD_LIMIT ids for the device: those it had and that no socket uses, then `fresh` ones. `granted` are new and
   * have to be durable before the device hears of them.
   */
  ahead(writer: Writer, device: string, fresh: readonly PeerID[]): { peers: PeerID[]; granted: Lease[] } {
    const peers = this.#ofDevice(writer.user, device)
      .filter((peer) => this.claim(peer, writer, false).kind === 'yours')
      .slice(0, AHEAD_LIMIT);
    const granted: Lease[] = [];
    for (const peer of fresh) {
      if (peers.length >= AHEAD_LIMIT || this.claim(peer, writer, false).kind !== 'new') continue;
      const lease = { peer, user: writer.user, device, atMs: writer.atMs };
      this.grant(lease);
      granted.push(lease);
      peers.push(peer);
    }
    return { peers, granted };
  }

  #newOf(user: string, nowMs: number): number[] {
    return (this.#newAtMs.get(user) ?? []).filter((atMs) => atMs > nowMs - NEW_LEASES.windowMs);
  }

  #ofDevice(user: string, device: string): PeerID[] {
    const key = `${user} ${device}`;
    const peers = this.#byDevice.get(key) ?? [];
    this.#byDevice.set(key, peers);
    return peers;
  }
}
