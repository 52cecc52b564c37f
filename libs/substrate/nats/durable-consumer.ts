// One member of a durable JetStream consumer: pulls only as much as it has hands free, answers each message, and starts
// over whenever the connection or the consumer was lost. What it cannot answer comes again after the ack wait.

import { settledWithin } from '@hakiri/base/within';
import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  nanos,
} from 'nats';
import {
  type Bus,
  CLOSE_WAIT_MS,
  type ConsumeOptions,
  PENDING_LIMIT,
  RETRY_MS,
  type Verdict,
} from '../bus.ts';
import { apiErrorCode, CONSUMER_NOT_FOUND, type Connection } from './connection.ts';

const PULL_MS = 30_000;
const PULL_RETRY_MS = 250;

export type JetStream = { connection: Connection; client: JetStreamClient; manager: JetStreamManager };
type Handler = Parameters<Bus['consume']>[2];

export async function ensureConsumer(
  { manager }: JetStream,
  stream: string,
  pattern: string,
  options: ConsumeOptions,
): Promise<void> {
  const adjustable = {
    ack_wait: nanos(options.ackWaitMs),
    filter_subject: pattern,
    max_ack_pending: PENDING_LIMIT,
  };
  try {
    const { config } = await manager.consumers.info(stream, options.durable);
    if (config.ack_wait !== adjustable.ack_wait || config.filter_subject !== pattern)
      await manager.consumers.update(stream, options.durable, adjustable);
  } catch (error) {
    if (apiErrorCode(error) !== CONSUMER_NOT_FOUND) throw error;
    await manager.consumers.add(stream, {
      ...adjustable,
      durable_name: options.durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: options.from === 'now' ? DeliverPolicy.New : DeliverPolicy.All,
      max_deliver: -1,
    });
  }
}

export class ConsumerMember {
  readonly #jetStream: JetStream;
  readonly #stream: string;
  readonly #pattern: string;
  readonly #options: ConsumeOptions;
  readonly #handler: Handler;
  readonly #running = new Set<Promise<void>>();
  readonly #disconnects: { close(): Promise<void> };
  #pull: ConsumerMessages | undefined;
  #stopped = false;

  constructor(
    jetStream: JetStream,
    stream: string,
    pattern: string,
    options: ConsumeOptions,
    handler: Handler,
  ) {
    this.#jetStream = jetStream;
    this.#stream = stream;
    this.#pattern = pattern;
    this.#options = options;
    this.#handler = handler;
    // The server forgets a pull with the connection; the client would ask for the whole of it again, past our bound.
    this.#disconnects = jetStream.connection.onDisconnect(() => this.#pull?.stop());
    void this.#run();
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#disconnects.close();
    this.#pull?.stop();
    await settledWithin(Promise.allSettled(this.#running), CLOSE_WAIT_MS);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const free = this.#options.maxInFlight - this.#running.size;
      if (free <= 0) {
        await Promise.race(this.#running);
        continue;
      }
      const took = await this.#takeUpTo(free).catch(() => undefined);
      // A pull that failed, or ended at once with nothing, must not become a busy loop.
      if (took === undefined && !this.#stopped) await this.#recover();
    }
  }

  /** Answers how many messages came; undefined when the pull ended before its time without any. */
  async #takeUpTo(free: number): Promise<number | undefined> {
    if (!this.#jetStream.connection.connected()) return undefined;
    const started = performance.now();
    const consumer = await this.#jetStream.client.consumers.get(this.#stream, this.#options.durable);
    const pull = await consumer.fetch({ max_messages: free, expires: PULL_MS });
    this.#pull = pull;
    let took = 0;
    try {
      if (this.#stopped) pull.stop();
      for await (const message of pull) {
        took += 1;
        this.#take(message);
      }
    } finally {
      this.#pull = undefined;
    }
    return took > 0 || performance.now() - started > PULL_RETRY_MS ? took : undefined;
  }

  async #recover(): Promise<void> {
    await Bun.sleep(PULL_RETRY_MS);
    if (!this.#jetStream.connection.connected()) return;
    await ensureConsumer(this.#jetStream, this.#stream, this.#pattern, this.#options).catch(() => undefined);
  }

  #take(message: JsMsg): void {
    if (this.#stopped || this.#running.size >= this.#options.maxInFlight) {
      message.nak();
      return;
    }
    const work = this.#handle(message).finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async #handle(message: JsMsg): Promise<void> {
    let verdict: Verdict;
    try {
      verdict = await this.#handler({
        subject: message.subject,
        data: message.data,
        deliveries: message.info.redeliveryCount,
      });
    } catch {
      verdict = { kind: 'retry', delayMs: RETRY_MS };
    }
    try {
      if (verdict.kind === 'ack') message.ack();
      else if (verdict.kind === 'retry') message.nak(verdict.delayMs);
      else message.term(verdict.reason);
    } catch {
      // The connection is closed: the message was not answered, so it comes again.
    }
  }
}
