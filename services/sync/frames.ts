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

export function ack(address: Address, refId: HexString, status: UpdateStatusCode): Uint8Array {
  return encode({ ...address, type: MessageType.Ack, refId, status });
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
    return [
      encode({ ...address, type: MessageType.DocUpdate, updates: [...updates], batchId: nextBatchId() }),
    ];
  return updates.flatMap((update) => framesOf(address, update, nextBatchId()));
}

function framesOf(address: Address, update: Uint8Array, batchId: HexString): Uint8Array[] {
  if (update.length <= FRAGMENT_BYTES)
    return [encode({ ...address, type: MessageType.DocUpdate, updates: [update], batchId })];
  const fragmentCount = Math.ceil(update.length / FRAGMENT_BYTES);
  const header = encode({
    ...address,
    type: MessageType.DocUpdateFragmentHeader,
    batchId,
    fragmentCount,
    totalSizeBytes: update.length,
  });
  const fragments = Array.from({ length: fragmentCount }, (_, index) =>
    encode({
      ...address,
      type: MessageType.DocUpdateFragment,
      batchId,
      index,
      fragment: update.subarray(index * FRAGMENT_BYTES, (index + 1) * FRAGMENT_BYTES),
    }),
  );
  return [header, ...fragments];
}
