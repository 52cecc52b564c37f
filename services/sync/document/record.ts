// What sync writes into a document's log: who did what and when it was received. An entry starts with a format byte, so that
// later formats can stand beside this one. base.ts is what replaces entries.
import { concatBytes, fromUtf8, utf8 } from '@hakiri/base/bytes';
import type { Actor } from '@hakiri/contracts/envelope';
import { DeviceId } from '@hakiri/contracts/join';
import { DocVersion } from '@hakiri/contracts/names';
import { Notice } from '@hakiri/contracts/notice';
import { Revision } from '@hakiri/contracts/revision';
import { Scope } from '@hakiri/contracts/scope';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** The last applied revision as editors are told of it: without the lists, which may be long. Older logs know no minor ones. */
export const AppliedNote = Type.Composite([
  Type.Omit(Revision, ['changed', 'scope', 'sequence', 'minor']),
  Type.Partial(Type.Pick(Revision, ['sequence', 'minor'])),
]);
export type AppliedNote = Static<typeof AppliedNote>;

/** As it is logged: with what it took, which older logs do not say. */
export const AppliedRecordNote = Type.Composite([AppliedNote, Type.Object({ scope: Type.Optional(Scope) })]);
export type AppliedRecordNote = Static<typeof AppliedRecordNote>;

/** Whether the one was published after the other; undefined when nothing was. */
export function isNewer(one: AppliedNote, other: AppliedNote | undefined): boolean {
  return other === undefined || (one.sequence ?? one.number) > (other.sequence ?? other.number);
}

export const LoroPeer = Type.TemplateLiteral('${number}');
/** A Loro peer id that is somebody's; `device` when it was leased to it ahead of use. */
export const LeaseNote = Type.Object({
  peer: LoroPeer,
  user: Type.String(),
  device: Type.Optional(DeviceId),
  /** When it became theirs; older logs do not say. */
  atMs: Type.Optional(Type.Number()),
});
export type LeaseNote = Static<typeof LeaseNote>;

/** A conflict notice and whom it concerns. */
export const NoticeNote = Type.Object({ users: Type.Array(Type.String()), notice: Notice });
export type NoticeNote = Static<typeof NoticeNote>;

const RescueLineNote = Type.Object({ ends: DocVersion, at: DocVersion, after: DocVersion });
/** Work that was rebased: what to remember, so that handing it in again does nothing (history/rescue.ts). */
export const RescueNote = Type.Object({
  line: RescueLineNote,
  /** The one that it goes on from. */
  replaces: Type.Optional(RescueLineNote),
});
export type RescueNote = Static<typeof RescueNote>;

/** Somebody wants to see a notice no more. */
export const DismissedNote = Type.Object({ user: Type.String(), id: Type.String() });
export type DismissedNote = Static<typeof DismissedNote>;

export type LogRecord = { actor: Actor; receivedAtMs: number } & (
  | { kind: 'created' }
  | { kind: 'update'; update: Uint8Array }
  | { kind: 'applied'; note: AppliedRecordNote }
  | { kind: 'lease'; note: LeaseNote }
  | { kind: 'notice'; note: NoticeNote }
  | { kind: 'dismissed'; note: DismissedNote }
  /** In one, as a crash between the two would bring the work in twice. The update is empty when nothing was to be written. */
  | { kind: 'rescued'; note: RescueNote; update: Uint8Array }
);

export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/** What it brought to the document. */
export function updateIn(record: LogRecord): Uint8Array | undefined {
  const isUpdate = record.kind === 'update' || record.kind === 'rescued';
  return isUpdate && record.update.length > 0 ? record.update : undefined;
}

const FORMAT = 1;
/** Their places are what is written: new kinds go to the end. */
const KINDS = ['created', 'update', 'applied', 'lease', 'notice', 'dismissed', 'rescued'] as const;
const ACTORS = ['user', 'node', 'service'] as const;
// format, kind, actor kind, length of the actor's id, time
const HEADER_BYTES = 4 + 8;

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
  switch (kind) {
    case 'created':
      return { ...header, kind };
    case 'update':
      return { ...header, kind, update: payload };
    case 'applied':
      return { ...header, kind, note: decodeNote(AppliedRecordNote, payload) };
    case 'lease':
      return { ...header, kind, note: decodeNote(LeaseNote, payload) };
    case 'notice':
      return { ...header, kind, note: decodeNote(NoticeNote, payload) };
    case 'dismissed':
      return { ...header, kind, note: decodeNote(DismissedNote, payload) };
    case 'rescued':
      return { ...header, kind, ...decodeRescued(payload) };
  }
}

function payloadOf(record: LogRecord): Uint8Array {
  if (record.kind === 'update') return record.update;
  if (record.kind === 'rescued') return encodeRescued(record);
  return record.kind === 'created' ? new Uint8Array() : utf8(JSON.stringify(record.note));
}

const LENGTH_BYTES = 4;

function encodeRescued({ note, update }: { note: RescueNote; update: Uint8Array }): Uint8Array {
  const noteBytes = utf8(JSON.stringify(note));
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, noteBytes.length);
  return concatBytes([length, noteBytes, update]);
}

function decodeRescued(payload: Uint8Array): { note: RescueNote; update: Uint8Array } {
  if (payload.length < LENGTH_BYTES) throw new RecordError('a rescue ends too early');
  const end = LENGTH_BYTES + new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  return {
    note: decodeNote(RescueNote, payload.subarray(LENGTH_BYTES, end)),
    update: payload.subarray(end),
  };
}

/** Something that was written as JSON. @throws RecordError */
export function decodeNote<T extends TSchema>(schema: T, payload: Uint8Array): Static<T> {
  let note: unknown;
  try {
    note = JSON.parse(fromUtf8(payload));
  } catch (cause) {
    throw new RecordError('not JSON', { cause });
  }
  if (!Value.Check(schema, note)) throw new RecordError('a note of another shape cannot be read');
  return note;
}
