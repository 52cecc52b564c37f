// How each subject is spoken to: the bytes of a join, of an edit, and what an answer means.
import { CrdtType, decode, encode, type HexString, MessageType, UpdateStatusCode } from 'loro-protocol';

export type Wire = {
  /** Below the subject's address. */
  path(room: string): string;
  /** What is said first. `version`: what the caller has, so that a reader that imports nothing need not be sent everything. */
  hello(room: string, version?: Uint8Array): Uint8Array[];
  /** From this frame on the caller hears what others write. */
  isWelcome(payload: Uint8Array): boolean;
  update(room: string, update: Uint8Array, batch: number): Uint8Array;
  /** The batch that the server has taken; undefined for any other frame. Where acknowledgements carry no name: -1. */
  acknowledged(payload: Uint8Array): number | undefined;
};

export function loroWire(token: string): Wire {
  return {
    path: () => '/v1/sync',
    hello: (roomId, version = new Uint8Array()) => [
      encode({
        type: MessageType.JoinRequest,
        crdt: CrdtType.Loro,
        roomId,
        auth: new TextEncoder().encode(token),
        version,
      }),
    ],
    isWelcome: (payload) => {
      const message = decode(payload);
      if (message.type === MessageType.JoinError) throw new Error(`refused to join: ${message.message}`);
      return message.type === MessageType.JoinResponseOk;
    },
    update: (roomId, update, batch) => loroUpdate(roomId, [update], batch),
    acknowledged: (payload) => {
      const message = decode(payload);
      if (message.type !== MessageType.Ack) return undefined;
      if (message.status !== UpdateStatusCode.Ok) throw new Error(`an edit was refused: ${message.status}`);
      return Number(message.refId);
    },
  };
}

/** Passes on whatever it gets: the same frames as ours. */
export function bareWire(): Wire {
  return {
    path: (room) => `/${encodeURIComponent(room)}`,
    hello: () => [],
    isWelcome: () => true,
    update: (room, update, batch) => loroUpdate(room, [update], batch),
    acknowledged: () => undefined,
  };
}

function loroUpdate(roomId: string, updates: Uint8Array[], batch: number): Uint8Array {
  const batchId: HexString = `0x${batch.toString(16).padStart(16, '0')}`;
  return encode({ type: MessageType.DocUpdate, crdt: CrdtType.Loro, roomId, updates, batchId });
}

// Hocuspocus: name of the document, kind of message, and then y-protocols.
const SYNC = 0;
const AUTH = 2;
const SYNC_REPLY = 4;
const SYNC_STATUS = 8;
const AUTHENTICATED = 2;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;

export function hocuspocusWire(): Wire {
  return {
    path: () => '/',
    hello: (room) => [message(room, [AUTH, 0], text('token'), text('4.7.0'))],
    isWelcome: (payload) => {
      const { kind, rest } = split(payload);
      if (kind === AUTH && rest[0] !== AUTHENTICATED) throw new Error('refused to join');
      return kind === AUTH;
    },
    update: (room, update) => message(room, [SYNC, UPDATE], varBytes(update)),
    acknowledged: (payload) => (split(payload).kind === SYNC_STATUS ? -1 : undefined),
  };
}

/** Asks for everything: the state vector of an empty document is one zero. */
export function hocuspocusStep1(room: string): Uint8Array {
  return message(room, [SYNC, STEP_1], varBytes(Uint8Array.of(0)));
}

/** What a catch-up holds; undefined for any other frame. */
export function hocuspocusStep2(payload: Uint8Array): Uint8Array | undefined {
  const { kind, rest } = split(payload);
  if ((kind !== SYNC && kind !== SYNC_REPLY) || rest[0] !== STEP_2) return undefined;
  const { value, end } = readVarint(rest, 1);
  return rest.subarray(end, end + value);
}

function message(room: string, kind: number[], ...parts: Uint8Array[]): Uint8Array {
  return Buffer.concat([text(room), Uint8Array.from(kind), ...parts]);
}

function split(payload: Uint8Array): { kind: number; rest: Uint8Array } {
  const { value, end } = readVarint(payload, 0);
  return { kind: payload[end + value] ?? -1, rest: payload.subarray(end + value + 1) };
}

function text(value: string): Uint8Array {
  return varBytes(Buffer.from(value));
}

function varBytes(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

function readVarint(bytes: Uint8Array, offset: number): { value: number; end: number } {
  let value = 0;
  let factor = 1;
  for (let end = offset; end < bytes.length; end++) {
    const byte = bytes[end] ?? 0;
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) return { value, end: end + 1 };
  }
  throw new Error('a length without an end');
}
