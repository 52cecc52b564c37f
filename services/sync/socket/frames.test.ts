// The frames that are written by hand: the same bytes as the protocol's own library writes.
import { expect, test } from 'bun:test';
import { CrdtType, encode, MessageType, UpdateStatusCode } from 'loro-protocol';
import { ack, updateFrames } from './frames.ts';

const ROOMS = ['a/b', 'a'.repeat(127), 'größe/ü'];
const BATCH = '0x0123456789abCDEF';

test('[SY3.1] an acknowledgement and an update are what the library makes of them', () => {
  for (const roomId of ROOMS) {
    const address = { crdt: CrdtType.Loro, roomId };
    for (const status of [UpdateStatusCode.Ok, UpdateStatusCode.RateLimited])
      expect(ack(address, BATCH, status)).toEqual(
        encode({ ...address, type: MessageType.Ack, refId: BATCH, status }),
      );
    for (const lengths of [[0], [127], [128, 0, 16_383], [16_384, 200_000], Array(300).fill(5)]) {
      const updates = lengths.map((length: number) => new Uint8Array(length).fill(length % 251));
      expect(updateFrames(address, updates, () => BATCH)).toEqual([
        encode({ ...address, type: MessageType.DocUpdate, updates, batchId: BATCH }),
      ]);
    }
  }
});
