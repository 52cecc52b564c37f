// The pool of hosts: a few workers, started when they are needed, that share the documents between them, and a few more for
// documents that are too big, too slow or too dangerous to share. When one is lost its documents are told, and find a new one; the
// document whose order it was is told which. One that keeps memory for nothing is emptied, a document at a time, and ended.
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { DocumentId, LoadedLog } from '@hakiri/substrate/document-log';
import type { DocumentLimits } from '../host/document.ts';
import type { Order } from '../host/host.ts';
import type { CommandKind, HeldPeer, Input, Reply } from '../host/protocol.ts';
import type { SyncMetrics } from '../metrics.ts';
import type { StartHost } from './host-thread.ts';
import { HostWorker, type Outcome } from './host-worker.ts';
import { DOCUMENT_BYTES, isWasteful, type PlacementLimits, Slowness } from './placement.ts';
import { Suspects } from './suspects.ts';

/** `slow`: too slow for those it shares its worker with. `memory`: its worker is to be ended. */
export type MoveReason = 'slow' | 'memory';

export type Guest = {
  readonly id: DocumentId;
  /** The worker is gone. `order` is this guest's own, when it was the one that the worker was at. */
  onLost(error: string, order: Order | undefined): void;
  /** It is to close its place and ask for another, when it suits it. */
  onMove(reason: MoveReason): void;
};

/** What a document brings: the bytes of its log, and whether it was found to be slow. */
export type Needs = { bytes: number; isSlow: boolean };

