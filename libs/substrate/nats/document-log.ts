// DocumentLog on JetStream. A message is appended only behind the one its writer saw last; opening writes a message, too, and
// so makes every earlier writer's next append fail. Sequences repeat when a stream is lost and made again, so a writer also
// looks whether the stream that took its message is the one it opened. Bases lie in the blob store, as they may be larger than a message; each
// gets a name that never was, so one that an earlier life of the stream left behind is never taken for it.
import { createSerial, type Serial } from '@hakiri/base/serial';
import type { BlobStore } from '../blob-store.ts';
import {
  type DocumentId,
  type DocumentLog,
  DocumentLogError,
  type LoadedLog,
  type LogContent,
} from '../document-log.ts';
import { decodeGroup, encodeGroup, entriesOf } from '../log-group.ts';
import { paceAfter } from '../log-pace.ts';
import { sharedCopy } from '../shared-bytes.ts';
import type { Connection } from './connection.ts';
import { decodeState, encodeState, type LogState } from './log-message.ts';
import { type LogMessage, type LogStream, openLogStream } from './log-stream.ts';

const OPEN_TRIES = 10;
const NOTHING = new Uint8Array();
const BASES = 'documents';
const NO_STATE: LogState = { epoch: 0, position: 0, base: undefined, life: undefined };

/** What this process knows of a document that it opened: its own last message, and what lies before it. */
type Writer = LogState & {
  subject: string;
  /** The subject's last message, as far as we know. */
  sequence: number;
  /** Messages with entries that the base does not cover, oldest first. */
  groups: { sequence: number; end: number }[];
  /** An append has an unknown outcome, so the next one cannot say what it comes behind. */
  unknown: boolean;
  serial: Serial;
  /** The last append's. */
  left: { atMs: number; entries: number };
};

export type NatsDocumentLogOptions = { connection: Connection; blobs: BlobStore; replicas: number };

export async function openNatsDocumentLog(options: NatsDocumentLogOptions): Promise<DocumentLog> {
  const { blobs, connection } = options;
  const stream = await openLogStream(connection, options.replicas);
  const writers = new Map<string, Writer>();

  /** The writer of this epoch, when it still is one. Its writes go one after the other. */
  function writing<T>(id: DocumentId, epoch: number, work: (writer: Writer) => Promise<T>): Promise<T> {
    const writer = writers.get(nameOf(id));
    if (writer?.epoch !== epoch) return Promise.reject(stale(id, epoch));
    return writer.serial.run(() => {
      if (writer.unknown)
        throw new DocumentLogError(
          'unavailable',
          `an append to ${nameOf(id)} has an unknown outcome: open it again`,
        );
      return unavailable(() => work(writer));
    });
  }

  /** Publishes behind the writer's last message and moves the writer on. */
  async function advance(id: DocumentId, writer: Writer, state: LogState, data: Uint8Array): Promise<void> {
    let sequence: number | undefined;
    try {
      sequence = await connection.whileConnected(() =>
        stream.publishBehind(writer.subject, writer.sequence, encodeState(state), data),
      );
      // The sequences of another life of the stream may happen to be ours: what it took is not in our history.
      // It is not taken back, as 2.9 forgets a subject whose last message is deleted: readers pass it over.
      if (sequence !== undefined && (await connection.whileConnected(stream.lifeNow)) !== writer.life)
        sequence = undefined;
    } catch (error) {
      // What was refused for lack of room is not there.
      writer.unknown = !(error instanceof DocumentLogError && error.kind === 'full');
      throw error;
    }
    if (sequence === undefined) {
      if (writers.get(nameOf(id)) === writer) writers.delete(nameOf(id));
      throw stale(id, writer.epoch);
    }
    Object.assign(writer, state, { sequence });
  }

  return {
    open: (id) =>
      unavailable(async () => {
        const { writer, loaded } = await connection.whileConnected(() => take(stream, blobs, id));
        writers.set(nameOf(id), writer);
        return loaded;
      }),

    append: (id, epoch, position, group) =>
      writing(id, epoch, async (writer) => {
        checkPosition(id, position === writer.position, position, writer);
        if (typeof group === 'function') await company(writer);
        const entries = entriesOf(group);
        if (entries.length === 0) return position;
        writer.left = { atMs: performance.now(), entries: entries.length };
        const end = position + entries.length;
        await advance(id, writer, { ...stateOf(writer), position: end }, encodeGroup(entries));
        writer.groups.push({ sequence: writer.sequence, end });
        return end;
      }),

    compact: (id, epoch, position, bytes) =>
      writing(id, epoch, async (writer) => {
        const possible = position <= writer.position && position >= (writer.base?.position ?? 0);
        checkPosition(id, possible, position, writer);
        const life = await connection.whileConnected(() => stream.createdAt()).catch(baseFailed);
        const rank = baseRank(id, life, epoch, position);
        const key = `${rank}-${crypto.randomUUID()}`;
        const put = await blobs.putIfAbsent(key, bytes).catch(baseFailed);
        if (put.kind !== 'stored') baseFailed(new Error(`${key} is there already, from somebody else`));
        try {
          await advance(id, writer, { ...stateOf(writer), base: { key, position } }, NOTHING);
        } catch (error) {
          // Refused for certain, so nothing names it.
          if (!writer.unknown) await blobs.delete(key).catch(() => undefined);
          throw error;
        }
        writer.groups = writer.groups.filter((group) => group.end > position);
        // What is left over is only space: the next compaction takes it along.
        await forget(stream, blobs, writer, rank, key).catch(() => undefined);
      }),

    read: (id) => unavailable(() => connection.whileConnected(() => readContent(stream, blobs, id))),

    position: (id) =>
      unavailable(async () => (await connection.whileConnected(() => readHead(stream, id))).state.position),

    list: (team) =>
      unavailable(async () => (await connection.whileConnected(() => stream.documents(team))).sort()),
  };
}

