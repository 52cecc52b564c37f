// The queue of one peer against a socket that takes what the test lets it take, and against a real one.
import { expect, test } from 'bun:test';
import { connect } from 'node:net';
import { systemClock } from '@hakiri/substrate/clock';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { createTurn, Outbox, type RawSocket, type Turn } from './outbox.ts';

function boxOf(limitBytes = 100, turn?: Turn) {
  const sent: number[] = [];
  const state = { answer: 1, terminated: false, overflows: 0 };
  const socket: RawSocket = {
    send: (data) => {
      if (state.answer !== 0) sent.push(data.length);
      return state.answer > 0 ? data.length : state.answer;
    },
    close: () => {},
    terminate: () => {
      state.terminated = true;
    },
  };
  const clock = createSimulatedClock();
  const onOverflow = (): void => {
    state.overflows += 1;
  };
  const outbox = new Outbox({
    socket,
    clock,
    limitBytes,
    catchUpLimitBytes: 10_000,
    stallMs: 1_000,
    onOverflow,
    onSent: () => {},
    ...(turn ? { turn } : {}),
  });
  return { outbox, sent, state, clock };
}
const frame = (length: number): Uint8Array => new Uint8Array(length);

test('[SY3.3] frames wait in order while the peer is behind, and go on when it reads', () => {
  const { outbox, sent, state } = boxOf();
  outbox.send(frame(1));
  state.answer = -1;
  outbox.send(frame(2));
  outbox.send(frame(3));
  outbox.send(frame(4));
  expect(sent).toEqual([1, 2]);
  state.answer = 1;
  outbox.drain();
  expect(sent).toEqual([1, 2, 3, 4]);
  expect(outbox.waitingBytes).toBe(0);
});

test('[SY3.3] a frame that the socket did not take is not lost', () => {
  const { outbox, sent, state } = boxOf();
  state.answer = 0;
  outbox.send(frame(1));
  outbox.send(frame(2));
  expect(sent).toEqual([]);
  state.answer = 1;
  outbox.drain();
  expect(sent).toEqual([1, 2]);
});

test('[SY3.4] past its bound the queue is dropped and the peer told to rejoin; catching up does not count', () => {
  const { outbox, sent, state } = boxOf(100);
  state.answer = -1;
  outbox.send(frame(1));
  outbox.sendCatchUp([frame(5_000)]);
  outbox.send(frame(100));
  expect(state.overflows).toBe(0);
  outbox.send(frame(1));
  expect(state.overflows).toBe(1);
  state.answer = 1;
  outbox.drain();
  expect(sent).toEqual([1]);
});

test('[SY3.5] a peer that reads nothing for long is cut off, one that reads a little is not', async () => {
  const { outbox, state, clock } = boxOf();
  state.answer = -1;
  outbox.send(frame(1));
  await clock.advance(900);
  outbox.drain();
  outbox.send(frame(1));
  await clock.advance(900);
  expect(state.terminated).toBe(false);
  await clock.advance(100);
  expect(state.terminated).toBe(true);
});

test('[SY3.5] a peer that joins again and again without reading is cut off', () => {
  const { outbox, state } = boxOf();
  state.answer = -1;
  outbox.send(frame(1));
  outbox.sendCatchUp([frame(6_000), frame(6_000)]);
  expect(state.terminated).toBe(false);
  outbox.sendCatchUp([frame(1)]);
  expect(state.terminated).toBe(true);
});

test('[SY3.9] what is said in one turn leaves in one write at its end, in order', async () => {
  const writes: number[][] = [];
  let corked: number[] | undefined;
  const socket: RawSocket = {
    send: (data) => {
      if (corked === undefined) writes.push([data.length]);
      else corked.push(data.length);
      return data.length;
    },
    cork: (send) => {
      corked = [];
      send();
      writes.push(corked);
      corked = undefined;
    },
    getBufferedAmount: () => 0,
    close: () => {},
    terminate: () => {},
  };
  const turn = createTurn();
  const limits = { limitBytes: 100, catchUpLimitBytes: 1_000, stallMs: 1_000 };
  const hooks = { onOverflow: () => {}, onSent: () => {} };
  const options = { socket, clock: createSimulatedClock(), turn, ...limits, ...hooks };
  const [one, other] = [new Outbox(options), new Outbox(options)];
  for (const length of [1, 2, 3]) one.send(frame(length));
  one.sendCatchUp([frame(4), frame(5)]);
  other.send(frame(9));
  expect(writes).toEqual([]);
  await Promise.resolve();
  expect(writes).toEqual([[1, 2, 3, 4, 5], [9]]);
  // What must go before something else goes now, and the turn's end finds nothing.
  one.send(frame(6));
  one.flush();
  one.send(frame(7));
  one.close();
  await Promise.resolve();
  expect(writes).toEqual([[1, 2, 3, 4, 5], [9], [6]]);
});

test('[SY3.4] a turn that says more than the queue holds is no overflow while the socket takes it', async () => {
  const { outbox, sent, state } = boxOf(100, createTurn());
  for (let count = 0; count < 10; count++) outbox.send(frame(60));
  expect(state.overflows).toBe(0);
  await Promise.resolve();
  expect(sent).toHaveLength(10);
});

test('[SY3.10] over a real socket that is not read: the bound counts what the system did not take, and all arrives in order', async () => {
  let outbox: Outbox | undefined;
  let overflows = 0;
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request, self) => (self.upgrade(request) ? undefined : new Response()),
    websocket: {
      open: (socket) => {
        const limits = { limitBytes: 64 * 1024 * 1024, catchUpLimitBytes: 1, stallMs: 60_000 };
        const hooks = { onOverflow: () => overflows++, onSent: () => {} };
        outbox = new Outbox({ socket, clock: systemClock, turn: createTurn(), ...limits, ...hooks });
      },
      message: () => {},
      drain: () => outbox?.drain(),
    },
  });
  const arrived: number[] = [];
  const { socket, read } = await unread(server.port ?? 0, (index) => arrived.push(index));
  const box = await until(() => outbox);
  let said = 0;
  const isBehind = (): boolean => box.waitingBytes > 1024 * 1024;
  for (; !isBehind(); await new Promise(setImmediate)) {
    expect(said).toBeLessThan(50_000);
    for (let count = 0; count < 8; count++) {
      const data = new Uint8Array(1_000);
      new DataView(data.buffer).setUint32(0, said++);
      box.send(data);
    }
  }
  read();
  await until(() => arrived.length === said, { what: 'everything to arrive' });
  expect(arrived).toEqual(Array.from({ length: said }, (_, index) => index));
  expect([box.waitingBytes, overflows]).toEqual([0, 0]);
  socket.destroy();
  await server.stop(true);
});

/** A client that takes nothing from the system until it is told to, and then hands on the first number of each frame. */
async function unread(port: number, onFrame: (index: number) => void) {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  const lines = ['GET / HTTP/1.1', 'Host: test', 'Upgrade: websocket', 'Connection: Upgrade'];
  lines.push('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13', '', '');
  socket.write(lines.join('\r\n'));
  let bytes = Buffer.alloc(0);
  let isOpen = false;
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (!isOpen) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      isOpen = true;
      bytes = bytes.subarray(end + 4);
    }
    // A frame of 1,000 bytes has four before them.
    let offset = 0;
    for (; bytes.length - offset >= 1_004; offset += 1_004) onFrame(bytes.readUInt32BE(offset + 4));
    bytes = bytes.subarray(offset);
  });
  return { socket, read: () => socket.resume() };
}
