// The bus contract, second half: enqueue and consume.
import { expect, test } from 'bun:test';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import type { ConsumeOptions, Subscription, Verdict } from '@hakiri/substrate/bus';
import { RETRY_MS } from '@hakiri/substrate/bus';
import type { BusUnderTest } from './bus-under-test.ts';
import { until } from './until.ts';

const ACK: Verdict = { kind: 'ack' };
type Handler = (text: string, deliveries: number) => Verdict | Promise<Verdict>;

function consume(
  under: BusUnderTest,
  durable: string,
  handler: Handler,
  options: Partial<ConsumeOptions> = {},
): Promise<Subscription> {
  return under.bus.consume(
    under.durable('>'),
    // A durable's name is lasting, so it is made of the test's own subject.
    { durable: nameOf(under, durable), ackWaitMs: 10_000, maxInFlight: 8, from: 'beginning', ...options },
    async ({ data, deliveries }) => handler(fromUtf8(data), deliveries),
  );
}

function nameOf(under: BusUnderTest, durable: string): string {
  return under.durable(durable).replaceAll('.', '_');
}

async function enqueue(under: BusUnderTest, ...texts: string[]): Promise<void> {
  for (const text of texts) await under.bus.enqueue(under.durable('m'), text, utf8(text));
}

/** A consumer that takes everything, and the list it fills. */
async function collector(under: BusUnderTest, durable: string, options: Partial<ConsumeOptions> = {}) {
  const seen: string[] = [];
  const take = (text: string) => {
    seen.push(text);
    return ACK;
  };
  const subscription = await consume(under, durable, take, options);
  return { seen, subscription };
}

