// The stream that holds all documents' logs, one subject a document: read the last message of a subject, read from a
// message on, publish behind an expected last message, forget what is before one.
import {
  AckPolicy,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type MsgHdrs,
  nanos,
} from 'nats';
import { DocumentLogError } from '../document-log.ts';
import {
  apiErrorCode,
  type Connection,
  MESSAGE_NOT_FOUND,
  STORE_FULL,
  STREAM_FULL,
  WRONG_LAST_SEQUENCE,
} from './connection.ts';
import { ensureStream } from './stream.ts';

const STREAM = 'HAKIRI_DOCS';
const SUBJECTS = 'hakiri.docs';
const PUBLISH_TIMEOUT_MS = 5_000;
/** Messages asked for at once while a document is loaded. */
const READ_BATCH = 64;
const READ_MS = 10_000;

export type LogMessage = { sequence: number; headers: MsgHdrs | undefined; data: Uint8Array };
export type LogStream = Awaited<ReturnType<typeof openLogStream>>;

export async function openLogStream(connection: Connection, replicas: number) {
  const client: JetStreamClient = connection.nats.jetstream();
  const manager: JetStreamManager = await connection.nats.jetstreamManager();
  await ensureStream(manager, { name: STREAM, subjects: [`${SUBJECTS}.>`], replicas });

  /** When this life of the stream began; a stream that was lost and made again has another. Milliseconds since 1970. */
  async function createdAt(): Promise<number> {
    return Date.parse((await manager.streams.info(STREAM)).created);
  }

  return {
    subject: (team: string, doc: string) => `${SUBJECTS}.${team}.${doc}`,

    createdAt,
    /** The same, asked after the call: those who ask while one question is on its way share the next. */
    lifeNow: shareNext(createdAt),

    async last(subject: string): Promise<LogMessage | undefined> {
      try {
        const found = await manager.streams.getMessage(STREAM, { last_by_subj: subject });
        return { sequence: found.seq, headers: found.header, data: found.data };
      } catch (error) {
        if (apiErrorCode(error) === MESSAGE_NOT_FOUND) return undefined;
        throw error;
      }
    },

    /**
     * Answers the message's sequence; undefined when `expected` is not the subject's last any more. 0 expects none.
     * @throws DocumentLogError `full`: it is not stored.
     */
    async publishBehind(
      subject: string,
      expected: number,
      headers: MsgHdrs,
      data: Uint8Array,
    ): Promise<number | undefined> {
      try {
        const stored = await client.publish(subject, data, {
          headers,
          timeout: PUBLISH_TIMEOUT_MS,
          expect: { lastSubjectSequence: expected, streamName: STREAM },
        });
        return stored.seq;
      } catch (error) {
        const code = apiErrorCode(error);
        if (code === WRONG_LAST_SEQUENCE) return undefined;
        if (code === STREAM_FULL || code === STORE_FULL)
          throw new DocumentLogError('full', `the stream ${STREAM} has no room`, { cause: error });
        throw error;
      }
    },

    /** All that the subject holds up to the message `until`, which is there. */
    async readUntil(subject: string, until: number): Promise<LogMessage[]> {
      const made = await manager.consumers.add(STREAM, {
        filter_subject: subject,
        deliver_policy: DeliverPolicy.All,
        ack_policy: AckPolicy.None,
        mem_storage: true,
        inactive_threshold: nanos(READ_MS),
      });
      try {
        return await readAll(client, made.name, until);
      } finally {
        await manager.consumers.delete(STREAM, made.name).catch(() => undefined);
      }
    },

    async purgeBefore(subject: string, sequence: number): Promise<void> {
      await manager.streams.purge(STREAM, { filter: subject, seq: sequence });
    },

    /** Last tokens of the team's subjects. */
    async documents(team: string): Promise<string[]> {
      const filter = `${SUBJECTS}.${team}.*`;
      const info = await manager.streams.info(STREAM, { subjects_filter: filter });
      return Object.keys(info.state.subjects ?? {}).map((subject) => subject.slice(filter.length - 1));
    },
  };
}

function shareNext<T>(ask: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const start = (): Promise<T> => {
    const own = ask().finally(() => {
      if (asking === own) asking = undefined;
    });
    asking = own;
    return own;
  };
  return () => {
    if (asking === undefined) return start();
    next ??= asking
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  };
}

async function readAll(client: JetStreamClient, consumerName: string, until: number): Promise<LogMessage[]> {
  const consumer = await client.consumers.get(STREAM, consumerName);
  const read: LogMessage[] = [];
  for (;;) {
    const before = read.length;
    const batch = await consumer.fetch({ max_messages: READ_BATCH, expires: READ_MS });
    for await (const message of batch) {
      read.push({ sequence: message.seq, headers: message.headers, data: message.data });
      if (message.seq >= until) {
        batch.stop();
        return read;
      }
    }
    if (read.length === before) throw new Error('the document log could not be read to its end');
  }
}