/** While much is written to a document, what may grow waits a little, as each append asks the server twice. */
async function company({ left }: Writer): Promise<void> {
  const waitMs = left.atMs + paceAfter(left.entries) - performance.now();
  if (left.entries > 1 && waitMs > 0) await Bun.sleep(waitMs);
}

/** Becomes the writer: tries until its message comes right behind the last one, then reads what is before it. */
async function take(
  stream: LogStream,
  blobs: BlobStore,
  id: DocumentId,
): Promise<{ writer: Writer; loaded: LoadedLog }> {
  for (let tried = 0; tried < OPEN_TRIES; tried += 1) {
    const { subject, last, life, state: before } = await readHead(stream, id);
    const state: LogState = { ...before, epoch: before.epoch + 1, life };
    const sequence = await stream.publishBehind(subject, last?.sequence ?? 0, encodeState(state), NOTHING);
    if (sequence === undefined) continue;
    const messages = last ? withoutStrays(await stream.readUntil(subject, sequence), life) : [];
    const { entries, groups } = collect(messages, state.base?.position ?? 0);
    assertWhole(id, entries.length, state);
    // Nothing but openings since the base: they need not pile up.
    if (groups.length === 0 && messages.length > 1) await stream.purgeBefore(subject, sequence);
    const base = await readBase(blobs, state);
    const own = { unknown: false, serial: createSerial(), left: { atMs: 0, entries: 0 } };
    const writer = { ...state, subject, sequence, groups, ...own };
    return { writer, loaded: { epoch: state.epoch, base, entries, position: state.position } };
  }
  throw new DocumentLogError('unavailable', `${nameOf(id)} is being opened by many at once`);
}

async function readHead(stream: LogStream, id: DocumentId) {
  const subject = stream.subject(id.team, id.doc);
  const last = await stream.last(subject);
  const life = await stream.createdAt();
  const state = last ? await stateBefore(stream, subject, last, life) : NO_STATE;
  return { subject, last, life, state };
}

async function readContent(stream: LogStream, blobs: BlobStore, id: DocumentId): Promise<LogContent> {
  const { subject, last, life, state } = await readHead(stream, id);
  if (last === undefined) return { base: undefined, entries: [], position: 0 };
  const messages = withoutStrays(await stream.readUntil(subject, last.sequence), life);
  const { entries } = collect(messages, state.base?.position ?? 0);
  assertWhole(id, entries.length, state);
  return { base: await readBase(blobs, state), entries, position: state.position };
}

