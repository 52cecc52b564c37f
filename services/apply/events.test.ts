// Readers of the event stream while the database fails under them: each counts only as long as it is there.
import { expect, test } from 'bun:test';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { createEvents } from './events.ts';
import type { History } from './store-history.ts';

const READERS_LIMIT = 5;
const PER_USER_LIMIT = 3;
const READER = { team: 'default', user: 'ann', token: 'any', expiresAtMs: Number.MAX_SAFE_INTEGER };

/** Events whose database fails in `failing`. */
function eventsOver(failing: { latest: boolean; after: boolean }) {
  const read = (fails: boolean) => {
    if (fails) throw new Error('the database is away');
  };
  const history: Pick<History, 'latest' | 'after'> = {
    latest: async () => void read(failing.latest),
    after: async () => {
      read(failing.after);
      return [];
    },
  };
  const readers = { count: 0 };
  const events = createEvents({
    history,
    guard: {
      authorize: async () => {
        throw new Error('nothing about access changed');
      },
      onChange: () => ({ close: async () => {} }),
    },
    clock: createSimulatedClock(),
    waitersLimit: READERS_LIMIT,
    waitersPerUserLimit: PER_USER_LIMIT,
    keepaliveMs: 1_000,
    onReaders: (count) => {
      readers.count = count;
    },
  });
  return { events, readers };
}

test('[AP11.6] a stream that fails at its start gives its place back', async () => {
  const failing = { latest: true, after: false };
  const { events, readers } = eventsOver(failing);
  for (let n = 0; n < READERS_LIMIT; n++)
    await expect(events.stream(READER, undefined)).rejects.toThrow('away');
  expect(readers.count).toBe(0);
  failing.latest = false;
  await (await events.stream(READER, undefined)).cancel();
});

test('[AP11.6] a stream that fails while it is read gives its place back', async () => {
  const failing = { latest: false, after: true };
  const { events, readers } = eventsOver(failing);
  for (let n = 0; n < READERS_LIMIT; n++) {
    const reader = (await events.stream(READER, undefined)).getReader();
    await expect(reader.read().then(() => reader.read())).rejects.toThrow('away');
  }
  expect(readers.count).toBe(0);
  failing.after = false;
  await (await events.stream(READER, undefined)).cancel();
});

test('[AP11.8] one user has a bounded number of streams and waits; another still finds a place', async () => {
  const { events } = eventsOver({ latest: false, after: false });
  const { signal } = new AbortController();
  const wait = (waitMs: number) => events.next(READER, () => true, waitMs, signal);
  const streams: ReadableStream[] = [];
  for (let n = 0; n < PER_USER_LIMIT; n++) streams.push(await events.stream(READER, undefined));
  const refusal = {
    code: 'rate_limited',
    message: expect.stringContaining(`${PER_USER_LIMIT} event streams`),
  };
  await expect(events.stream(READER, undefined)).rejects.toMatchObject(refusal);
  await expect(wait(1_000)).rejects.toMatchObject(refusal);
  // Who does not wait takes no place.
  await wait(0);
  for (const user of [{ user: 'bob' }, { team: 'other' }])
    await (await events.stream({ ...READER, ...user }, undefined)).cancel();
  for (const stream of streams) await stream.cancel();
  for (let n = 0; n <= PER_USER_LIMIT; n++) await wait(1_000);
  for (let n = 0; n < PER_USER_LIMIT; n++) await events.stream(READER, undefined);
});
