// A peer that does not read, over a real socket: it delays nobody and costs a bounded queue.
import { describe, expect, test } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { concatBytes, utf8 } from '@hakiri/base/bytes';
import { until } from '@hakiri/testing/until';
import { CrdtType, encode, MessageType, tryDecode, UpdateStatusCode } from 'loro-protocol';
import { anEdit, type Bed, type Raw, ROOM } from '../testing/bed.ts';
import { bedsOfTests, member } from '../testing/in-test.ts';

const bedOf = bedsOfTests();

/** A peer that can stop reading: a WebSocket spoken by hand, over a TCP socket that can be paused. */
async function slowPeer(
  bed: Bed,
  crdt: CrdtType = CrdtType.Loro,
): Promise<{ socket: Socket; received(): Uint8Array; closed(): boolean }> {
  const { port } = new URL(bed.url);
  const socket = connect(Number(port), '127.0.0.1');
  const parts: Uint8Array[] = [];
  let closed = false;
  socket.on('data', (part) => parts.push(typeof part === 'string' ? utf8(part) : part));
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => {});
  const key = Buffer.from('0123456789abcdef').toString('base64');
  socket.write(
    `GET /v1/sync HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await until(() => Buffer.concat(parts).includes('\r\n\r\n'));
  const join = encode({
    type: MessageType.JoinRequest,
    crdt,
    roomId: ROOM,
    auth: utf8('slow'),
    version: new Uint8Array(),
  });
  // A masked binary frame of less than 126 bytes; a mask of zeros changes nothing.
  socket.write(concatBytes([Uint8Array.of(0x82, 0x80 | join.length, 0, 0, 0, 0), join]));
  await until(() => Buffer.concat(parts).includes(crdt));
  socket.pause();
  return { socket, received: () => concatBytes(parts), closed: () => closed };
}

const FLOOD_FRAMES = 80;

/** More than the sockets' own buffers take; resolves when each is acknowledged. */
async function flood(raw: Raw): Promise<void> {
  for (let index = 0; index < FLOOD_FRAMES; index++) {
    const batchId = raw.update(anEdit(`flood ${index}`, 'x'.repeat(200_000)));
    expect(await raw.ackOf(batchId)).toBe(UpdateStatusCode.Ok);
  }
}

describe('a peer that does not read', () => {
  test('[SY3.4] delays nobody, is told to rejoin, and catches up', async () => {
    const bed = await bedOf({ config: { queueBytes: 512 * 1024, stallMs: 10_000 } });
    const slow = await slowPeer(bed);
    const [writer, reader] = [await member(bed, 'alice'), await member(bed, 'bob')];
    await flood(writer);
    await until(
      () => reader.heard.filter(({ type }) => type === MessageType.DocUpdate).length >= FLOOD_FRAMES,
    );
    expect(await bed.metrics()).toMatch(/hakiri_sync_cut_offs_total\{[^}]*reason="too_slow"[^}]*\} 1/);
    slow.socket.resume();
    await until(() => {
      const bytes = slow.received();
      const at = Buffer.from(bytes).lastIndexOf('too_slow');
      return (
        at > 0 &&
        tryDecode(bytes.subarray(Buffer.from(bytes).lastIndexOf('%LOR')))?.type === MessageType.RoomError
      );
    });
    slow.socket.destroy();
    writer.end();
    reader.end();
  });

  test('[SY3.5] is cut off when it goes on not reading', async () => {
    const bed = await bedOf({ config: { queueBytes: 512 * 1024, stallMs: 50 } });
    const slow = await slowPeer(bed);
    const writer = await member(bed, 'alice');
    await flood(writer);
    await until(async () => /^hakiri_sync_sockets(\{.*\})? 1$/m.test(await bed.metrics()));
    slow.socket.resume();
    await until(() => slow.closed());
    writer.end();
  });
});
