// What waits for one peer to read it. What is said in one turn leaves in one write at its end; the socket's own buffer holds
// little, the rest waits here, bounded, so that a peer that cannot keep up costs nobody else anything: it is told to rejoin,
// and if it reads nothing for long it is cut off.
import type { Clock, Timer } from '@hakiri/substrate/clock';
import { bytesOfFrame, type Frame } from './frames.ts';

/** The little that the outbox needs of a socket; Bun's `ServerWebSocket` fits. */
export interface RawSocket {
  /** Bytes taken; -1 when taken but the peer is behind; 0 when not taken. */
  send(data: Uint8Array | string): number;
  close(code: number, reason: string): void;
  terminate(): void;
  /** What is sent meanwhile leaves in one write at the end, and what of it the system did not take is told only then. */
  cork?(send: () => void): unknown;
  /** What the system has not taken yet. */
  getBufferedAmount?(): number;
}

/** Frames wait for the end of the turn when there is one to wait for; without, each leaves at once. */
export interface Turn {
  atEnd(outbox: Outbox): void;
}

/** What all sockets of a service share. */
export type OutboxLimits = {
  limitBytes: number;
  /** A catch-up that comes while more than this of earlier ones waits cuts the peer off: it joins and does not read. */
  catchUpLimitBytes: number;
  stallMs: number;
};

export type OutboxOptions = OutboxLimits & {
  socket: RawSocket;
  clock: Clock;
  turn?: Turn;
  /** More waits than allowed: what waited is dropped, and the peer must rejoin its rooms. */
  onOverflow(): void;
  /** Taken in one write. */
  onSent(bytes: number): void;
};

type Waiting = { frame: Frame; counts: boolean };

export class Outbox {
  readonly #options: OutboxOptions;
  #waiting: Waiting[] | undefined;
  #waitingBytes = 0;
  #catchUpBytes = 0;
  #blocked = false;
  #isTurn = false;
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
    this.#leave();
    if (this.#waitingBytes <= this.#options.limitBytes) return;
    // A turn's end has not come yet: what the socket takes now was not too much.
    this.flush();
    if (this.#waitingBytes > this.#options.limitBytes) this.#overflow();
  }

  /** What lets a joining peer catch up: the document's size bounds it, not the queue. */
  sendCatchUp(frames: readonly Frame[]): void {
    if (this.#catchUpBytes > this.#options.catchUpLimitBytes) this.flush();
    if (this.#catchUpBytes > this.#options.catchUpLimitBytes) {
      this.close();
      this.#options.socket.terminate();
    }
    for (const frame of frames) this.#push({ frame, counts: false });
    this.#leave();
  }

  /** The socket can take more. */
  drain(): void {
    this.#blocked = false;
    this.#stall?.cancel();
    this.#stall = undefined;
    this.flush();
  }

  /** Now, and not at the end of the turn: before the socket closes, or something passes by the queue. */
  flush(): void {
    this.#isTurn = false;
    const waiting = this.#waiting;
    if (this.#blocked || waiting === undefined) return;
    const { socket } = this.#options;
    // A cork costs more than one plain write.
    if (waiting.length === 1 || socket.cork === undefined) this.#write(waiting);
    else {
      socket.cork(() => this.#write(waiting));
      if (!this.#blocked && (socket.getBufferedAmount?.() ?? 0) > 0) this.#block();
    }
  }

  /** Drops what waits; whatever comes later goes nowhere. */
  close(): void {
    this.#closed = true;
    this.#stall?.cancel();
    this.#drop();
  }

  #push(waiting: Waiting): void {
    if (this.#closed) return;
    this.#waiting ??= [];
    this.#waiting.push(waiting);
    this.#count(waiting, 1);
  }

  #leave(): void {
    const { turn } = this.#options;
    if (turn === undefined) this.flush();
    else if (!this.#isTurn && !this.#blocked && !this.#closed) {
      this.#isTurn = true;
      turn.atEnd(this);
    }
  }

  #write(waiting: Waiting[]): void {
    let sent = 0;
    let bytes = 0;
    for (const next of waiting) {
      const taken = this.#options.socket.send(bytesOfFrame(next.frame));
      if (taken <= 0) this.#block();
      if (taken === 0) break;
      sent += 1;
      bytes += next.frame.length;
      this.#count(next, -1);
      if (this.#blocked) break;
    }
    // Sending closes a socket that is broken, and with it this.
    if (this.#closed) return;
    this.#waiting = sent === waiting.length ? undefined : waiting.slice(sent);
    if (sent > 0) this.#options.onSent(bytes);
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
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    this.#catchUpBytes = 0;
  }

  #overflow(): void {
    this.#drop();
    this.#options.onOverflow();
  }
}

/**
 * The end of the current turn: when whatever runs now is done, before anything else is read. All outboxes that have something
 * by then share one microtask.
 */
export function createTurn(): Turn {
  let waiting: Outbox[] = [];
  const end = (): void => {
    const ending = waiting;
    waiting = [];
    for (const outbox of ending) outbox.flush();
  };
  return {
    atEnd: (outbox) => {
      if (waiting.push(outbox) === 1) queueMicrotask(end);
    },
  };
}