export function durableBusTests(under: BusUnderTest): void {
  test('[BU9] what is enqueued waits for a consumer, oldest first, through a restart', async () => {
    await enqueue(under, 'a', 'b', 'c');
    await under.reopen();
    const { seen } = await collector(under, 'late', { maxInFlight: 1 });
    await until(() => seen.length === 3);
    await enqueue(under, 'd');
    await until(() => seen.length === 4);
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  test('[BU10] an id seen on the same subject is a duplicate, through a restart; on another it is not', async () => {
    const send = (subject: string) => under.bus.enqueue(subject, 'same', utf8(subject));
    expect(await send(under.durable('m'))).toEqual({ duplicate: false });
    expect(await send(under.durable('m'))).toEqual({ duplicate: true });
    expect(await send(under.durable('n'))).toEqual({ duplicate: false });
    await under.reopen();
    expect(await send(under.durable('m'))).toEqual({ duplicate: true });
    const together = await Promise.all([1, 2, 3].map(() => send(under.durable('o'))));
    expect(together.filter((one) => !one.duplicate)).toHaveLength(1);
    const { seen } = await collector(under, 'all', { maxInFlight: 1 });
    await enqueue(under, 'end');
    await until(() => seen.includes('end'));
    expect(seen).toHaveLength(4);
  });

  test('[BU11] what was acked does not come again after a restart; what was not, does', async () => {
    await enqueue(under, 'a', 'b', 'c');
    let inHand = 0;
    const first = await consume(
      under,
      'd',
      (text) => {
        inHand += 1;
        return text === 'b' ? { kind: 'retry', delayMs: 300 } : ACK;
      },
      { maxInFlight: 1 },
    );
    await until(() => inHand === 3);
    await first.close();
    await under.reopen();
    await enqueue(under, 'end');
    const { seen } = await collector(under, 'd', { maxInFlight: 1 });
    await until(() => seen.includes('end') && seen.includes('b'));
    expect(seen.toSorted()).toEqual(['b', 'end']);
  });

  test('[BU12] a consumer from now on gets only what comes after it', async () => {
    await enqueue(under, 'old');
    const { seen } = await collector(under, 'fresh', { from: 'now' });
    await enqueue(under, 'new');
    await until(() => seen.length === 1);
    expect(seen).toEqual(['new']);
  });

  test('[BU13] each durable gets everything, consumers that share one share the work', async () => {
    const shared = [await collector(under, 'shared'), await collector(under, 'shared')];
    const alone = await collector(under, 'alone');
    const sent = Array.from({ length: 40 }, (_, at) => `${at}`);
    await Promise.all(sent.map((text) => enqueue(under, text)));
    await until(() => alone.seen.length === 40);
    await until(() => shared.flatMap(({ seen }) => seen).length === 40);
    expect(new Set(shared.flatMap(({ seen }) => seen)).size).toBe(40);
    await shared[0]?.subscription.close();
    const before = shared[0]?.seen.length;
    await enqueue(under, 'x', 'y');
    await until(() => shared[1]?.seen.includes('x') && shared[1].seen.includes('y'));
    expect(shared[0]?.seen.length).toBe(before);
  });

  test('[BU14] no more messages are in hand than asked for', async () => {
    let inHand = 0;
    let most = 0;
    let done = 0;
    const release: (() => void)[] = [];
    await consume(
      under,
      'bounded',
      async () => {
        inHand += 1;
        most = Math.max(most, inHand);
        await new Promise<void>((resolve) => release.push(resolve));
        inHand -= 1;
        done += 1;
        return ACK;
      },
      { maxInFlight: 3 },
    );
    await Promise.all(Array.from({ length: 12 }, (_, at) => enqueue(under, `${at}`)));
    await until(() => inHand === 3);
    await until(() => {
      release.shift()?.();
      return done === 12;
    });
    expect(most).toBe(3);
  });

  test('[BU15] subscribers see what is enqueued', async () => {
    const seen: string[] = [];
    under.bus.subscribe(under.durable('*'), ({ data }) => seen.push(fromUtf8(data)));
    await enqueue(under, 'a', 'b');
    await until(() => seen.length === 2);
    expect(seen).toEqual(['a', 'b']);
  });
}

export function redeliveryTests(under: BusUnderTest): void {
  test('[BU16] a retried message comes again after its delay, counting deliveries', async () => {
    const seen: [deliveries: number, at: number][] = [];
    await consume(under, 'r', (_, deliveries) => {
      seen.push([deliveries, performance.now()]);
      return deliveries < 3 ? { kind: 'retry', delayMs: 80 } : ACK;
    });
    await enqueue(under, 'a');
    await until(() => seen.length === 3);
    expect(seen.map(([deliveries]) => deliveries)).toEqual([1, 2, 3]);
    const [first, second] = seen;
    expect((second?.[1] ?? 0) - (first?.[1] ?? 0)).toBeGreaterThanOrEqual(75);
  });

  test('[BU17] a handler that throws retries after RETRY_MS', async () => {
    const at: number[] = [];
    await consume(under, 't', (_, deliveries) => {
      at.push(performance.now());
      if (deliveries === 1) throw new Error('not now');
      return ACK;
    });
    await enqueue(under, 'a');
    await until(() => at.length === 2);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(RETRY_MS - 20);
  });

  test('[BU18] a terminated message does not come again', async () => {
    const seen: string[] = [];
    const handler = (text: string): Verdict => {
      seen.push(text);
      return text === 'bad' ? { kind: 'terminate', reason: 'malformed' } : ACK;
    };
    const first = await consume(under, 'x', handler, { maxInFlight: 1 });
    await enqueue(under, 'bad', 'good');
    await until(() => seen.length === 2);
    await first.close();
    await under.reopen();
    await consume(under, 'x', handler, { maxInFlight: 1 });
    await enqueue(under, 'end');
    await until(() => seen.includes('end'));
    expect(seen).toEqual(['bad', 'good', 'end']);
  });

  test('[BU19] a message that is not answered in time comes again', async () => {
    const deliveries: number[] = [];
    const { promise: late, resolve } = Promise.withResolvers<Verdict>();
    await consume(
      under,
      'w',
      (_, count) => {
        deliveries.push(count);
        return count === 1 ? late : ACK;
      },
      { ackWaitMs: 150, maxInFlight: 2 },
    );
    await enqueue(under, 'a');
    await until(() => deliveries.length === 2);
    resolve(ACK);
    await enqueue(under, 'b');
    await until(() => deliveries.length === 3);
    expect(deliveries).toEqual([1, 2, 1]);
  });

  test('[BU20] closing a consumer waits for what it has in hand', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let started = false;
    let done = false;
    const subscription = await consume(under, 'c', async () => {
      started = true;
      await promise;
      done = true;
      return ACK;
    });
    await enqueue(under, 'a');
    await until(() => started);
    const closing = subscription.close();
    resolve();
    await closing;
    expect(done).toBe(true);
  });
}
