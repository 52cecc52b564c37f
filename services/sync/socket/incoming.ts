// What clients say, decoded once at the edge. Nothing here throws at what it is given.
import { utf8 } from '@hakiri/base/bytes';
import { decode, type ProtocolMessage } from 'loro-protocol';

/** The protocol's own bound, which its decoder does not check. */
const ROOM_ID_LIMIT_BYTES = 128;

/** Undefined for what is not of the protocol, and for a room id that could not be answered. */
export function decodeFrame(data: Uint8Array): ProtocolMessage | undefined {
  try {
    const message = decode(data);
    const { roomId } = message;
    // No character is longer than three bytes for each of its units.
    const isShort = roomId.length * 3 <= ROOM_ID_LIMIT_BYTES;
    return isShort || utf8(roomId).length <= ROOM_ID_LIMIT_BYTES ? message : undefined;
  } catch {
    return undefined;
  }
}
