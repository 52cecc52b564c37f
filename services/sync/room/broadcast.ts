// Tells the members of a room what happened: what one turn brings leaves together, everybody gets the same bytes and nobody an
// echo. A member that is catching up gets it when it has; one that cannot keep up gets nothing more until it joins again.
import { type HexString, RoomErrorCode } from 'loro-protocol';
import type { Settled } from '../document/commit-group.ts';
import {
  type Address,
  createBatchIds,
  type Frame,
  roomError,
  snapshotFrames,
  updateFrames,
} from '../socket/frames.ts';
import type { Peer } from '../socket/peer.ts';

export type RejoinReason = 'updates_missing' | 'too_slow' | 'permission_changed';

type Listener = {
  peer: Peer;
  phase: 'catching_up' | 'live' | 'behind';
  /** Its JoinOk has left. */
  isWelcome: boolean;
  waiting: Uint8Array[];
  waitingBytes: number;
  /** A suggestion to rejoin is under way: once is enough. */
  suggested: boolean;
};

/** Told to everybody but its sender. */
export type News = { update: Uint8Array; from: number | undefined };

export type BroadcastOptions = {
  address: Address;
  /** For a member that catches up. */
  queueBytes: number;
};

export class Broadcast {
  readonly #options: BroadcastOptions;
  readonly #listeners = new Map<number, Listener>();
  readonly #nextBatchId: () => HexString = createBatchIds();
  #news: News[] = [];
  #isFlushing = false;
  #barriers = 0;

  constructor(options: BroadcastOptions) {
    this.#options = options;
  }

  /** It joins with all that was to be told until now; what follows waits for `welcome`. */
  add(peer: Peer): void {
    this.flush();
    this.#listeners.set(peer.id, {
      peer,
      phase: 'catching_up',
      isWelcome: false,
      waiting: [],
      waitingBytes: 0,
      suggested: false,
    });
  }

  remove(peerId: number): void {
    this.#listeners.delete(peerId);
  }

  /** With the frames that let it catch up. */
  welcome(peer: Peer, frames: readonly Frame[]): void {
    peer.sendCatchUp(frames);
    const listener = this.#listeners.get(peer.id);
    if (listener === undefined) return;
    listener.isWelcome = true;
    if (listener.phase === 'behind') this.suggestRejoin(peer.id, 'too_slow');
    else {
      listener.phase = 'live';
      for (const frame of listener.waiting.splice(0)) peer.send(frame);
    }
  }

  fallBehind(peerId: number): void {
    const listener = this.#listeners.get(peerId);
    if (listener === undefined) return;
    dropBehind(listener);
    // Before its JoinOk a client takes nothing but that: it is told with the welcome.
    if (listener.isWelcome) this.suggestRejoin(peerId, 'too_slow');
  }

  suggestRejoin(peerId: number, reason: RejoinReason): void {
    const listener = this.#listeners.get(peerId);
    if (listener === undefined || listener.suggested) return;
    listener.suggested = true;
    listener.peer.send(roomError(this.#options.address, RoomErrorCode.RejoinSuggested, reason));
  }

  /** At the end of this turn, or when no barrier is left. */
  tell(news: readonly News[]): void {
    this.#news.push(...news);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.flush();
    });
  }

  /** Nothing is told until what was submitted so far is durable; what was to be told when it is lost is never told. */
  raiseBarrier(whenDurable: (settled: Settled) => void): void {
    this.#barriers += 1;
    whenDurable((stored) => {
      this.#barriers -= 1;
      if (!stored) this.#news = [];
      this.flush();
    });
  }

  flush(): void {
    if (this.#barriers > 0 || this.#news.length === 0) return;
    const news = this.#news.splice(0);
    const senders = new Set(news.map(({ from }) => from));
    let shared: Uint8Array[] | undefined;
    for (const listener of [...this.#listeners.values()]) {
      const { id } = listener.peer;
      if (senders.has(id)) {
        const others = news.filter(({ from }) => from !== id);
        if (others.length > 0) send(listener, this.#framesOf(others), this.#options.queueBytes);
      } else {
        shared ??= this.#framesOf(news);
        send(listener, shared, this.#options.queueBytes);
      }
    }
  }

  framesOf(updates: readonly Uint8Array[]): Uint8Array[] {
    return updateFrames(this.#options.address, updates, this.#nextBatchId);
  }

  snapshotFrames(snapshot: Uint8Array): Frame[] {
    return snapshotFrames(this.#options.address, snapshot, this.#nextBatchId());
  }

  #framesOf(news: readonly News[]): Uint8Array[] {
    return this.framesOf(news.map(({ update }) => update));
  }
}

function send(listener: Listener, frames: readonly Uint8Array[], queueBytes: number): void {
  for (const frame of frames) {
    if (listener.phase === 'live') listener.peer.send(frame);
    if (listener.phase !== 'catching_up') continue;
    listener.waiting.push(frame);
    listener.waitingBytes += frame.length;
    if (listener.waitingBytes > queueBytes) dropBehind(listener);
  }
}

function dropBehind(listener: Listener): void {
  listener.phase = 'behind';
  listener.waiting = [];
}
