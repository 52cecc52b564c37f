// What daemons and people read: list, bodies, differences, ETag and long poll, the event stream.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { digestOf } from '@hakiri/manifest/digest';
import { createShiftingClock, type ShiftingClock } from '@hakiri/testing/shifting-clock';
import { until } from '@hakiri/testing/until';
import { type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { follow } from '../testing/bed-follow.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { publishText } from '../testing/bed-writes.ts';

/** Longer than a machine stalls before a stream is open. */
const TOKEN_MS = 60_000;
const STEP_MS = 4_000;
/** Less than a poll waits. */
const POLLED_TOKEN_MS = 20_000;
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
/** From now on with a clock that the test puts forward; tokens are read on the machine's own. */
async function restartShifting(): Promise<ShiftingClock> {
  await running.stop();
  const clock = createShiftingClock(Date.now());
  running = await bed.start({ clock });
  return clock;
}
async function waiting(count: number): Promise<void> {
  const readers = new RegExp(`^hakiri_apply_waiting_readers(\\{.*\\})? ${count}$`, 'm');
  await until(async () => readers.test(await fetch(`${running.url}/metrics`).then((r) => r.text())));
}
const read = (path: string, headers = {}, token = node) => get(running.url, token, path, headers);

describe('revisions', () => {
  test('[AP9.1] are listed newest first in pages, and each is found alone', async () => {
    for (const text of ['a', 'b', 'c']) await publish(text);
    const first = await read('revisions?limit=2').then((r) => r.json());
    expect(first.revisions.map((r: { label: string }) => r.label)).toEqual(['v3', 'v2']);
    const rest = await read(`revisions?limit=2&before=${first.next}`).then((r) => r.json());
    expect(rest.revisions.map((r: { label: string }) => r.label)).toEqual(['v1']);
    expect(rest.next).toBeUndefined();
    expect(await read('revisions/3').then((r) => r.json())).toEqual(first.revisions[0]);
    expect((await read('revisions/4')).status).toBe(404);
  });

  test('[AP3.8] a body has the digest of its revision, never changes and may be cached for ever', async () => {
    await publish('a');
    await publish('b');
    const response = await read('revisions/1/manifest.toml');
    const toml = await response.text();
    const { digest } = await read('revisions/1').then((r) => r.json());
    expect(await digestOf(utf8(toml))).toBe(digest);
    expect(response.headers.get('etag')).toBe(`"${digest}"`);
    expect(response.headers.get('cache-control')).toContain('immutable');
    const known = { 'if-none-match': `"${digest}"` };
    expect((await read('revisions/1/manifest.toml', known)).status).toBe(304);
  });

  test('[AP3.8] a body that was changed in the store is not served', async () => {
    await publish('a');
    await publish('b');
    await running.stop();
    const key = 'teams/default/manifest@v1.toml';
    const etag = (await bed.blobs.get(key))?.etag ?? '';
    await bed.blobs.putIfMatch(key, utf8('format = 1\n'), etag);
    running = await bed.start();
    expect((await read('revisions/1/manifest.toml')).status).toBe(503);
    expect((await read('revisions/2/manifest.toml')).status).toBe(200);
  });

  test('[AP9.2] the difference of any two, structured or as text; 0 is the empty manifest', async () => {
    await publish('a');
    await publish('b');
    const diff = await read('diff').then((r) => r.json());
    expect(diff).toMatchObject({
      from: 'v1',
      to: 'v2',
      pipelines: [
        { kind: 'changed', id: 'p-1', fields: [{ path: '/description', before: 'a', after: 'b' }] },
      ],
    });
    const all = await read('diff?from=0&to=1').then((r) => r.json());
    expect(all.pipelines.map((change: { kind: string }) => change.kind)).toEqual(['added', 'added']);
    const back = await read('diff?from=2&to=1').then((r) => r.json());
    expect(back.pipelines[0].fields[0]).toMatchObject({ before: 'b', after: 'a' });
    const text = await read('diff', { accept: 'text/plain' });
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await text.text()).toContain('/description: "a" → "b"');
    expect((await read('diff?to=9')).status).toBe(404);
  });
});

