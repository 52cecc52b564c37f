// The queue of one peer against a socket that takes what the test lets it take.
import { expect, test } from 'bun:test';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { Outbox, type RawSocket } from './outbox.ts';

function boxOf(limitBytes = 100) {
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
