// Readers of the event stream while the database fails under them: each counts only as long as it is there.
import { expect, test } from 'bun:test';
import { fromUtf8 } from '@hakiri/base/bytes';
import type { Revision } from '@hakiri/contracts/revision';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import type { History } from '../store/store-history.ts';
import { CATCH_UP_LIMIT_MS, createEvents, STALE_LIMIT_MS, UNCONFIRMED_LIMIT_MS } from './events.ts';

const READERS_LIMIT = 5;
const PER_USER_LIMIT = 3;
const READER = { team: 'default', user: 'ann', token: 'any', expiresAtMs: Number.MAX_SAFE_INTEGER };

const revisionOf = (sequence: number): Revision => ({
  sequence,
  number: sequence,
  minor: 0,
  label: `v${sequence}`,
  file: `manifest@v${sequence}.toml`,
  digest: `sha256:${sequence}`,
  sizeBytes: 0,
  publishedAt: '',
  author: '',
  message: '',
  doc: 'main',
  version: 'v',
  scope: { kind: 'all' },
  pipelines: 0,
  changed: [],
});

/** Events over a database that fails in `failing`, has `published` revisions, and counts what it is asked. */
function eventsOver(failing: { latest: boolean; after: boolean }, published = { count: 0 }) {
  const clock = createSimulatedClock();
  const asked = { latest: 0, after: 0 };
  const read = (what: 'latest' | 'after') => {
    asked[what] += 1;
    if (failing[what]) throw new Error('the database is away');
  };
  const history: Pick<History, 'latest' | 'after'> = {
    latest: async () => {
      read('latest');
      return published.count === 0 ? undefined : revisionOf(published.count);
    },
    after: async (_team, after, limit) => {
      read('after');
      const count = Math.min(limit, published.count - after);
      return Array.from({ length: count }, (_, index) => revisionOf(after + index + 1));
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
    clock,
    waitersLimit: READERS_LIMIT,
    waitersPerUserLimit: PER_USER_LIMIT,
    keepaliveMs: 1_000,
    onReaders: (count) => {
      readers.count = count;
    },
  });
  return { events, readers, clock, asked };
}

/** What a stream says: its sequences so far, and whether it has ended. */
function follow(stream: ReadableStream<Uint8Array>) {
  const seen = { sequences: [] as number[], ended: false };
  const run = async (): Promise<void> => {
    for await (const bytes of stream)
      for (const [, id] of fromUtf8(bytes).matchAll(/^id: (\d+)$/gm)) seen.sequences.push(Number(id));
    seen.ended = true;
  };
  void run();
  return seen;
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
  const { events, readers } = eventsOver(failing, { count: 3 });
  for (let n = 0; n < READERS_LIMIT; n++) {
    const reader = (await events.stream(READER, 1)).getReader();
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

test('[AP11.9] a process that missed the news on the bus tells of it within STALE_LIMIT_MS', async () => {
  const published = { count: 1 };
  const { events, clock } = eventsOver({ latest: false, after: false }, published);
  const seen = follow(await events.stream(READER, undefined));
  const poll = events.next(READER, (latest) => latest?.sequence === 3, 600_000, new AbortController().signal);
  await clock.advance(STALE_LIMIT_MS);
  published.count = 3;
  await clock.advance(STALE_LIMIT_MS);
  await until(() => seen.sequences.length === 2);
  expect(seen.sequences).toEqual([2, 3]);
  expect((await poll)?.sequence).toBe(3);
});

test('[AP11.9] a process that has not seen the database for UNCONFIRMED_LIMIT_MS sends everybody away', async () => {
  const failing = { latest: false, after: false };
  const { events, clock, readers } = eventsOver(failing, { count: 1 });
  const seen = follow(await events.stream(READER, undefined));
  const poll = events.next(READER, () => false, 600_000, new AbortController().signal).catch((e) => e.code);
  await clock.advance(STALE_LIMIT_MS);
  failing.latest = true;
  await clock.advance(UNCONFIRMED_LIMIT_MS - STALE_LIMIT_MS);
  expect([seen.ended, readers.count]).toEqual([false, 2]);
  await clock.advance(2 * STALE_LIMIT_MS);
  await until(() => seen.ended);
  expect([await poll, readers.count]).toEqual(['unavailable', 0]);
  // Who comes then is told so, and not what was newest once.
  await expect(events.next(READER, () => true, 0, new AbortController().signal)).rejects.toThrow('away');
});

test('[AP11.10] who knows of something newer waits shortly for it, and is never told something older', async () => {
  const published = { count: 2 };
  const { events, clock } = eventsOver({ latest: false, after: false }, published);
  const late = events.caughtUp(READER, 3);
  published.count = 3;
  await clock.advance(200);
  expect(await late).toBe(true);
  const never = events.caughtUp(READER, 9);
  await clock.advance(2 * CATCH_UP_LIMIT_MS);
  expect(await never).toBe(false);
  // A stream goes on behind what its reader has.
  const opening = events.stream(READER, 4);
  published.count = 4;
  await clock.advance(200);
  const seen = follow(await opening);
  published.count = 5;
  events.announce('default', revisionOf(5));
  await until(() => seen.sequences.length === 1);
  events.announce('default', revisionOf(4));
  expect(seen.sequences).toEqual([5]);
});

test('[AP11.12] however many wait, the database is asked for none of them, and what is told is made once', async () => {
  const published = { count: 1 };
  const { events, asked } = eventsOver({ latest: false, after: false }, published);
  const users = [{ user: 'ann' }, { user: 'bob' }, { user: 'cyd' }].map((user) => ({ ...READER, ...user }));
  const readers = await Promise.all(
    users.map(async (reader) => (await events.stream(reader, undefined)).getReader()),
  );
  // Those who asked while the first question was under way shared the second.
  expect(asked.latest).toBe(2);
  await Promise.all(readers.map((reader) => reader.read()));
  const waiting = Promise.all(readers.map((reader) => reader.read()));
  events.announce('default', revisionOf(2));
  const told = await waiting;
  expect(new Set(told.map(({ value }) => value)).size).toBe(1);
  expect(asked).toEqual({ latest: 2, after: 0 });
});
