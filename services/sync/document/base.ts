// A base: everything that the log said up to some position, in one piece. A Loro snapshot, and beside it what is not in the
// document but must survive compaction; first what a join is answered with before anybody has imported the snapshot. It starts
// with a format byte; every earlier format stays readable.
import { concatBytes, copyBytes, utf8 } from '@hakiri/base/bytes';
import { type Static, Type } from '@sinclair/typebox';
import { HistoryIndex } from '../history/archives.ts';
import { TouchedNote } from '../host/touched-note.ts';
import {
  AppliedNote,
  decodeNote,
  LeaseNote,
  LoroPeer,
  NoticeNote,
  RecordError,
  RescueNote,
} from './record.ts';

const ReceiptRow = Type.Object({
  peer: LoroPeer,
  start: Type.Integer(),
  end: Type.Integer(),
  user: Type.String(),
  atMs: Type.Number(),
});

const BaseHead = Type.Object({
  /** Of the snapshot: a `DocVersion`. Bounded where peer ids are given, as a base that cannot be read stops a document. */
  version: Type.String(),
  /** The document's, as it is written in it. */
  schema: Type.Integer(),
  leases: Type.Array(LeaseNote),
});
export type BaseHead = Static<typeof BaseHead>;

/** Format 1 had `applied` alone, format 2 nothing of the history; up to format 3 the leases stood here, and there was no head. */
const BaseMeta = Type.Object({
  applied: Type.Optional(AppliedNote),
  leases: Type.Optional(Type.Array(LeaseNote)),
  receipts: Type.Optional(Type.Array(ReceiptRow)),
  notices: Type.Optional(Type.Array(NoticeNote)),
  history: Type.Optional(HistoryIndex),
  rescues: Type.Optional(Type.Array(RescueNote.properties.line)),
  /** Without it nobody knows what was touched since it was last applied. */
  touched: Type.Optional(TouchedNote),
  /** When the history began: the age of a document that was never compacted. */
  begunMs: Type.Optional(Type.Number()),
});
type BaseMeta = Static<typeof BaseMeta>;
export type Base = BaseMeta & Partial<BaseHead> & { snapshot: Uint8Array };

/** One that does not know the history must not write a base without it: its archives would be swept. */
const FORMAT = 4;
const HEADLESS_FORMATS: readonly (number | undefined)[] = [1, 2, 3];
const LENGTH_BYTES = 4;

export function encodeBase({ snapshot, version, schema, leases, ...meta }: Base & BaseHead): Uint8Array {
  const notes = [{ version, schema, leases }, meta].map((note) => utf8(JSON.stringify(note)));
  const header = new Uint8Array(1 + notes.length * LENGTH_BYTES);
  header[0] = FORMAT;
  const view = new DataView(header.buffer);
  for (const [at, { length }] of notes.entries()) view.setUint32(1 + at * LENGTH_BYTES, length);
  return concatBytes([header, ...notes, snapshot]);
}

/** @throws RecordError */
export function decodeBase(bytes: Uint8Array): Base {
  const { head, meta, snapshot } = partsOf(bytes);
  return {
    ...(head === undefined ? {} : decodeNote(BaseHead, copyBytes(head))),
    ...decodeNote(BaseMeta, copyBytes(meta)),
    snapshot,
  };
}

/** Undefined of an earlier format, and when it is longer than `limitBytes`: reading it takes its time. @throws RecordError */
export function decodeHead(
  bytes: Uint8Array,
  limitBytes: number,
): (BaseHead & { snapshot: Uint8Array }) | undefined {
  const { head, snapshot } = partsOf(bytes);
  if (head === undefined || head.length > limitBytes) return undefined;
  return { ...decodeNote(BaseHead, copyBytes(head)), snapshot };
}

/** Views, perhaps of memory that threads share. */
function partsOf(bytes: Uint8Array): {
  head: Uint8Array | undefined;
  meta: Uint8Array;
  snapshot: Uint8Array;
} {
  const [format] = bytes;
  const count = format === FORMAT ? 2 : 1;
  const begin = 1 + count * LENGTH_BYTES;
  if ((format !== FORMAT && !HEADLESS_FORMATS.includes(format)) || bytes.length < begin)
    throw new RecordError(`a base of format ${format} cannot be read`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headAt = begin;
  const metaAt = headAt + (format === FORMAT ? view.getUint32(1) : 0);
  const snapshotAt = metaAt + view.getUint32(begin - LENGTH_BYTES);
  return {
    head: format === FORMAT ? bytes.subarray(headAt, metaAt) : undefined,
    meta: bytes.subarray(metaAt, snapshotAt),
    snapshot: bytes.subarray(snapshotAt),
  };
}
