// One host as the main thread sees it: orders go out in batches, whatever came while the last batch was away together, so a
// burst costs few messages and a single order leaves in the same turn; while many documents are edited, batches wait a little
// for company, as each wakes two threads. Answers come in order. A host that traps, dies or hangs is ended, and it is said
// which order it was at.
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { DocumentLimits } from './host/document.ts';
import type { Answer, Order } from './host/host.ts';
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
  /** Once. `culprit` is what it was at. Everything that was not answered is lost after it. */
  onLost(lost: { culprit: Sent | undefined; error: string }): void;
};

/** In one message; more go with the next. */
const BATCH_LIMIT = 512;
/** Each message wakes a thread: while many documents are edited, batches leave no closer than this. */
const HOLD_MS = 3;
/** Over this time it is counted how often an order was for another document than the one before: so often is many. */
const WINDOW_MS = 20;
const MANY = 5;
/** From here on what waits is company enough. */
const HELD_LIMIT = 32;
/** Nobody waits for the answer, or not at a few milliseconds. */
const PATIENT: ReadonlySet<Order['kind']> = new Set(['update', 'look', 'left']);

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
  readonly #company = { sinceMs: 0, last: -1, changes: 0, isMuch: false };

  constructor(options: HostWorkerOptions) {
    this.#options = options;
    this.#port = options.start(options.limits, {
      onAnswers: (answers) => this.#take(answers),
      onDied: (error) => this.#lose(undefined, error),
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
    this.#count(sent.order);
    if (this.#isFlushing || this.#away.length > 0 || (this.#held !== undefined && !this.#isUrgent(sent)))
      return;
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

  /** Edits wait for company where there is much of it; somebody alone, and whoever asks for something else, does not. */
  #leave(): void {
    if (this.#isEnded || this.#away.length > 0 || this.#waiting.length === 0) return;
    const { clock } = this.#options;
    const waitMs = this.#company.isMuch ? this.#leftMs + HOLD_MS - clock.now() : 0;
    if (waitMs <= 0 || this.#waiting.some((sent) => this.#isUrgent(sent))) this.#flush();
    else this.#held ??= clock.after(waitMs, () => this.#flush());
  }

  #isUrgent({ order }: Sent): boolean {
    return !PATIENT.has(order.kind) || this.#waiting.length >= HELD_LIMIT;
  }

  #count({ document, kind }: Order): void {
    if (!PATIENT.has(kind)) return;
    const company = this.#company;
    const now = this.#options.clock.now();
    if (now - company.sinceMs >= WINDOW_MS) {
      company.isMuch = company.changes >= MANY && now - company.sinceMs < 2 * WINDOW_MS;
      company.sinceMs = now;
      company.changes = 0;
    }
    if (company.last !== document) company.changes += 1;
    company.last = document;
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
      this.#lose(this.#away[0], last.error);
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
      else this.#lose(this.#away[now - this.#answered - 1], `no answer within ${this.#options.stallMs} ms`);
    });
  }

  #lose(culprit: Sent | undefined, error: string): void {
    if (this.#isEnded) return;
    this.end();
    this.#options.onLost({ culprit, error });
    for (const { done } of [...this.#away.splice(0), ...this.#waiting.splice(0)]) done({ kind: 'lost' });
  }
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
