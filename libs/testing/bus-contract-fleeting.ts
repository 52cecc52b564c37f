// The bus contract, first half: publish, subscribe, request, respond.
import { expect, test } from 'bun:test';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { MESSAGE_LIMIT_BYTES } from '@hakiri/substrate/bus';
import type { BusUnderTest } from './bus-under-test.ts';
import { until } from './until.ts';

const IN_TIME = { timeoutMs: 20_000 };

export function fleetingBusTests(under: BusUnderTest): void {
  test('[BU1] a published message reaches every subscriber whose pattern matches, in order', async () => {
    const seen: Record<string, string[]> = { exact: [], one: [], rest: [], other: [] };
    const note = (key: string) => (message: { data: Uint8Array }) => seen[key]?.push(fromUtf8(message.data));
    under.bus.subscribe(under.fleeting('a', 'b'), note('exact'));
    under.bus.subscribe(under.fleeting('*', 'b'), note('one'));
    under.bus.subscribe(under.fleeting('>'), note('rest'));
    under.bus.subscribe(under.fleeting('a'), note('other'));
    await flowing(under);
    for (const text of ['1', '2', '3']) under.bus.publish(under.fleeting('a', 'b'), utf8(text));
    under.bus.publish(under.fleeting('a', 'c', 'd'), utf8('4'));
    await until(() => seen.rest?.length === 4);
    await until(() => seen.exact?.length === 3 && seen.one?.length === 3);
    expect(seen).toEqual({
      exact: ['1', '2', '3'],
      one: ['1', '2', '3'],
      rest: ['1', '2', '3', '4'],
      other: [],
    });
  });

  test('[BU2] receivers get bytes of their own, on a later tick', async () => {
    const received: Uint8Array[] = [];
    const spoil = ({ data }: { data: Uint8Array }) => {
      received.push(new Uint8Array(data));
      data.fill(0);
    };
    under.bus.subscribe(under.fleeting('x'), spoil);
    under.bus.subscribe(under.fleeting('*'), spoil);
    await flowing(under);
    // A Buffer, whose own `slice` would not copy.
    const sent = Buffer.from('mine');
    under.bus.publish(under.fleeting('x'), sent);
    sent.fill(0);
    expect(received).toEqual([]);
    await until(() => received.length === 2);
    expect(received.map(fromUtf8)).toEqual(['mine', 'mine']);
  });

  test('[BU3] of a group one member gets each message', async () => {
    const seen: string[] = [];
    for (let member = 0; member < 3; member += 1)
      under.bus.subscribe(under.fleeting('g'), ({ data }) => seen.push(fromUtf8(data)), { group: 'crew' });
    let all = 0;
    under.bus.subscribe(under.fleeting('g'), () => {
      all += 1;
    });
    await flowing(under);
    for (let at = 0; at < 20; at += 1) under.bus.publish(under.fleeting('g'), utf8(`${at}`));
    await until(() => all === 20 && seen.length >= 20);
    expect(new Set(seen).size).toBe(20);
    expect(seen).toHaveLength(20);
  });

  test('[BU4] a closed subscription gets nothing more', async () => {
    let first = 0;
    let second = 0;
    const subscription = under.bus.subscribe(under.fleeting('c'), () => {
      first += 1;
    });
    under.bus.subscribe(under.fleeting('c'), () => {
      second += 1;
    });
    await flowing(under);
    under.bus.publish(under.fleeting('c'), utf8('1'));
    await until(() => first === 1 && second === 1);
    await subscription.close();
    under.bus.publish(under.fleeting('c'), utf8('2'));
    await until(() => second === 2);
    expect(first).toBe(1);
  });

  test('[BU5] a request is answered by a responder, one of its group', async () => {
    let asked = 0;
    for (let member = 0; member < 2; member += 1)
      under.bus.respond(
        under.fleeting('q', '*'),
        async ({ subject, data }) => {
          asked += 1;
          return utf8(`${subject.split('.').at(-1)}:${fromUtf8(data)}`);
        },
        { group: 'answers' },
      );
    await flowing(under);
    const reply = await under.bus.request(under.fleeting('q', 'one'), utf8('?'), IN_TIME);
    expect(fromUtf8(reply)).toBe('one:?');
    expect(asked).toBe(1);
  });

  test('[BU6] a request fails at once when nobody responds, and in time when nobody answers', async () => {
    const started = performance.now();
    await expect(under.bus.request(under.fleeting('none'), utf8('?'), IN_TIME)).rejects.toMatchObject({
      kind: 'no_responder',
    });
    expect(performance.now() - started).toBeLessThan(IN_TIME.timeoutMs / 2);
    under.bus.respond(
      under.fleeting('throws'),
      async () => {
        throw new Error('cannot');
      },
      { group: 'g' },
    );
    await flowing(under);
    await expect(
      under.bus.request(under.fleeting('throws'), utf8('?'), { timeoutMs: 50 }),
    ).rejects.toMatchObject({
      kind: 'timeout',
    });
  });

  test('[BU7] a message over the limit is refused, one at the limit arrives', async () => {
    const big = new Uint8Array(MESSAGE_LIMIT_BYTES + 1);
    expect(() => under.bus.publish(under.fleeting('big'), big)).toThrow(/split/);
    await expect(under.bus.request(under.fleeting('big'), big, IN_TIME)).rejects.toMatchObject({
      kind: 'too_large',
    });
    await expect(under.bus.enqueue(under.durable('big'), 'id', big)).rejects.toMatchObject({
      kind: 'too_large',
    });
    let size = 0;
    under.bus.subscribe(under.fleeting('big'), ({ data }) => {
      size = data.length;
    });
    await flowing(under);
    under.bus.publish(under.fleeting('big'), big.subarray(1));
    await until(() => size === MESSAGE_LIMIT_BYTES);
    expect(await under.bus.enqueue(under.durable('big'), 'id', big.subarray(1))).toEqual({
      duplicate: false,
    });
  });

  test('[BU8] a closed bus says so', async () => {
    expect(under.bus.connected()).toBe(true);
    await under.bus.close();
    expect(under.bus.connected()).toBe(false);
    const closed = { kind: 'closed' };
    await expect(under.bus.request(under.fleeting('x'), utf8('?'), IN_TIME)).rejects.toMatchObject(closed);
    await expect(under.bus.enqueue(under.durable('x'), 'id', utf8('?'))).rejects.toMatchObject(closed);
    expect(() => under.bus.publish(under.fleeting('x'), utf8('?'))).toThrow(/closed/);
  });
}

/** Subscriptions made so far are in force: a network needs a round trip for that. */
async function flowing(under: BusUnderTest): Promise<void> {
  const subject = `hakiri.flowing.${crypto.randomUUID()}`;
  const answering = under.bus.respond(subject, async ({ data }) => data, { group: 'flowing' });
  await until(() =>
    under.bus.request(subject, utf8('?'), IN_TIME).then(
      () => true,
      () => false,
    ),
  );
  await answering.close();
}