/** A document's place in a worker. */
export type Hosting = {
  readonly document: number;
  /** Nobody shares it. */
  readonly isOwn: boolean;
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

/** A place for what was loaded, with it. */
export function openIn(
  pool: HostPool,
  guest: Guest,
  needs: Needs,
  { base, entries, holders }: LoadedLog & { holders: readonly HeldPeer[] },
  onAnswer: (outcome: Outcome) => void,
): Hosting {
  const hosting = pool.host(guest, needs);
  hosting.perform({ document: hosting.document, kind: 'open', input: { base, entries, holders } }, onAnswer);
  return hosting;
}

export type HostPoolOptions = {
  start: StartHost;
  limits: DocumentLimits & { placement: PlacementLimits };
  clock: Clock;
  stallMs: number;
  size: number;
  metrics: Pick<SyncMetrics, 'workers' | 'workerLost' | 'workerRecycled'>;
};

/** `own`: by one large or slow document. `suspects`: by those that may take it along. */
type Use = 'shared' | 'own' | 'suspects';
type Lodger = { guest: Guest; bytes: number; slowness: Slowness };
type Place = {
  number: number;
  worker: HostWorker;
  use: Use;
  /** Its documents leave one after the other, and it ends with the last. */
  isDraining: boolean;
  sinceMs: number;
  lodgers: Map<number, Lodger>;
  bytes: number;
  peakBytes: number;
};

/** What is read for that long is some 10 MB, or the disk is busy. */
const LARGE_LOAD_MS = 30;
/** Beside all others. */
const SUSPECT_WORKERS = 2;
/** It was another that took long. */
const SPARE_MS = 5_000;

export class HostPool {
  /** The workers have more memory than they may: documents that are not used have to sleep. */
  onPressure: () => void = () => {};
  readonly suspects: Suspects;
  readonly #options: HostPoolOptions;
  readonly #places = new Set<Place>();
  #lastDocument = 0;
  #lastPlace = 0;
  #isEnded = false;
  #pressedMs = Number.NEGATIVE_INFINITY;
  /** Started for the next that needs its own, which is on its way. */
  #spare: { place: Place; timer: Timer } | undefined;

  constructor(options: HostPoolOptions) {
    this.#options = options;
    this.suspects = new Suspects(options.clock);
  }

  /** Commands that were not answered yet. */
  get backlog(): number {
    return [...this.#places].reduce((sum, { worker }) => sum + worker.backlog, 0);
  }

  /** Of each worker. */
  get memory(): { worker: number; bytes: number }[] {
    return [...this.#places].map(({ number, worker }) => ({ worker: number, bytes: worker.wasmBytes }));
  }

  /** While a log is read: one that takes long is large, and by then its own worker, which takes as long to start, is there. */
  async expecting<T>(loading: Promise<T>): Promise<T> {
    const timer = this.#options.clock.after(LARGE_LOAD_MS, () => this.#prepare());
    try {
      return await loading;
    } finally {
      timer.cancel();
    }
  }

  host(guest: Guest, needs: Needs): Hosting {
    const place = this.#placeFor(guest, needs);
    this.#lastDocument += 1;
    const document = this.#lastDocument;
    const bytes = needs.bytes + DOCUMENT_BYTES;
    place.lodgers.set(document, { guest, bytes, slowness: new Slowness() });
    place.bytes += bytes;
    place.peakBytes = Math.max(place.peakBytes, place.bytes);
    return {
      document,
      isOwn: place.use === 'own',
      perform: (order, done) => place.worker.perform({ order, done }),
      close: () => {
        if (!place.lodgers.delete(document)) return;
        place.bytes -= bytes;
        place.worker.perform({ order: { document, kind: 'close', input: undefined }, done: () => {} });
        this.#left(place);
      },
    };
  }

  end(): void {
    this.#isEnded = true;
    this.#takeSpare();
    for (const { worker } of this.#places) worker.end();
    this.#places.clear();
    this.#measure();
  }

  #placeFor({ id }: Guest, { bytes, isSlow }: Needs): Place {
    const { size, limits } = this.#options;
    if (this.suspects.has(id)) return this.#leastUsed('suspects', SUSPECT_WORKERS);
    if (isSlow || bytes > limits.placement.ownBytes) {
      const spare = this.#takeSpare();
      if (spare !== undefined) return spare;
      if (this.#hasOwnLeft()) return this.#start('own');
    }
    return this.#leastUsed('shared', size);
  }

  /** Another worker is started only when every one has something to do. */
  #leastUsed(use: Use, limit: number): Place {
    const places = [...this.#places].filter((place) => place.use === use && !place.isDraining);
    const [first] = places.sort((a, b) => a.lodgers.size - b.lodgers.size);
    return first === undefined || (first.lodgers.size > 0 && places.length < limit)
      ? this.#start(use)
      : first;
  }

  #prepare(): void {
    if (this.#isEnded || this.#spare !== undefined || !this.#hasOwnLeft()) return;
    const place = this.#start('own');
    const timer = this.#options.clock.after(SPARE_MS, () => {
      if (this.#takeSpare() === place) this.#endOf(place);
    });
    this.#spare = { place, timer };
  }

  /** Undefined also when it died by itself. */
  #takeSpare(): Place | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    spare?.timer.cancel();
    return spare !== undefined && this.#places.has(spare.place) ? spare.place : undefined;
  }

  #hasOwnLeft(): boolean {
    const own = [...this.#places].filter(({ use }) => use === 'own').length;
    return own < this.#options.limits.placement.ownWorkers;
  }

  #start(use: Use): Place {
    const { start, limits, clock, stallMs } = this.#options;
    this.#lastPlace += 1;
    const place: Place = {
      number: this.#lastPlace,
      use,
      isDraining: false,
      sinceMs: clock.now(),
      lodgers: new Map(),
      bytes: 0,
      peakBytes: 0,
      worker: new HostWorker({
        start,
        limits,
        clock,
        stallMs,
        onAnswered: (slowest) => {
          if (slowest !== undefined) this.#took(place, slowest);
          this.#watchMemory();
        },
        onLost: ({ culprit, error }) => {
          this.#places.delete(place);
          this.#measure();
          this.#options.metrics.workerLost();
          const lodgers = [...place.lodgers];
          // Who closes its place here afterwards, as it slept meanwhile, is no reason to move anybody.
          place.lodgers.clear();
          for (const [document, { guest }] of lodgers) {
            const order = culprit?.order.document === document ? culprit.order : undefined;
            if (order?.kind === 'open') this.suspects.lost(guest.id);
            guest.onLost(error, order);
          }
        },
      }),
    };
    this.#places.add(place);
    this.#measure();
    return place;
  }

  /** Opening and warming up take as long as the document is large, and happen once: that is what `ownBytes` is for. */
  #took(place: Place, { order, tookMs }: { order: Order; tookMs: number }): void {
    const { placement } = this.#options.limits;
    if (place.use !== 'shared' || order.kind === 'open' || order.kind === 'warmUp') return;
    const lodger = place.lodgers.get(order.document);
    if (lodger?.slowness.add(tookMs, this.#options.clock.now(), placement) && this.#hasOwnLeft())
      lodger.guest.onMove('slow');
  }

  #left(place: Place): void {
    if (place.lodgers.size === 0 && (place.use !== 'shared' || place.isDraining)) this.#endOf(place);
    else if (place.isDraining) this.#drainNext(place);
    else if (isWasteful({ ...place, wasmBytes: place.worker.wasmBytes }, this.#options.limits.placement))
      this.#drain(place);
  }

  #watchMemory(): void {
    const { limits, clock } = this.#options;
    const { memoryBytes, pressurePauseMs, recycleAgeMs } = limits.placement;
    let bytes = 0;
    for (const { worker } of this.#places) bytes += worker.wasmBytes;
    const nowMs = clock.now();
    if (bytes <= memoryBytes || nowMs - this.#pressedMs < pressurePauseMs) return;
    this.#pressedMs = nowMs;
    this.onPressure();
    const old = [...this.#places].filter(({ sinceMs }) => nowMs - sinceMs >= recycleAgeMs);
    const [largest] = old.sort((a, b) => b.worker.wasmBytes - a.worker.wasmBytes);
    if (largest !== undefined) this.#drain(largest);
  }

  /** One at a time: while a document moves it is in memory twice. */
  #drain(place: Place): void {
    if (place.isDraining || [...this.#places].some(({ isDraining }) => isDraining)) return;
    place.isDraining = true;
    this.#options.metrics.workerRecycled();
    this.#drainNext(place);
  }

  #drainNext(place: Place): void {
    const [next] = place.lodgers.values();
    if (next === undefined) this.#endOf(place);
    else next.guest.onMove('memory');
  }

  #endOf(place: Place): void {
    place.worker.end();
    this.#places.delete(place);
    this.#measure();
  }

  #measure(): void {
    this.#options.metrics.workers.set(this.#places.size);
  }
}
