// What clients say, decoded once at the edge. Nothing here throws at what it is given.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { JoinPayload } from '@hakiri/contracts/join';
import { Value } from '@sinclair/typebox/value';
import { decode, type ProtocolMessage } from 'loro-protocol';

/** The protocol's own bound, which its decoder does not check. */
const ROOM_ID_LIMIT_BYTES = 128;

/** Undefined for what is not of the protocol, and for a room id that could not be answered. */
export function decodeFrame(data: Uint8Array): ProtocolMessage | undefined {
  try {
    const message = decode(data);
    return utf8(message.roomId).length <= ROOM_ID_LIMIT_BYTES ? message : undefined;
  } catch {
    return undefined;
  }
}

/** The join payload of a client of ours is JSON, a stock client's the bare access token. */
export function joinPayloadOf(auth: Uint8Array): JoinPayload | undefined {
  if (auth.length === 0) return undefined;
  try {
    const text = fromUtf8(auth);
    if (!text.startsWith('{')) return { token: text };
    const said: unknown = JSON.parse(text);
    return Value.Check(JoinPayload, said) ? said : undefined;
  } catch {
    return undefined;
  }
}

export function tokenOf(auth: Uint8Array): string | undefined {
  return joinPayloadOf(auth)?.token;
}
