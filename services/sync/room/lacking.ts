// Members whose updates build on what the document lacks. Each is told once to join again, and again only when something came:
// no client loops at the speed of its connection. Who holds what another has not brought yet is told when it has come.

import type { Ends } from '../host/protocol.ts';
import type { Broadcast } from './broadcast.ts';

export class Lacking {
  readonly #broadcast: Pick<Broadcast, 'suggestRejoin'>;
  /** How often the document has changed, so that nobody is sent back twice to the same. */
  #changes = 0;
  /** When each was last sent back. Most documents never need any of these. */
  #sentBack: Map<number, number> | undefined;
  /** Whom a rejoin does not help until something comes. */
  #unhelped: Set<number> | undefined;
  /** Peers whose own operations each holds and may not bring: when they have come it may try again. */
  #awaited: Map<number, Set<string>> | undefined;

  constructor(broadcast: Pick<Broadcast, 'suggestRejoin'>) {
    this.#broadcast = broadcast;
  }

  /** Joining again it is told what it lacks, or brings it; when nothing came since the last time, once something does. */
  sendBack(peerId: number): void {
    this.#sentBack ??= new Map();
    if (this.#sentBack.get(peerId) !== this.#changes) this.#suggest(peerId);
    else {
      this.#unhelped ??= new Set();
      this.#unhelped.add(peerId);
    }
    this.#sentBack.set(peerId, this.#changes);
  }

  awaits(peerId: number, peers: readonly string[]): void {
    if (peers.length === 0) return;
    this.#awaited ??= new Map();
    this.#awaited.set(peerId, new Set([...(this.#awaited.get(peerId) ?? []), ...peers]));
  }

  /** It asks for what it lacks by itself. */
  joined(peerId: number): void {
    this.#awaited?.delete(peerId);
  }

  left(peerId: number): void {
    this.#sentBack?.delete(peerId);
    this.#unhelped?.delete(peerId);
    this.#awaited?.delete(peerId);
  }

  changed(ends: Ends): void {
    this.#changes += 1;
    for (const peerId of this.#unhelped ?? []) this.#suggest(peerId);
    this.#unhelped?.clear();
    for (const [peerId, peers] of this.#awaited ?? []) {
      for (const [peer] of ends) peers.delete(peer);
      if (peers.size > 0) continue;
      this.#awaited?.delete(peerId);
      this.#suggest(peerId);
    }
  }

  #suggest(peerId: number): void {
    this.#broadcast.suggestRejoin(peerId, 'updates_missing');
  }
}
