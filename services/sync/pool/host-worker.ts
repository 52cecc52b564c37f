// One host as the main thread sees it: orders go out in batches, whatever came while the last batch was away together, so a
// burst costs few messages and a single order leaves in the same turn; under load batches leave at a pace, as each wakes two
// threads and is told to every socket. Answers come in order. A host that traps, dies or hangs is ended, and it is said which
// order it was at.
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { DocumentLimits } from '../host/document.ts';
import type { Answer, Order } from '../host/host.ts';
import type { HostPort, StartHost } from './host-thread.ts';

/** `lost`: nobody will answer any more. */
export type Outcome = Answer | { kind: 'lost' };
export type Sent = { order: Order; done(outcome: Outcome): void };

export type HostWorkerOptions = {
  start: StartHost;
  limits: DocumentLimits;
  clock: Clock;
  /** An order may take this long. */
  stallMs: number;
  /** After every batch of answers, before they are handed on. `slowest`: which order took longest. */
  onAnswered?(slowest: { order: Order; tookMs: number } | undefined): void;
  /** Once. `culprit` is what it was at, when that is known. Everything that was not answered is lost after it. */
  onLost(lost: { culprit: Sent | undefined; error: string }): void;
};

/** In one message; more go with the next. */
const BATCH_LIMIT = 512;
/** Under load batches leave no closer than this, so that imports, writes to sockets and flushes of the log are shared. */
const PACE_MS = 5;
/** That is load: more orders that may wait than these for a while. No person makes so many. */
const LOAD_PER_MS = 0.5;
/** How many may come above the rate before it is load, and how many of them are remembered. */
const BURST = 16;
const BURST_LIMIT = 32;
/** Nobody waits for the answer, or not at a few milliseconds. */
const PATIENT: ReadonlySet<Order['kind']> = new Set(['update', 'look', 'touched', 'left']);

export class HostWorker {
  readonly #options: HostWorkerOptions;
  readonly #port: HostPort;
  #waiting: Sent[] = [];
  #away: Sent[] = [];
  #answered = 0;
  #isFlushing = false;
  #watch: Timer | undefined;
  #isEnded = false;
  #held: Timer | undefined;
  #leftMs = Number.NEGATIVE_INFINITY;
  /** Orders above the rate that is no load yet, as of `atMs`. */
  readonly #load = { orders: 0, atMs: 0 };

  constructor(options: HostWorkerOptions) {
    this.#options = options;
    this.#port = options.start(options.limits, {
      onAnswers: (answers) => this.#take(answers),
      onDied: (error) => this.#lose(this.#culprit(this.#port.begun() - this.#answered - 1), error),
    });
  }

  /** Sent and not answered. */
  get backlog(): number {
    return this.#waiting.length + this.#away.length;
  }

  get wasmBytes(): number {
    return this.#port.wasmBytes?.() ?? 0;
  }

  perform(sent: Sent): void {
    if (this.#isEnded) {
      sent.done({ kind: 'lost' });
      return;
    }
    this.#waiting.push(sent);
    if (!isUrgent(sent)) this.#count();
    if (this.#isFlushing || this.#away.length > 0 || (this.#held !== undefined && !isUrgent(sent))) return;
    // What comes in this turn goes together.
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#leave();
    });
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#watch?.cancel();
    this.#held?.cancel();
    this.#port.end();
  }

  /** Under load edits wait until the next batch is due; somebody alone, and whoever asks for something else, does not. */
  #leave(): void {
    if (this.#isEnded || this.#away.length > 0 || this.#waiting.length === 0) return;
    const { clock } = this.#options;
    const waitMs = this.#load.orders > BURST ? this.#leftMs + PACE_MS - clock.now() : 0;
    if (waitMs <= 0 || this.#waiting.some(isUrgent)) this.#flush();
    else this.#held ??= clock.after(waitMs, () => this.#flush());
  }

  /** A bucket that leaks. */
  #count(): void {
    const load = this.#load;
    const nowMs = this.#options.clock.now();
    const leaked = Math.max(0, nowMs - load.atMs) * LOAD_PER_MS;
    load.orders = Math.min(BURST_LIMIT, Math.max(0, load.orders - leaked) + 1);
    load.atMs = nowMs;
  }

  #flush(): void {
    this.#held?.cancel();
    this.#held = undefined;
    if (this.#isEnded || this.#away.length > 0 || this.#waiting.length === 0) return;
    this.#leftMs = this.#options.clock.now();
    this.#away = this.#waiting.splice(0, BATCH_LIMIT);
    this.#port.post(this.#away.map(({ order }) => order));
    this.#watch ??= this.#watchFrom(this.#answered);
  }

  #take(answers: readonly Answer[]): void {
    if (this.#isEnded) return;
    const last = answers.at(-1);
    const isTrapped = last?.kind === 'trapped';
    const answered = this.#away.splice(0, isTrapped ? answers.length - 1 : answers.length);
    this.#answered += answers.length;
    if (isTrapped) {
      this.#settle(answered, answers);
      this.#lose(this.#culprit(0), last.error);
      return;
    }
    // The next batch is on its way while these are handled.
    this.#leave();
    this.#settle(answered, answers);
  }

  #settle(sent: readonly Sent[], answers: readonly Answer[]): void {
    this.#options.onAnswered?.(slowestOf(sent, answers));
    for (const [index, { done }] of sent.entries()) {
      const answer = answers[index];
      if (answer !== undefined) done(answer);
    }
  }

  /** Only while something is away; looks now and then whether anything was begun since. */
  #watchFrom(begun: number): Timer {
    return this.#options.clock.after(this.#options.stallMs, () => {
      this.#watch = undefined;
      if (this.#away.length === 0) return;
      const now = this.#port.begun();
      if (now !== begun || now === this.#answered) this.#watch = this.#watchFrom(now);
      else
        this.#lose(this.#culprit(now - this.#answered - 1), `no answer within ${this.#options.stallMs} ms`);
    });
  }

  /** Undefined when it was at none, or at several together: asked again, each by itself, the one that did it is found. */
  #culprit(at: number): Sent | undefined {
    return (this.#port.together?.() ?? 1) > 1 ? undefined : this.#away[at];
  }

  #lose(culprit: Sent | undefined, error: string): void {
    if (this.#isEnded) return;
    this.end();
    this.#options.onLost({ culprit, error });
    for (const { done } of [...this.#away.splice(0), ...this.#waiting.splice(0)]) done({ kind: 'lost' });
  }
}

function isUrgent({ order }: Sent): boolean {
  return !PATIENT.has(order.kind);
}

function slowestOf(sent: readonly Sent[], answers: readonly Answer[]) {
  let slowest: { order: Order; tookMs: number } | undefined;
  for (const [index, { order }] of sent.entries()) {
    const answer = answers[index];
    if (answer?.kind === 'done' && answer.tookMs > (slowest?.tookMs ?? 0))
      slowest = { order, tookMs: answer.tookMs };
  }
  return slowest;
}