describe('latest', () => {
  test('[AP11.1] carries its number and a strong ETag; who has it gets 304', async () => {
    expect((await read('latest')).status).toBe(404);
    await publish('a');
    const response = await read('latest');
    expect(response.headers.get('hakiri-sequence')).toBe('1');
    expect(response.headers.get('content-type')).toBe('application/toml; charset=utf-8');
    const etag = response.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"sha256:[0-9a-f]{64}"$/);
    const again = await read('latest', { 'if-none-match': etag });
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
  });

  test('[AP11.2] a long poll waits for the next revision, or answers 304 when its time is over', async () => {
    await publish('a');
    const etag = (await read('latest')).headers.get('etag') ?? '';
    const nothing = await read('latest?wait=0', { 'if-none-match': etag });
    expect(nothing.status).toBe(304);
    const waiting = read('latest?wait=20', { 'if-none-match': etag });
    await publish('b');
    const news = await waiting;
    expect([news.status, news.headers.get('hakiri-sequence')]).toEqual([200, '2']);
    expect(await news.text()).toContain('description = "b"');
    expect((await read('latest?wait=20', { 'if-none-match': etag })).status).toBe(200);
  });

  test('[AP11.2] a wait for the very first revision ends with it', async () => {
    const waiting = read('latest?wait=20');
    await publish('a');
    expect((await waiting).headers.get('hakiri-sequence')).toBe('1');
  });

  test('[AP11.4] is never an older body under a newer number, while revisions come', async () => {
    await publish('0');
    let done = false;
    let seen = 0;
    const reader = (async () => {
      while (!done) {
        const response = await read('latest');
        const number = Number(response.headers.get('hakiri-sequence'));
        expect(number).toBeGreaterThanOrEqual(seen);
        seen = number;
        expect(await response.text()).toContain(`description = "${number - 1}"`);
      }
    })();
    for (let n = 1; n < 6; n++) await publish(String(n));
    done = true;
    await reader;
    expect(seen).toBeGreaterThan(0);
  });
});

