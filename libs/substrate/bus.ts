// Port: how services speak to each other. At most once (publish, request) and durably (enqueue). Adapters: embedded/, nats/.
// Subjects are dot-separated tokens; a pattern may hold `*` (one token) and end in `>` (one or more).

export type BusMessage = { subject: string; data: Uint8Array };
export type Subscription = { close(): Promise<void> };

/** What to do with a durable message after handling it. */
export type Verdict =
  | { kind: 'ack' }
  | { kind: 'retry'; delayMs: number }
  | { kind: 'terminate'; reason: string };

export type ConsumeOptions = {
  /** The consumer's lasting name: its position survives restarts, and processes that share it share the work. */
  durable: string;
  /** A message that is not answered within this time is delivered again. */
  ackWaitMs: number;
  /** How many messages this consumer may have in hand at once; one that waits for its retry is not in hand. */
  maxInFlight: number;
  /** A new consumer's start: everything the queue still holds, or only what comes from now on. */
  from: 'beginning' | 'now';
};

export interface Bus {
  /** To whoever listens now; lost when nobody does. Never blocks on a slow subscriber: past its bound messages are dropped for it. */
  publish(subject: string, data: Uint8Array): void;
  /** Also sees what is enqueued on a matching subject, at most once. With `group`, one member of the group gets each message. */
  subscribe(
    pattern: string,
    handler: (message: BusMessage) => void,
    options?: { group?: string },
  ): Subscription;
  /** @throws BusError `no_responder` | `timeout` | `too_large` | `unavailable` (the bus is away) | `closed` */
  request(subject: string, data: Uint8Array, options: { timeoutMs: number }): Promise<Uint8Array>;
  /** A handler that throws answers nothing: the caller times out. */
  respond(
    pattern: string,
    handler: (message: BusMessage) => Promise<Uint8Array>,
    options: { group: string },
  ): Subscription;
  /**
   * Stored durably before it resolves. A message id seen before on this subject within DEDUPE_WINDOW_MS is dropped and answered `duplicate`.
   * @throws BusError `unavailable` when it may not have been stored: retry with the same id.
   */
  enqueue(subject: string, id: string, data: Uint8Array): Promise<{ duplicate: boolean }>;
  /** Each message until it is acked or terminated, oldest first, at least once. A handler that throws retries after `RETRY_MS`. */
  consume(
    pattern: string,
    options: ConsumeOptions,
    handler: (message: BusMessage & { deliveries: number }) => Promise<Verdict>,
  ): Promise<Subscription>;
  /** True while messages flow. */
  connected(): boolean;
  /** Called after the bus was away and is back: time to catch up on what was published meanwhile. */
  onReconnect(handler: () => void): Subscription;
  /** Stops deliveries, waits for handlers in hand, flushes. */
  close(): Promise<void>;
}

export const MESSAGE_LIMIT_BYTES = 1024 * 1024 - 4096;
export const DEDUPE_WINDOW_MS = 10 * 60_000;
export const RETRY_MS = 1_000;
/** Messages of one consumer given out and not done, waiting retries included. At this many it gives out nothing new. */
export const PENDING_LIMIT = 1000;
/** Requests one responder has in hand; past it they are dropped, and their callers time out. */
export const RESPONDER_LIMIT = 1024;
/** How long closing waits for a handler that does not end; its message comes again. */
export const CLOSE_WAIT_MS = 10_000;

export type BusErrorKind = 'no_responder' | 'timeout' | 'too_large' | 'unavailable' | 'closed';
export class BusError extends Error {
  override readonly name = 'BusError';
  readonly kind: BusErrorKind;
  constructor(kind: BusErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
