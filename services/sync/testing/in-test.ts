// What tests over real sockets begin with: beds that end with their test, somebody in a room, something to say there.
import { afterEach } from 'bun:test';
import { CrdtType, MessageType } from 'loro-protocol';
import { encodeEphemeral } from '../socket/ephemeral-codec.ts';
import { type Bed, type BedOptions, openBed, Raw } from './bed.ts';

/** Opens beds for the tests of the calling file; each is closed after the test that opened it. */
export function bedsOfTests(): (options?: BedOptions) => Promise<Bed> {
  const beds: Bed[] = [];
  afterEach(async () => {
    for (const bed of beds.splice(0)) await bed.close();
  });
  return async (options = {}) => {
    const bed = await openBed(options);
    beds.push(bed);
    return bed;
  };
}

export async function member(bed: Bed, token: string, crdt: CrdtType = CrdtType.Loro): Promise<Raw> {
  const raw = await Raw.open(bed);
  raw.join(token, crdt);
  await raw.next(MessageType.JoinResponseOk, crdt);
  return raw;
}

export const say = (key: string, value: string | undefined): Uint8Array =>
  encodeEphemeral([{ key, value: value === undefined ? undefined : { focus: value }, atMs: Date.now() }]);
