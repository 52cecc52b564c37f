// The Bus over NATS: core subjects for what is fleeting, one JetStream stream for what is durable.
import { copyBytes } from '@hakiri/base/bytes';
import { settledWithin } from '@hakiri/base/within';
import { STREAM, STREAM_MAX_AGE_DAYS, STREAM_SUBJECTS } from '@hakiri/contracts/subjects';
import { ErrorCode, type Msg, NatsError, type Subscription as NatsSubscription } from 'nats';
import {
  type Bus,
  BusError,
  type BusMessage,
  CLOSE_WAIT_MS,
  DEDUPE_WINDOW_MS,
  RESPONDER_LIMIT,
  type Subscription,
} from '../bus.ts';
import { checkSize } from '../message-size.ts';
import { checkPattern, checkSubject } from '../subject.ts';
import { apiErrorCode, type Connection, STREAM_FULL } from './connection.ts';
import { ConsumerMember, ensureConsumer, type JetStream } from './durable-consumer.ts';
import { ensureStream } from './stream.ts';

const PUBLISH_TIMEOUT_MS = 5_000;
/** All durable messages of seven days. A full stream refuses more, and the senders' outboxes wait. */
const STREAM_LIMIT_BYTES = 1024 ** 3;
const FLUSH_WAIT_MS = 2_000;

type NatsBusOptions = { replicas: number; onError(error: unknown): void };

/** Leaves `connection` open when it is closed: others use it too. */
export async function openNatsBus(connection: Connection, options: NatsBusOptions): Promise<Bus> {
  const { nats } = connection;
  const jetStream: JetStream = {
    connection,
    client: nats.jetstream(),
    manager: await nats.jetstreamManager(),
  };
  await ensureStream(jetStream.manager, {
    name: STREAM,
    subjects: STREAM_SUBJECTS,
    replicas: options.replicas,
    maxAgeMs: STREAM_MAX_AGE_DAYS * 24 * 60 * 60_000,
    limitBytes: STREAM_LIMIT_BYTES,
    dedupeWindowMs: DEDUPE_WINDOW_MS,
  });
  const subscriptions = new Set<NatsSubscription>();
  const members = new Set<ConsumerMember>();
  const inHand = new Set<Promise<void>>();
  let closed = false;

  function check(subject: string, data: Uint8Array): void {
    checkSubject(subject);
    checkOpen();
    checkSize(data);
  }

  function checkOpen(): void {
    if (closed || nats.isClosed()) throw new BusError('closed', 'the bus is closed');
  }

  function listen(pattern: string, group: string | undefined, take: (message: Msg) => void): Subscription {
    checkPattern(pattern);
    checkOpen();
    const own = nats.subscribe(pattern, {
      ...(group === undefined ? {} : { queue: group }),
      callback: (error, message) => {
        if (error) options.onError(error);
        else if (!own.isClosed()) take(message);
      },
    });
    subscriptions.add(own);
    return {
      close: async () => {
        subscriptions.delete(own);
        if (!own.isClosed()) own.unsubscribe();
      },
    };
  }

  async function close(): Promise<void> {
    closed = true;
    for (const subscription of subscriptions) if (!subscription.isClosed()) subscription.unsubscribe();
    await Promise.all([...members].map((member) => member.close()));
    await settledWithin(Promise.allSettled(inHand), CLOSE_WAIT_MS);
    if (connection.connected()) await settledWithin(nats.flush(), FLUSH_WAIT_MS);
  }

  let closing: Promise<void> | undefined;
  return {
    publish: (subject, data) => {
      check(subject, data);
      if (connection.connected()) nats.publish(subject, copyBytes(data));
    },

    subscribe: (pattern, handler, subscribeOptions) =>
      listen(pattern, subscribeOptions?.group, (message) => {
        try {
          handler(copyOf(message));
        } catch (error) {
          options.onError(error);
        }
      }),

    request: async (subject, data, { timeoutMs }) => {
      check(subject, data);
      try {
        const reply = await connection.whileConnected(() =>
          nats.request(subject, data, { timeout: timeoutMs }),
        );
        return copyBytes(reply.data);
      } catch (error) {
        throw requestError(subject, error);
      }
    },

    respond: (pattern, handler, { group }) =>
      listen(pattern, group, (message) => {
        // Without a reply subject it was published, not asked.
        if (!message.reply || inHand.size >= RESPONDER_LIMIT) return;
        const work = answer(message, handler).finally(() => inHand.delete(work));
        inHand.add(work);
      }),

    enqueue: async (subject, id, data) => {
      check(subject, data);
      try {
        // The stream knows ids for all subjects together, so the subject is part of ours.
        const stored = await connection.whileConnected(() =>
          jetStream.client.publish(subject, data, {
            msgID: `${subject} ${id}`,
            timeout: PUBLISH_TIMEOUT_MS,
          }),
        );
        return { duplicate: stored.duplicate };
      } catch (cause) {
        const full = apiErrorCode(cause) === STREAM_FULL;
        const what = full ? `is not stored: the stream ${STREAM} is full` : 'may not be stored';
        throw new BusError('unavailable', `${subject} ${what}: retry with the same id`, { cause });
      }
    },

    consume: async (pattern, consumeOptions, handler) => {
      checkPattern(pattern);
      checkOpen();
      try {
        await connection.whileConnected(() => ensureConsumer(jetStream, STREAM, pattern, consumeOptions));
      } catch (cause) {
        throw new BusError('unavailable', `consumer ${consumeOptions.durable} could not be made`, { cause });
      }
      const member = new ConsumerMember(jetStream, STREAM, pattern, consumeOptions, handler);
      members.add(member);
      return {
        close: async () => {
          members.delete(member);
          await member.close();
        },
      };
    },

    connected: () => !closed && connection.connected(),
    onReconnect: (handler) => connection.onReconnect(handler),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** The client's buffer is shared by what arrived together. */
function copyOf(message: Msg): BusMessage {
  return { subject: message.subject, data: copyBytes(message.data) };
}

/** A handler that throws, or answers too much, answers nothing. */
async function answer(message: Msg, handler: (message: BusMessage) => Promise<Uint8Array>): Promise<void> {
  try {
    const reply = await handler(copyOf(message));
    checkSize(reply);
    message.respond(reply);
  } catch {
    // The port says so: who asked waits out their time. Whoever made the handler has logged why.
  }
}

function requestError(subject: string, cause: unknown): BusError {
  const code = cause instanceof NatsError ? cause.code : undefined;
  if (code === ErrorCode.NoResponders)
    return new BusError('no_responder', `nobody answers ${subject} now`, { cause });
  if (code === ErrorCode.Timeout)
    return new BusError('timeout', `${subject} was not answered in time`, { cause });
  if (code === ErrorCode.ConnectionClosed || code === ErrorCode.ConnectionDraining)
    return new BusError('closed', 'the bus is closed', { cause });
  return new BusError('unavailable', `${subject} could not be asked: retry`, { cause });
}
