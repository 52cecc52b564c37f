// Updates of several senders that are taken in together: everybody is answered, and the document becomes, as if one had come
// after the other.
import { describe, expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { LoroDoc } from 'loro-crdt';
import {
  base,
  DOCUMENT,
  LIMITS,
  openHost,
  performAll,
  updateReply,
  Writer,
} from '../testing/host-writers.ts';
import { type Answer, Host, type Order, type UpdateOrder, updatesTogether } from './host.ts';
import { TOGETHER_BYTES, TOGETHER_COUNT } from './together.ts';
import { joinUpdates } from './update-bytes.ts';

const HISTORIES = 100;
const FIRST_SEED = Number(process.env.SEED ?? 1);

/**
 * Of those that were taken in together nobody knows which were concurrent: looking finds the same. The rest has to be equal.
 * `hasWaited`: nor which of them set free what waited, so that is only to be brought by one of them.
 */
function told(answers: readonly Answer[], hasWaited: boolean): { replies: unknown; isConcurrent: boolean } {
  const all = answers.map((answer) => updateReply(answer));
  const isConcurrent = all.some((reply) => reply.isConcurrent);
  if (!hasWaited) return { replies: all.map(({ isConcurrent: _, ...reply }) => reply), isConcurrent };
  const ends = new Map(all.flatMap((reply) => reply.ends).toSorted(([, one], [, two]) => one - two));
  return {
    replies: {
      refusals: all.map(({ refusal, broken, awaited }) => ({ refusal, broken, awaited })),
      ends: [...ends].toSorted(),
      healed: all.some(({ healed }) => healed !== undefined),
    },
    isConcurrent,
  };
}
function stateOf(host: Host): { json: unknown; notices: unknown } {
  const looked = host.perform({ document: DOCUMENT, kind: 'look', input: { atMs: 9 } });
  const read = host.perform({
    document: DOCUMENT,
    kind: 'query',
    input: { name: 'bytes', input: undefined },
  });
  if (read.kind !== 'done' || read.reply === undefined || !('value' in read.reply))
    throw new Error(read.kind);
  const doc = new LoroDoc();
  if (read.reply.value instanceof Uint8Array) doc.import(read.reply.value);
  // An empty root appears where somebody looked for one.
  const roots = Object.entries<object>(doc.toJSON()).filter(([, root]) => Object.keys(root).length > 0);
  const json = Object.fromEntries(roots);
  doc.free();
  return { json, notices: looked.kind === 'done' ? looked.reply : looked };
}

/** Its last byte is missing; its length and its checksum are right. */
function damaged(update: Uint8Array): Uint8Array {
  const bytes = update.slice(0, -1);
  const LENGTH_AT = 22;
  bytes[LENGTH_AT] = (bytes[LENGTH_AT] ?? 0) - 1;
  return joinUpdates([bytes, new Uint8Array(LENGTH_AT)]);
}

/** A deletion of three that says so, and deletes two. */
function lying(deletion: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(deletion);
  const LENGTH_AT = bytes.length - 2;
  bytes[LENGTH_AT] = (bytes[LENGTH_AT] ?? 0) - 2;
  return joinUpdates([bytes, new Uint8Array(22)]);
}

function orderOf(writers: readonly Writer[], random: Prng): UpdateOrder {
  const writer = random.pick(writers);
  const other = random.pick(writers);
  switch (random.below(24)) {
    case 0: // a repeat, its own or another's
      return writer.order(random.pick([...other.sent, ...writer.sent, writer.edit(random)]));
    case 1: // a gap
      writer.edit(random);
      return writer.order(writer.edit(random));
    case 2: // all of its own, and what it knows of others
      return writer.order(writer.doc.export({ mode: 'update' }));
    case 3: // another's
      return writer.order(other.edit(random));
    case 4: // it builds on what was not sent
      other.edit(random);
      writer.doc.import(other.doc.export({ mode: 'update' }));
      return writer.order(writer.edit(random));
    case 5: // it builds on what comes behind it, perhaps
      writer.doc.import(other.doc.export({ mode: 'update' }));
      return writer.order(writer.edit(random));
    case 6:
      return writer.order(writer.edit(random), writer.edit(random));
    case 7:
      return writer.order(writer.edit(random).subarray(0, 30 + random.below(10)));
    case 8:
      return writer.order(damaged(writer.edit(random)));
    case 9:
      return writer.order(writer.doc.export({ mode: 'snapshot' }));
    default:
      return writer.order(writer.edit(random));
  }
}

function play(seed: number): { together: number } {
  const random = createPrng(seed);
  const writers = Array.from({ length: 2 + random.below(5) }, (_, index) => new Writer(index));
  const [one, many] = [openHost(), openHost()];
  let together = 0;
  let hasWaited = false;
  for (let round = 0; round < 6; round++) {
    const orders = Array.from({ length: 1 + random.below(12) }, () => orderOf(writers, random));
    const expected = orders.map((order) => one.perform(order));
    const answers = performAll(many, orders);
    hasWaited ||= expected.some((answer) => updateReply(answer).refusal === 'missing');
    const [got, due] = [told(answers, hasWaited), told(expected, hasWaited)];
    expect({ seed, round, replies: got.replies }).toEqual({ seed, round, replies: due.replies });
    expect(got.isConcurrent || !due.isConcurrent).toBe(true);
    together += expected.filter((answer) => updateReply(answer).news.length > 0).length;
    // Who hears the others goes on from there; and what was refused is sent again with the next.
    for (const writer of writers) {
      if (random.below(3) === 0) continue;
      for (const [index, answer] of expected.entries())
        for (const { update } of updateReply(answer).news) {
          const sent = orders[index]?.input.updates ?? [];
          const bytes = typeof update === 'number' ? sent[update] : update;
          if (bytes !== undefined) writer.doc.import(bytes);
        }
    }
  }
  expect({ seed, ...stateOf(many) }).toEqual({ seed, ...stateOf(one) });
  for (const { doc } of writers) doc.free();
  for (const host of [one, many]) host.perform({ document: DOCUMENT, kind: 'close', input: undefined });
  return { together };
}

describe('updates that are taken in together', () => {
  test(`[SY2.14] are answered as one by one, over ${HISTORIES} random histories`, () => {
    let together = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) together += play(seed).together;
    expect(together).toBeGreaterThan(HISTORIES);
  }, 120_000);

  test('[SY11.9] have the time of one order together, so they are as many and as large as one may be', () => {
    const orderOf = (bytes: number): UpdateOrder => ({
      document: DOCUMENT,
      kind: 'update',
      input: { updates: [new Uint8Array(bytes)], user: 'u', connection: 1, atMs: 1 },
    });
    const of = (count: number, bytes: number) => updatesTogether(Array(count).fill(orderOf(bytes)), 0).length;
    expect(of(2 * TOGETHER_COUNT, 1)).toBe(TOGETHER_COUNT);
    expect(of(10, TOGETHER_BYTES / 4)).toBe(4);
    expect(of(10, 2 * TOGETHER_BYTES)).toBe(1);
  });

  test('[SY8.6] are slow when all of them together are', () => {
    let nowMs = 0;
    const host = new Host(LIMITS, () => {
      nowMs += 1_000;
      return nowMs;
    });
    host.perform({ document: DOCUMENT, kind: 'open', input: { base, entries: [] } });
    const random = createPrng(7);
    const orders = [1, 3, 5].map((connection) => {
      const writer = new Writer(connection);
      return writer.order(writer.edit(random));
    });
    const took = host
      .performTogether(orders)
      .map((answer) => (answer.kind === 'done' ? answer.tookMs : undefined));
    expect(took).toEqual([1_000, 0, 0]);
  });

  test('[SY11.17] nobody is blamed for what one of them did: each is asked again by itself', () => {
    const random = createPrng(7);
    const [ann, bob] = [new Writer(1), new Writer(3)];
    const list = bob.doc.getList('list');
    for (let count = 0; count < 3; count++) list.push(count);
    bob.doc.commit();
    const first = [ann.order(ann.edit(random)), bob.order(bob.doc.export({ mode: 'update' }))];
    const before = bob.doc.oplogVersion();
    list.delete(0, 3);
    bob.doc.commit();
    const lie = lying(bob.doc.export({ mode: 'update', from: before }));
    const orders = [ann.order(ann.edit(random)), bob.order(lie), ann.order(ann.edit(random))];
    const [together, apart] = [openHost(), openHost()];
    for (const host of [together, apart]) for (const order of first) updateReply(host.perform(order));
    expect(performAll(together, orders).map(({ kind }) => kind)).toEqual(['unclear', 'unclear', 'unclear']);
    const alone = orders.map((order): Order => ({ ...order, isAlone: true }));
    const refusals = performAll(apart, alone).map((answer) => updateReply(answer).refusal);
    expect(refusals).toEqual([undefined, 'broken', undefined]);
  });
});