async function readBase(blobs: BlobStore, { base }: LogState): Promise<Uint8Array | undefined> {
  if (base === undefined) return undefined;
  const blob = await blobs.get(base.key);
  if (blob === undefined)
    throw new DocumentLogError('unavailable', `the base ${base.key} is not in the blob store`);
  // For the thread that opens the document, and for those who join meanwhile.
  return sharedCopy(blob.bytes);
}

/** The state that the last message of the subject's own history gives. */
async function stateBefore(
  stream: LogStream,
  subject: string,
  last: LogMessage,
  life: number,
): Promise<LogState> {
  const state = decodeState(last.headers);
  if (state.life === undefined || state.life === life) return state;
  const own = withoutStrays(await stream.readUntil(subject, last.sequence), life).at(-1);
  return own ? decodeState(own.headers) : NO_STATE;
}

/**
 * Strays are written by somebody who still knew an earlier life of the stream, behind messages of this one. Where none of this
 * life are before them, they came along from another stream, and are the history.
 */
function withoutStrays(messages: readonly LogMessage[], life: number): LogMessage[] {
  let own = false;
  return messages.filter((message) => {
    const { life: theirs } = decodeState(message.headers);
    own ||= theirs === life;
    return !own || theirs === undefined || theirs === life;
  });
}

function stateOf({ epoch, position, base, life }: Writer): LogState {
  return { epoch, position, base, life };
}

/** Entries from `from` on, and the messages that hold them. A base may stand for the first entries of a group. */
function collect(messages: readonly LogMessage[], from: number) {
  const entries: Uint8Array[] = [];
  const groups: Writer['groups'] = [];
  for (const message of messages) {
    const group = decodeGroup(message.data);
    const end = decodeState(message.headers).position;
    const wanted = Math.min(group.length, end - from);
    if (wanted <= 0) continue;
    entries.push(...group.slice(group.length - wanted));
    groups.push({ sequence: message.sequence, end });
  }
  return { entries, groups };
}

function assertWhole(id: DocumentId, entries: number, state: LogState): void {
  const expected = state.position - (state.base?.position ?? 0);
  if (entries !== expected)
    throw new DocumentLogError(
      'unavailable',
      `${nameOf(id)} has ${entries} entries where ${expected} were written: the stream lost some`,
    );
}

/** Removes what the base stands for. A writer that was replaced meanwhile only removes what its successor has replaced, too. */
async function forget(
  stream: LogStream,
  blobs: BlobStore,
  writer: Writer,
  rank: string,
  key: string,
): Promise<void> {
  await stream.purgeBefore(writer.subject, writer.groups[0]?.sequence ?? writer.sequence);
  const folder = rank.slice(0, rank.lastIndexOf('/') + 1);
  for (const other of await blobs.list(folder))
    if (other !== key && other.slice(0, rank.length) <= rank) await blobs.delete(other);
}

/**
 * Sorts by the life of the stream, then by epoch, then by position: what a newer writer puts is never taken for old, while
 * all that an earlier life of the stream left is.
 */
function baseRank({ team, doc }: DocumentId, createdAt: number, epoch: number, position: number): string {
  const sortable = (value: number) => `${value}`.padStart(15, '0');
  return `${BASES}/${team}/${doc}/${[createdAt, epoch, position].map(sortable).join('-')}`;
}

function checkPosition(id: DocumentId, holds: boolean, position: number, writer: Writer): void {
  if (!holds)
    throw new DocumentLogError(
      'wrong_position',
      `${nameOf(id)} is at ${writer.position}, not at ${position}`,
    );
}

function nameOf({ team, doc }: DocumentId): string {
  return `${team}/${doc}`;
}

function stale(id: DocumentId, epoch: number): DocumentLogError {
  return new DocumentLogError('stale_epoch', `epoch ${epoch} of ${nameOf(id)} is over: open it again`);
}

/** Before anything is said to the stream. What may lie in the blob store then goes with the next base. */
function baseFailed(cause: unknown): never {
  throw new DocumentLogError('base_failed', 'the base could not be written', { cause });
}

async function unavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof DocumentLogError) throw cause;
    throw new DocumentLogError('unavailable', 'the document log could not be read or written', { cause });
  }
}
