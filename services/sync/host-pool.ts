// The pool of hosts: a few workers, started when they are needed, that share the documents between them. When a worker is
// lost its documents are told, and find a new one; the document whose order it was is told which.
import type { Clock } from '@hakiri/substrate/clock';
import type { DocumentLimits } from './host/document.ts';
import type { Order } from './host/host.ts';
import type { CommandKind, Input, Reply } from './host/protocol.ts';
import type { StartHost } from './host-thread.ts';
import { HostWorker, type Outcome } from './host-worker.ts';
import type { SyncMetrics } from './metrics.ts';

export type Guest = {
  /** The worker is gone. `order` is this guest's own, when it was the one that the worker was at. */
  onLost(error: string, order: Order | undefined): void;
};

/** A document's place in a worker. */
export type Hosting = {
  readonly document: number;
  perform(order: Order, done: (outcome: Outcome) => void): void;
  /** Frees it there. */
  close(): void;
};

/** Beside the commands that wait in a queue. Undefined when it failed, or nobody will answer. */
export function askHost<K extends CommandKind>(
  { document, perform }: Hosting,
  kind: K,
  input: Input<K>,
): Promise<Reply<K> | undefined> {
  return new Promise((resolve) => {
    // A kind comes with its own input and reply, which the compiler does not follow.
    perform({ document, kind, input } as Order, (outcome) =>
      resolve(outcome.kind === 'done' ? (outcome.reply as Reply<K>) : undefined),
    );
  });
}

export type HostPoolOptions = {
  start: StartHost;
  limits: DocumentLimits;
  clock: Clock;
  stallMs: number;
  size: number;
  metrics: Pick<SyncMetrics, 'workers' | 'workerLost'>;
};

type Place = { worker: HostWorker; guests: Map<number, Guest> };

export class HostPool {
  readonly #options: HostPoolOptions;
  readonly #places = new Set<Place>();
  #lastDocument = 0;

  constructor(options: HostPoolOptions) {
    this.#options = options;
  }

  host(guest: Guest): Hosting {
    const place = this.#leastUsed();
    this.#lastDocument += 1;
    const document = this.#lastDocument;
    place.guests.set(document, guest);
    return {
      document,
      perform: (order, done) => place.worker.perform({ order, done }),
      close: () => {
        place.guests.delete(document);
        place.worker.perform({ order: { document, kind: 'close', input: undefined }, done: () => {} });
      },
    };
  }

  end(): void {
    for (const { worker } of this.#places) worker.end();
    this.#places.clear();
    this.#measure();
  }

  /** Another worker is started only when every one has something to do. */
  #leastUsed(): Place {
    const [first] = [...this.#places].sort((a, b) => a.guests.size - b.guests.size);
    if (first === undefined || (first.guests.size > 0 && this.#places.size < this.#options.size))
      return this.#start();
    return first;
  }

  #start(): Place {
    const { start, limits, clock, stallMs } = this.#options;
    const place: Place = {
      guests: new Map(),
      worker: new HostWorker({
        start,
        limits,
        clock,
        stallMs,
        onLost: ({ culprit, error }) => {
          this.#places.delete(place);
          this.#measure();
          this.#options.metrics.workerLost();
          for (const [document, guest] of [...place.guests])
            guest.onLost(error, culprit?.order.document === document ? culprit.order : undefined);
        },
      }),
    };
    this.#places.add(place);
    this.#measure();
    return place;
  }

  #measure(): void {
    this.#options.metrics.workers.set(this.#places.size);
  }
}
