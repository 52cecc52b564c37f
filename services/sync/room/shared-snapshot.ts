// The snapshot that whoever joins without a version is sent; what came since is a delta behind it, from its version. It is large,
// and lies in this thread alone: the log's own base after a load, later one that the host makes when somebody needs it.
import type { Snapshot } from '../host/protocol.ts';

type Use = (snapshot: Snapshot | Error) => void;
/** Makes one. */
export type AskSnapshot = (done: (snapshot: Snapshot) => void, fail: (error: Error) => void) => void;

/** After the last join. */
const KEEP_MS = 60_000;

export class SharedSnapshot {
  readonly #ask: AskSnapshot;
  readonly #now: () => number;
  #kept: Snapshot | undefined;
  #offered: (() => Snapshot | undefined) | undefined;
  #waiting: Use[] = [];
  #usedMs = Number.NEGATIVE_INFINITY;

  constructor(ask: AskSnapshot, now: () => number) {
    this.#ask = ask;
    this.#now = now;
  }

  /** Everybody who needs one while it is made gets that. */
  use(use: Use): void {
    this.#usedMs = this.#now();
    const isAsked = this.#waiting.length > 0;
    this.#waiting.push(use);
    this.#kept ??= this.#offered?.();
    this.#offered = undefined;
    if (this.#kept !== undefined) this.#hand(this.#kept);
    else if (!isAsked)
      this.#ask(
        (snapshot) => this.keep(snapshot),
        (error) => this.#hand(error),
      );
  }

  keep(snapshot: Snapshot): void {
    this.#kept = snapshot;
    this.#hand(snapshot);
  }

  /** One that is looked at when somebody needs it. */
  offer(make: () => Snapshot | undefined): void {
    this.#offered = make;
  }

  has(snapshot: Snapshot): boolean {
    return this.#kept === snapshot;
  }

  /** Too much came since, for one. */
  forget(snapshot: Snapshot): void {
    if (this.has(snapshot)) this.#kept = undefined;
  }

  /** The document leaves memory, or is opened anew: what is in there may not be in the log. */
  drop(): void {
    this.#kept = undefined;
    this.#offered = undefined;
  }

  /** The document changed: a good moment to see whether anybody joins any more. */
  dropUnused(): void {
    if (this.#now() - this.#usedMs > KEEP_MS) this.drop();
  }

  #hand(snapshot: Snapshot | Error): void {
    for (const use of this.#waiting.splice(0)) use(snapshot);
  }
}
