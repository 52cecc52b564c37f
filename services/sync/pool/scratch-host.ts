// A host beside the pool's, for work on documents as their logs have them: nobody who edits waits for it, and what makes it trap
// or hang takes nobody along. Started when there is something to do, ended when there was nothing for a while; one piece of
// work at a time.
import { createSerial } from '@hakiri/base/serial';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import { DocumentBusy } from '../document/document-errors.ts';
import type { DocumentLimits } from '../host/document.ts';
import type { Order } from '../host/host.ts';
import type { ScratchInput, ScratchKind, ScratchReply } from '../host/scratch-protocol.ts';
import type { StartHost } from './host-thread.ts';
import { HostWorker } from './host-worker.ts';

export type AskScratch = <K extends ScratchKind>(kind: K, input: ScratchInput<K>) => Promise<ScratchReply<K>>;

export type ScratchHostOptions = {
  start: StartHost;
  limits: DocumentLimits;
  clock: Clock;
  stallMs: number;
  idleMs: number;
};

/** The command failed; the scratch document is of no more use. */
export class ScratchFailed extends Error {
  override readonly name = 'ScratchFailed';
}

/** The host trapped, hung, or was ended. */
export class ScratchLost extends Error {
  override readonly name: string = 'ScratchLost';
}

/** Sync stops: no failure of anything. */
export class ScratchEnded extends ScratchLost {
  override readonly name = 'ScratchEnded';
}

const DOCUMENT = 1;
/** Pieces of work that wait. */
const QUEUE_LIMIT = 2_000;

export class ScratchHost {
  readonly #options: ScratchHostOptions;
  readonly #serial = createSerial();
  #waiting = 0;
  #worker: HostWorker | undefined;
  #lost = '';
  /** Of the command under way: a host that is ended answers nothing. */
  #giveUp: (error: Error) => void = () => {};
  #idle: Timer | undefined;
  #isEnded = false;

  constructor(options: ScratchHostOptions) {
    this.#options = options;
  }

  /** Alone. @throws DocumentBusy, and what `work` throws: ScratchFailed and ScratchLost among it */
  run<T>(work: (ask: AskScratch) => Promise<T>): Promise<T> {
    if (this.#waiting >= QUEUE_LIMIT) return Promise.reject(new DocumentBusy());
    this.#waiting += 1;
    return this.#serial.run(async () => {
      this.#idle?.cancel();
      try {
        return await work((kind, input) => this.#ask(kind, input));
      } finally {
        this.#waiting -= 1;
        this.#worker?.perform({
          order: { document: DOCUMENT, kind: 'close', input: undefined },
          done: () => {},
        });
        if (!this.#isEnded && this.#waiting === 0)
          this.#idle = this.#options.clock.after(this.#options.idleMs, () => this.#stop('it was idle'));
      }
    });
  }

  /** What is under way fails; resolves when it has. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#stop('');
    await this.#serial.idle();
  }

  #ask<K extends ScratchKind>(kind: K, input: ScratchInput<K>): Promise<ScratchReply<K>> {
    return new Promise((resolve, reject) => {
      if (this.#isEnded) return reject(this.#lostError());
      this.#worker ??= this.#start();
      this.#giveUp = reject;
      // A kind comes with its own input, which the compiler does not follow.
      const order = { document: DOCUMENT, kind, input } as Order;
      this.#worker.perform({
        order,
        done: (outcome) => {
          // Each kind of command is answered with its own reply.
          if (outcome.kind === 'done') resolve(outcome.reply as ScratchReply<K>);
          else if (outcome.kind === 'failed') reject(new ScratchFailed(outcome.error));
          else reject(outcome.kind === 'trapped' ? new ScratchLost(outcome.error) : this.#lostError());
        },
      });
    });
  }

  #start(): HostWorker {
    const { start, limits, clock, stallMs } = this.#options;
    return new HostWorker({
      start,
      limits,
      clock,
      stallMs,
      onLost: ({ error }) => this.#stop(error),
    });
  }

  #stop(why: string): void {
    this.#lost = why;
    this.#idle?.cancel();
    this.#worker?.end();
    this.#worker = undefined;
    this.#giveUp(this.#lostError());
  }

  #lostError(): ScratchLost {
    return this.#isEnded ? new ScratchEnded('it was ended') : new ScratchLost(this.#lost);
  }
}
