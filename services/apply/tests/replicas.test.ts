// Readers who go from one process of the service to another, some of which know less.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { until } from '@hakiri/testing/until';
import { STALE_LIMIT_MS } from '../delivery/events.ts';
import { type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { follow } from '../testing/bed-follow.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { publishText } from '../testing/bed-writes.ts';

let bed: Bed;
let running: Running;
let node: string;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
  node = bed.token('node');
});
afterEach(() => bed.close());

const publish = (description: string) => publishText(bed, running.url, description, [pipeline(2)]);
const read = (path: string, headers = {}) => get(running.url, node, path, headers);

const known = (sequence: number) => ({ 'hakiri-known-sequence': String(sequence) });

test('[AP11.10] who names what it has seen is told of what is newer, also of the same bytes, and of nothing older', async () => {
  for (const text of ['a', 'b', 'a']) await publish(text);
  const first = await read('revisions/1/manifest.toml');
  const etag = first.headers.get('etag') ?? '';
  expect((await read('latest', { 'if-none-match': etag })).status).toBe(304);
  const renamed = await read('latest?wait=20', { 'if-none-match': etag, ...known(1) });
  expect([renamed.status, renamed.headers.get('hakiri-sequence')]).toEqual([304, '3']);
  expect(JSON.parse(renamed.headers.get('hakiri-signature') ?? '{}')).toMatchObject({ label: 'v3' });
  const news = await read('latest', known(2));
  expect([news.status, news.headers.get('hakiri-sequence')]).toEqual([200, '3']);
  expect((await read('latest', known(3))).status).toBe(304);
  const ahead = await read('latest', known(4));
  expect([ahead.status, ahead.headers.get('hakiri-sequence'), ahead.headers.get('retry-after')]).toEqual([
    304,
    null,
    '1',
  ]);
});

test('[AP11.11] after a crash, and in a process that heard nothing over the bus, the newest is told', async () => {
  await publish('a');
  const deaf = await bed.start({ deaf: true });
  const seen = await get(deaf.url, node, 'latest');
  expect(seen.headers.get('hakiri-sequence')).toBe('1');
  const waiting = follow(deaf.url, node);
  await until(() => waiting.comments > 0);
  await publish('b');
  const acknowledged = await get(deaf.url, node, 'latest');
  expect(acknowledged.headers.get('hakiri-sequence')).toBe('2');
  expect((await get(deaf.url, node, 'latest?wait=0', known(2))).status).toBe(304);
  await until(() => waiting.numbers.length === 1, { timeoutMs: 2 * STALE_LIMIT_MS });
  waiting.close();
  await bed.reboot({ loseQueue: true });
  running = await bed.start();
  expect((await read('latest')).headers.get('hakiri-sequence')).toBe('2');
}, 120_000);
