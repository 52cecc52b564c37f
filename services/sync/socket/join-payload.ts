// What a join brings beside its room: who asks, from which device, and what the client speaks. And whether that is enough to
// speak with each other at all: a client that would understand a document by halves is told to update instead.
import { fromUtf8 } from '@hakiri/base/bytes';
import {
  DeviceId,
  LORO_RANGE,
  PROTOCOL_RANGE,
  Speaks,
  UPDATE_REQUIRED,
  type VersionRange,
} from '@hakiri/contracts/join';
import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** A token has at most 8 KiB (TOKEN_LIMIT_CHARS), and JSON around it little. */
export const PAYLOAD_LIMIT_BYTES = 16 * 1024;

export type JoinPayload = {
  token: string | undefined;
  device: string | undefined;
  speaks: Speaks | undefined;
};

const NOTHING: JoinPayload = { token: undefined, device: undefined, speaks: undefined };

/**
 * The bare token of a stock client, or JSON of ours. Never throws. What ours may say in a later version does no harm here: a
 * field that is unknown is passed over, one that does not fit counts as not said.
 */
export function parseJoinPayload(auth: Uint8Array): JoinPayload {
  if (auth.length === 0 || auth.length > PAYLOAD_LIMIT_BYTES) return NOTHING;
  try {
    const text = fromUtf8(auth);
    // A token is base64url and never begins like this.
    if (!text.trimStart().startsWith('{')) return { ...NOTHING, token: text };
    const said: unknown = JSON.parse(text);
    if (typeof said !== 'object' || said === null) return NOTHING;
    return {
      token: 'token' in said && typeof said.token === 'string' ? said.token : undefined,
      device: 'device' in said ? fitting(DeviceId, said.device) : undefined,
      speaks: 'speaks' in said ? fitting(Speaks, said.speaks) : undefined,
    };
  } catch {
    return NOTHING;
  }
}

function fitting<Schema extends TSchema>(schema: Schema, value: unknown) {
  return Value.Check(schema, value) ? value : undefined;
}

export type Gate = 'ok' | typeof UPDATE_REQUIRED;

/**
 * `schema` is the document's own version: the client has to read exactly that. A client that says nothing is a stock client,
 * which speaks the public protocol and does not look into the document.
 */
export function gate(speaks: Speaks | undefined, schema: number): Gate {
  if (speaks === undefined) return 'ok';
  return includes(speaks.schema, schema) ? gateWire(speaks) : UPDATE_REQUIRED;
}

/** What can be said before the document is looked at, and in the rooms that have nothing of it. */
export function gateWire(speaks: Speaks | undefined): Gate {
  if (speaks === undefined) return 'ok';
  const fits = intersect(speaks.protocol, PROTOCOL_RANGE) && intersect(speaks.loro, LORO_RANGE);
  return fits ? 'ok' : UPDATE_REQUIRED;
}

function intersect([low, high]: VersionRange, [otherLow, otherHigh]: VersionRange): boolean {
  return Math.max(low, otherLow) <= Math.min(high, otherHigh);
}

function includes([low, high]: VersionRange, version: number): boolean {
  return low <= version && version <= high;
}

/** A version of no operations, also as Loro encodes it. */
export function hasNothing(version: Uint8Array): boolean {
  return version.length === 0 || (version.length === 1 && version[0] === 0);
}