describe('events', () => {
  test('[AP6.2] tell of each revision as it is published; comments keep the connection alive', async () => {
    await publish('a');
    const stream = follow(running.url, node);
    await until(() => stream.comments > 1);
    await publish('b');
    await publish('c');
    await until(() => stream.numbers.length === 2);
    expect(stream.numbers).toEqual([2, 3]);
    stream.close();
  });

  test('[AP6.3] reach the readers of every process of the service', async () => {
    const other = await bed.start();
    const stream = follow(other.url, node);
    await until(() => stream.comments > 0);
    await publish('a');
    await publish('b');
    await until(() => stream.numbers.length === 2);
    expect(stream.numbers).toEqual([1, 2]);
    stream.close();
  });

  test('[AP11.3] Last-Event-ID replays what was missed, then goes on', async () => {
    for (const text of ['a', 'b', 'c']) await publish(text);
    const stream = follow(running.url, node, '1');
    await until(() => stream.numbers.length === 2);
    await publish('d');
    await until(() => stream.numbers.length === 3);
    expect(stream.numbers).toEqual([2, 3, 4]);
    const ahead = follow(running.url, node, '99');
    await until(() => ahead.comments > 0);
    await publish('e');
    await until(() => ahead.numbers.length === 1);
    expect(ahead.numbers).toEqual([5]);
    stream.close();
    ahead.close();
  });

  test('[AP11.5] a stream ends when its token is revoked, and when it expires; others go on', async () => {
    const clock = await restartShifting();
    const revoked = bed.mint('viewer');
    const ending = follow(running.url, revoked.token);
    const lasting = follow(running.url, node);
    const poll = read('latest?wait=20', {}, revoked.token);
    await waiting(3);
    bed.revoke([revoked.revocationId]);
    const ended = await poll;
    expect([ended.status, (await ended.json()).code]).toEqual([401, 'token_revoked']);
    await until(() => ending.ended);
    const expiring = follow(running.url, bed.mint('viewer', TOKEN_MS).token);
    await until(() => expiring.comments > 0);
    // In steps, so that what is known of revisions is never older than readers are left with.
    while (!expiring.ended) {
      const told = lasting.comments;
      clock.shiftTo(clock.now() + STEP_MS);
      await until(() => expiring.ended || lasting.comments > told);
    }
    await publish('a');
    await until(() => lasting.numbers.length === 1);
    expect([ending.numbers, expiring.numbers, lasting.ended]).toEqual([[], [], false]);
    lasting.close();
  });

  test('[AP11.5] a long poll ends when its token expires, not when its time is over', async () => {
    await publish('a');
    const etag = (await read('latest')).headers.get('etag') ?? '';
    const clock = await restartShifting();
    const expiresAtMs = Date.now() + POLLED_TOKEN_MS;
    const { token } = bed.mint('viewer', POLLED_TOKEN_MS);
    const response = read('latest?wait=30', { 'if-none-match': etag }, token);
    await waiting(1);
    // Its time is never over: only the end of the token can end it.
    clock.stop();
    clock.shiftTo(Math.max(clock.now(), expiresAtMs + 1_000));
    const ended = await response;
    expect([ended.status, (await ended.json()).code]).toEqual([401, 'token_expired']);
  });

  test('[AP11.6] readers who wait are bounded, and one who leaves makes room', async () => {
    await running.stop();
    running = await bed.start({ config: { waitersLimit: 2 } });
    const streams = [follow(running.url, node), follow(running.url, node)] as const;
    await until(() => streams.every((stream) => stream.comments > 0));
    const refused = await read('events');
    expect([refused.status, (await refused.json()).code]).toEqual([503, 'unavailable']);
    streams[0].close();
    const third = await until(async () => {
      const stream = follow(running.url, node);
      await until(() => stream.status !== 0);
      return stream.status === 200 && stream;
    });
    streams[1].close();
    third.close();
  });

  test('[AP11.6] stopping ends streams and waits at once', async () => {
    await publish('a');
    const etag = (await read('latest')).headers.get('etag') ?? '';
    const clock = await restartShifting();
    const stream = follow(running.url, node);
    const poll = read('latest?wait=30', { 'if-none-match': etag });
    await waiting(2);
    // No time passes that could end them.
    clock.stop();
    await Promise.all([running.service.stop(), poll, until(() => stream.ended)]);
  });
});

test('[AP11.7] the OpenAPI description has every path, with what it answers', async () => {
  const description = await fetch(`${running.url}/openapi/apply.json`).then((r) => r.json());
  const paths = [
    'apply',
    'validate',
    'requests/{id}',
    'revisions',
    'revisions/{revision}',
    'import',
    'export',
    'schema.json',
  ];
  const reads = ['revisions/{revision}/manifest.toml', 'diff', 'latest', 'events'];
  const daemons = ['keys', 'keys/rotate', 'reports', 'daemons'];
  expect(Object.keys(description.paths)).toEqual(
    expect.arrayContaining([...paths, ...reads, ...daemons].map((path) => `/v1/manifest/${path}`)),
  );
  const { get: diff } = description.paths['/v1/manifest/diff'];
  expect(Object.keys(diff.responses['200'].content)).toEqual(['application/json', 'text/plain']);
  const { post } = description.paths['/v1/manifest/apply'];
  expect(Object.keys(post.responses)).toEqual(['200', '202', 'default']);
  expect(post.requestBody.content['application/json'].schema.properties.scope.anyOf.length).toBeGreaterThan(
    2,
  );
});
