// What the server says in loro-protocol, as bytes. An update that does not fit into one frame leaves in fragments.
import {
  type CrdtType,
  encode,
  type HexString,
  type JoinErrorCode,
  MessageType,
  type Permission,
  type RoomErrorCode,
  type UpdateStatusCode,
} from 'loro-protocol';

export type RoomKind = CrdtType;
export type Address = { crdt: CrdtType; roomId: string };

/** The protocol's frame limit is 256 KiB; the rest is for what stands around an update. */
export const FRAGMENT_BYTES = 240 * 1024;

/** Made when it is to leave, as all frames of a large document at once would be another 18 MB. */
export type LazyFrame = {
  readonly length: number;
  /** Good until the next frame is encoded. */
  encode(): Uint8Array;
};
export type Frame = Uint8Array | LazyFrame;

export function bytesOfFrame(frame: Frame): Uint8Array {
  return frame instanceof Uint8Array ? frame : frame.encode();
}

export function joinOk(
  address: Address,
  permission: Permission,
  version: Uint8Array,
  extra: Uint8Array,
): Uint8Array {
  return encode({ ...address, type: MessageType.JoinResponseOk, permission, version, extra });
}

/** `message` is a stable code: the stock client hands on nothing else. */
export function joinError(
  address: Address,
  code: JoinErrorCode,
  message: string,
  receiverVersion?: Uint8Array,
): Uint8Array {
  return encode({
    ...address,
    type: MessageType.JoinError,
    code,
    message,
    appCode: message,
    ...(receiverVersion === undefined ? {} : { receiverVersion }),
  });
}

/** Written by hand, as are updates: of these two there is one for every edit and member. */
export function ack(address: Address, refId: HexString, status: UpdateStatusCode): Uint8Array {
  const head = headOf(address);
  const frame = new Uint8Array(head.length + 1 + BATCH_ID_BYTES + 1);
  frame.set(head);
  frame[head.length] = MessageType.Ack;
  writeBatchId(frame, head.length + 1, refId);
  frame[frame.length - 1] = status;
  return frame;
}

export function roomError(address: Address, code: RoomErrorCode, message: string): Uint8Array {
  return encode({ ...address, type: MessageType.RoomError, code, message });
}

/** Batch ids of one room, never the same twice while it lives. */
export function createBatchIds(): () => HexString {
  let last = 0;
  return () => {
    last += 1;
    return `0x${last.toString(16).padStart(16, '0')}`;
  };
}

/** One frame for all updates when they fit, else each for itself. */
export function updateFrames(
  address: Address,
  updates: readonly Uint8Array[],
  nextBatchId: () => HexString,
): Uint8Array[] {
  const totalBytes = updates.reduce((sum, update) => sum + update.length, 0);
  if (totalBytes <= FRAGMENT_BYTES && updates.length > 0)
    return [updateFrame(address, updates, nextBatchId())];
  return updates.flatMap((update) =>
    snapshotFrames(address, update, nextBatchId()).map((frame) => bytesOfFrame(frame).slice()),
  );
}

/** One update, however large. */
export function snapshotFrames(address: Address, update: Uint8Array, batchId: HexString): Frame[] {
  if (update.length <= FRAGMENT_BYTES) return [updateFrame(address, [update], batchId)];
  const fragmentCount = Math.ceil(update.length / FRAGMENT_BYTES);
  const header = encode({
    ...address,
    type: MessageType.DocUpdateFragmentHeader,
    batchId,
    fragmentCount,
    totalSizeBytes: update.length,
  });
  const fragments = Array.from({ length: fragmentCount }, (_, index) =>
    fragmentFrame(address, update, index, batchId),
  );
  return [header, ...fragments];
}

/** Of one fragment at a time: memory that was used before is in the cache, and needs no page of the system. */
let scratch = new Uint8Array();

function fragmentFrame(address: Address, update: Uint8Array, index: number, batchId: HexString): LazyFrame {
  const head = headOf(address);
  const begin = index * FRAGMENT_BYTES;
  const bytes = Math.min(FRAGMENT_BYTES, update.length - begin);
  const length = head.length + 1 + BATCH_ID_BYTES + lengthOfInteger(index) + lengthOfInteger(bytes) + bytes;
  const encodeFragment = (): Uint8Array => {
    if (scratch.length < length) scratch = new Uint8Array(length);
    scratch.set(head);
    scratch[head.length] = MessageType.DocUpdateFragment;
    writeBatchId(scratch, head.length + 1, batchId);
    let at = writeInteger(scratch, head.length + 1 + BATCH_ID_BYTES, index);
    at = writeInteger(scratch, at, bytes);
    scratch.set(update.subarray(begin, begin + bytes), at);
    return scratch.subarray(0, length);
  };
  return { length, encode: encodeFragment };
}

function updateFrame(address: Address, updates: readonly Uint8Array[], batchId: HexString): Uint8Array {
  const head = headOf(address);
  let length = head.length + 1 + lengthOfInteger(updates.length) + BATCH_ID_BYTES;
  for (const update of updates) length += lengthOfInteger(update.length) + update.length;
  const frame = new Uint8Array(length);
  frame.set(head);
  let at = head.length;
  frame[at++] = MessageType.DocUpdate;
  at = writeInteger(frame, at, updates.length);
  for (const update of updates) {
    at = writeInteger(frame, at, update.length);
    frame.set(update, at);
    at += update.length;
  }
  writeBatchId(frame, at, batchId);
  return frame;
}

/** What every frame of a room begins with, encoded once for each address. */
const heads = new WeakMap<Address, Uint8Array>();

function headOf(address: Address): Uint8Array {
  const known = heads.get(address);
  if (known !== undefined) return known;
  // The shortest message, without its type.
  const head = encode({ ...address, type: MessageType.Leave }).slice(0, -1);
  heads.set(address, head);
  return head;
}

const BATCH_ID_BYTES = 8;

function writeBatchId(frame: Uint8Array, at: number, id: HexString): void {
  for (let index = 0; index < BATCH_ID_BYTES; index++) {
    const digits = 2 + 2 * index;
    frame[at + index] = (digitAt(id, digits) << 4) | digitAt(id, digits + 1);
  }
}

function digitAt(id: HexString, at: number): number {
  const code = id.charCodeAt(at);
  return code <= NINE ? code - ZERO : (code | LOWER_CASE) - BEFORE_A;
}

const ZERO = 0x30;
const NINE = 0x39;
const LOWER_CASE = 0x20;
const BEFORE_A = 0x61 - 10;

/** Seven bits to the byte, the least first. */
function writeInteger(frame: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  for (; rest >= 0x80; rest >>>= 7) frame[next++] = (rest & 0x7f) | 0x80;
  frame[next++] = rest;
  return next;
}

function lengthOfInteger(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest >>>= 7) length += 1;
  return length;
}
