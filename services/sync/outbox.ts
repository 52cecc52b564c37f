// What waits for one peer to read it. The socket's own buffer holds a frame or two; the rest waits here, bounded, so that a
// peer that cannot keep up costs nobody else anything: it is told to rejoin, and if it reads nothing for long it is cut off.
import type { Clock, Timer } from '@hakiri/substrate/clock';

/** The little that the outbox needs of a socket; Bun's `ServerWebSocket` fits. */
export interface RawSocket {
  /** Bytes taken; -1 when taken but the peer is behind; 0 when not taken. */
  send(data: Uint8Array | string): number;
  close(code: number, reason: string): void;
  terminate(): void;
}

export type OutboxOptions = {
  socket: RawSocket;
  clock: Clock;
  limitBytes: number;
  /** A catch-up that comes while more than this of earlier ones waits cuts the peer off: it joins and does not read. */
  catchUpLimitBytes: number;
  stallMs: number;
  /** More waits than allowed: what waited is dropped, and the peer must rejoin its rooms. */
  onOverflow(): void;
  onSent(bytes: number): void;
};

type Waiting = { frame: Uint8Array; counts: boolean };

export class Outbox {
  readonly #options: OutboxOptions;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #catchUpBytes = 0;
  #blocked = false;
  #stall: Timer | undefined;
  #closed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** What counts against the limit and is not sent yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** A frame of the running conversation: counts against the limit. */
  send(frame: Uint8Array): void {
    this.#push({ frame, counts: true });
    if (this.#waitingBytes > this.#options.limitBytes) this.#overflow();
  }

  /** What lets a joining peer catch up: the document's size bounds it, not the queue. */
  sendCatchUp(frames: readonly Uint8Array[]): void {
    if (this.#catchUpBytes > this.#options.catchUpLimitBytes) {
      this.close();
      this.#options.socket.terminate();
    }
    for (const frame of frames) this.#push({ frame, counts: false });
  }

  /** The socket can take more. */
  drain(): void {
    this.#blocked = false;
    this.#stall?.cancel();
    this.#stall = undefined;
    this.#flush();
  }

  /** Drops what waits; whatever comes later goes nowhere. */
  close(): void {
    this.#closed = true;
    this.#stall?.cancel();
    this.#drop();
  }

  #push(waiting: Waiting): void {
    if (this.#closed) return;
    this.#waiting.push(waiting);
    this.#count(waiting, 1);
    this.#flush();
  }

  #flush(): void {
    let sent = 0;
    while (!this.#blocked && sent < this.#waiting.length) {
      const next = this.#waiting[sent];
      if (next === undefined) break;
      const taken = this.#options.socket.send(next.frame);
      if (taken <= 0) this.#block();
      if (taken === 0) break;
      sent += 1;
      this.#count(next, -1);
      this.#options.onSent(next.frame.length);
    }
    if (sent > 0) this.#waiting.splice(0, sent);
  }

  #block(): void {
    this.#blocked = true;
    this.#stall ??= this.#options.clock.after(this.#options.stallMs, () => this.#options.socket.terminate());
  }

  #count({ frame, counts }: Waiting, sign: 1 | -1): void {
    if (counts) this.#waitingBytes += sign * frame.length;
    else this.#catchUpBytes += sign * frame.length;
  }

  #drop(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#catchUpBytes = 0;
  }

  #overflow(): void {
    this.#drop();
    this.#options.onOverflow();
  }
}
