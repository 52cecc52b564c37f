// A base: everything that the log said up to some position, in one piece. A Loro snapshot, and beside it what is not in the
// document but must survive compaction. It starts with a format byte; every earlier format stays readable.
import { concatBytes, utf8 } from '@hakiri/base/bytes';
import { type Static, Type } from '@sinclair/typebox';
import { HistoryIndex } from './history/archives.ts';
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

/** Format 1 had `applied` alone, format 2 nothing of the history. */
const BaseMeta = Type.Object({
  applied: Type.Optional(AppliedNote),
  leases: Type.Optional(Type.Array(LeaseNote)),
  receipts: Type.Optional(Type.Array(ReceiptRow)),
  notices: Type.Optional(Type.Array(NoticeNote)),
  history: Type.Optional(HistoryIndex),
  rescues: Type.Optional(Type.Array(RescueNote.properties.line)),
  /** When the history began: the age of a document that was never compacted. */
  begunMs: Type.Optional(Type.Number()),
});
export type BaseMeta = Static<typeof BaseMeta>;
export type Base = BaseMeta & { snapshot: Uint8Array };

/** One that does not know the history must not write a base without it: its archives would be swept. */
const FORMAT = 3;
const READABLE_FORMATS: readonly (number | undefined)[] = [1, 2, FORMAT];
// format, length of the meta data
const HEADER_BYTES = 1 + 4;

export function encodeBase({ snapshot, ...meta }: Base): Uint8Array {
  const metaBytes = utf8(JSON.stringify(meta));
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = FORMAT;
  new DataView(header.buffer).setUint32(1, metaBytes.length);
  return concatBytes([header, metaBytes, snapshot]);
}

/** @throws RecordError */
export function decodeBase(bytes: Uint8Array): Base {
  if (!READABLE_FORMATS.includes(bytes[0]) || bytes.length < HEADER_BYTES)
    throw new RecordError(`a base of format ${bytes[0]} cannot be read`);
  const metaBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  const snapshotAt = HEADER_BYTES + metaBytes;
  const meta = decodeNote(BaseMeta, bytes.subarray(HEADER_BYTES, snapshotAt));
  return { ...meta, snapshot: bytes.subarray(snapshotAt) };
}
