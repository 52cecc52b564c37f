// One durable consumer of the in-process queue: which messages are done, in hand or waiting, and who gets the next.
// In memory it holds numbers only; bodies are read when somebody has a hand free.
import { assert } from '@hakiri/base/assert';
import { type ConsumeOptions, PENDING_LIMIT, RETRY_MS, type Verdict } from '../bus.ts';
import type { Clock, Timer } from '../clock.ts';
import { matcher } from '../subject.ts';
import type { Progress, QueueStore, StoredConsumer, StoredMessage } from './queue-store.ts';

/** Bodies read at once, each at most a message's limit. */
const FETCH_LIMIT = 16;

export type Handler = (message: {
  subject: string;
  data: Uint8Array;
  deliveries: number;
}) => Promise<Verdict>;
export type Member = {
  options: ConsumeOptions;
  handler: Handler;
  running: Set<Promise<void>>;
};

/** `timer` runs until its answer is due (in hand) or until its retry is (waiting); without one it is ready to go out. */
type Pending = { deliveries: number; timer?: Timer };

export class DurableConsumer {
  readonly name: string;
  readonly pattern: string;
  readonly members = new Set<Member>();
  readonly #store: QueueStore;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #matches: (subject: string) => boolean;
  readonly #glob: string;
  readonly #progress: Map<number, Progress>;
  readonly #pending = new Map<number, Pending>();
  #floor: number;
  /** Everything up to here was looked at: it is done, pending, or somebody else's. */
  #scanned: number;
  #pumping = false;
  #again = false;
  #stopped = false;

  constructor(stored: StoredConsumer, store: QueueStore, clock: Clock, onError: (error: unknown) => void) {
    this.name = stored.name;
    this.pattern = stored.pattern;
    this.#store = store;
    this.#clock = clock;
    this.#onError = onError;
    this.#matches = matcher(stored.pattern);
    this.#glob = stored.pattern.replace(/>$/, '*');
    this.#progress = stored.progress;
    this.#floor = stored.floor;
    this.#scanned = stored.floor;
  }

  wants(subject: string): boolean {
    return this.#matches(subject);
  }

  /** True when this consumer needs the message no more, or never did. */
  isDone(sequence: number, subject: string): boolean {
    return !this.#matches(subject) || sequence <= this.#floor || this.#progress.get(sequence)?.done === true;
  }

  /** There may be something to give out. */
  nudge(): void {
    this.#again = true;
    if (this.#pumping || this.#stopped) return;
    this.#pumping = true;
    this.#pump()
      .catch((error) => this.#report(error))
      .finally(() => {
        this.#pumping = false;
        if (this.#again) this.nudge();
      });
  }

  /** Puts every timer away: what is pending comes again after the next start. */
  stop(): void {
    this.#stopped = true;
    for (const pending of this.#pending.values()) pending.timer?.cancel();
  }

  async #pump(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#giveReady();
      await this.#giveNew();
    }
  }

  async #giveReady(): Promise<void> {
    const ready = [...this.#pending].filter(([, pending]) => pending.timer === undefined);
    for (const [sequence, pending] of ready.sort(([a], [b]) => a - b)) {
      if (!this.#freeMember()) return;
      const message = await this.#store.get(sequence);
      if (message === undefined) await this.#finish(sequence);
      // The last member may have closed while the body was read: the message stays ready for the next one.
      else if (!this.#freeMember()) return;
      else if (this.#pending.get(sequence) === pending && pending.timer === undefined) this.#give(message);
    }
  }

  async #giveNew(): Promise<void> {
    while (this.#freeMember() && this.#pending.size < PENDING_LIMIT) {
      const newest = this.#store.committed();
      if (this.#scanned >= newest) return;
      const found = await this.#store.after(this.#scanned, this.#glob, FETCH_LIMIT);
      for (const message of found) {
        if (!this.#freeMember()) return;
        this.#scanned = message.sequence;
        if (this.#matches(message.subject) && !this.isDone(message.sequence, message.subject))
          this.#give(message);
      }
      if (found.length < FETCH_LIMIT) this.#scanned = Math.max(this.#scanned, newest);
    }
  }

  #freeMember(): Member | undefined {
    let best: Member | undefined;
    for (const member of this.members) {
      if (member.running.size >= member.options.maxInFlight) continue;
      if (best === undefined || member.running.size < best.running.size) best = member;
    }
    return best;
  }

  #give(message: StoredMessage): void {
    const member = this.#freeMember();
    assert(member, 'a message is only given when a hand is free');
    const { sequence } = message;
    const before = this.#pending.get(sequence)?.deliveries ?? this.#progress.get(sequence)?.deliveries ?? 0;
    const delivery: Pending = { deliveries: before + 1 };
    delivery.timer = this.#clock.after(member.options.ackWaitMs, () => this.#makeReady(sequence, delivery));
    this.#pending.set(sequence, delivery);
    const work = this.#handle(member, message, delivery).finally(() => {
      member.running.delete(work);
      this.nudge();
    });
    member.running.add(work);
  }

  async #handle(member: Member, message: StoredMessage, delivery: Pending): Promise<void> {
    const verdict = await member
      .handler({ subject: message.subject, data: message.data, deliveries: delivery.deliveries })
      .catch((): Verdict => ({ kind: 'retry', delayMs: RETRY_MS }));
    // A late ack counts whoever has the message now; a late retry does not, because that is under way already.
    if (verdict.kind !== 'retry') await this.#finish(message.sequence);
    else if (this.#pending.get(message.sequence) === delivery)
      await this.#retry(message.sequence, delivery, verdict.delayMs);
  }

  async #retry(sequence: number, delivery: Pending, delayMs: number): Promise<void> {
    delivery.timer?.cancel();
    delivery.timer = this.#clock.after(delayMs, () => this.#makeReady(sequence, delivery));
    await this.#save(sequence, { done: false, deliveries: delivery.deliveries });
  }

  #makeReady(sequence: number, delivery: Pending): void {
    if (this.#pending.get(sequence) !== delivery) return;
    delete delivery.timer;
    this.nudge();
  }

  async #finish(sequence: number): Promise<void> {
    const pending = this.#pending.get(sequence);
    pending?.timer?.cancel();
    this.#pending.delete(sequence);
    await this.#save(sequence, { done: true, deliveries: pending?.deliveries ?? 0 });
  }

  /** A failed save only means that the message comes again after a restart. */
  async #save(sequence: number, progress: Progress): Promise<void> {
    if (this.#stopped) return;
    this.#progress.set(sequence, progress);
    const oldestPending = Math.min(...this.#pending.keys());
    this.#floor = Math.max(this.#floor, Math.min(this.#scanned, oldestPending - 1));
    for (const one of this.#progress.keys()) if (one <= this.#floor) this.#progress.delete(one);
    await this.#store
      .saveProgress(this.name, this.#floor, new Map([[sequence, progress]]))
      .catch((error) => this.#report(error));
  }

  #report(error: unknown): void {
    if (!this.#stopped) this.#onError(error);
  }
}
