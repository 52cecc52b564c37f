// What sync writes into a document's log. An entry says who did what and when it was received; a base is a Loro snapshot
// with what must survive compaction beside it. Both start with a format byte, so that later formats can stand beside these.
import { concatBytes, fromUtf8, utf8 } from '@hakiri/base/bytes';
import { Revision } from '@hakiri/contracts/apply';
import type { Actor } from '@hakiri/contracts/envelope';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** The last applied revision as editors are told of it: without the lists, which may be long. */
export const AppliedNote = Type.Omit(Revision, ['changed', 'scope']);
export type AppliedNote = Static<typeof AppliedNote>;

export type LogRecord = { actor: Actor; receivedAtMs: number } & (
  | { kind: 'created' }
  | { kind: 'update'; update: Uint8Array }
  | { kind: 'applied'; note: AppliedNote }
);

export type Base = { snapshot: Uint8Array; applied: AppliedNote | undefined };

export class RecordError extends Error {
  override readonly name = 'RecordError';
}

const FORMAT = 1;
const KINDS = ['created', 'update', 'applied'] as const;
const ACTORS = ['user', 'node', 'service'] as const;
// format, kind, actor kind, length of the actor's id, time
const HEADER_BYTES = 4 + 8;
const BASE_HEADER_BYTES = 1 + 4;

export function encodeRecord(record: LogRecord): Uint8Array {
  const id = utf8(record.actor.id);
  if (id.length > 255) throw new RecordError('an actor id is at most 255 bytes');
  const header = new Uint8Array(HEADER_BYTES);
  header.set([FORMAT, KINDS.indexOf(record.kind), ACTORS.indexOf(record.actor.kind), id.length]);
  new DataView(header.buffer).setFloat64(4, record.receivedAtMs);
  return concatBytes([header, id, payloadOf(record)]);
}

/** @throws RecordError when it was not written by `encodeRecord`: the log is damaged, or newer than this code. */
export function decodeRecord(bytes: Uint8Array): LogRecord {
  const [format, kindAt = -1, actorAt = -1, idLength = 0] = bytes;
  const kind = KINDS[kindAt];
  const actorKind = ACTORS[actorAt];
  if (
    format !== FORMAT ||
    kind === undefined ||
    actorKind === undefined ||
    bytes.length < HEADER_BYTES + idLength
  )
    throw new RecordError(`an entry of format ${format} cannot be read`);
  const receivedAtMs = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(4);
  const id = fromUtf8(bytes.subarray(HEADER_BYTES, HEADER_BYTES + idLength));
  const payload = bytes.subarray(HEADER_BYTES + idLength);
  const header = { actor: { kind: actorKind, id }, receivedAtMs };
  if (kind === 'update') return { ...header, kind, update: payload };
  if (kind === 'created') return { ...header, kind };
  return { ...header, kind, note: decodeNote(payload) };
}

export function encodeBase(base: Base): Uint8Array {
  const meta = utf8(JSON.stringify(base.applied === undefined ? {} : { applied: base.applied }));
  const header = new Uint8Array(BASE_HEADER_BYTES);
  header[0] = FORMAT;
  new DataView(header.buffer).setUint32(1, meta.length);
  return concatBytes([header, meta, base.snapshot]);
}

/** @throws RecordError */
export function decodeBase(bytes: Uint8Array): Base {
  if (bytes[0] !== FORMAT || bytes.length < BASE_HEADER_BYTES)
    throw new RecordError(`a base of format ${bytes[0]} cannot be read`);
  const metaBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  const snapshotAt = BASE_HEADER_BYTES + metaBytes;
  const meta = parse(bytes.subarray(BASE_HEADER_BYTES, snapshotAt));
  if (!Value.Check(BaseMeta, meta)) throw new RecordError('a base with unknown fields cannot be read');
  return { snapshot: bytes.subarray(snapshotAt), applied: meta.applied };
}

const BaseMeta = Type.Object({ applied: Type.Optional(AppliedNote) });

function payloadOf(record: LogRecord): Uint8Array {
  if (record.kind === 'update') return record.update;
  return record.kind === 'applied' ? utf8(JSON.stringify(record.note)) : new Uint8Array();
}

function decodeNote(payload: Uint8Array): AppliedNote {
  const note = parse(payload);
  if (!Value.Check(AppliedNote, note)) throw new RecordError('an applied revision cannot be read');
  return note;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new RecordError('not JSON', { cause });
  }
}
