// Orders and answers on their way between the threads: what arrives is what was sent, whichever way it took.
import { expect, test } from 'bun:test';
import type { Answer, Order } from './host.ts';
import { packAnswers, packOrders, unpackAnswers, unpackOrders } from './wire.ts';

const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 7) % 256);
const edit = (document: number, updates: Uint8Array[], user = 'u'): Order => ({
  document,
  kind: 'update',
  input: { updates, user, connection: 7, atMs: 1_700_000_000_123.5 },
});
const look: Order = { document: 3, kind: 'look', input: { atMs: 5 } };

test('[SY2.12] plain edits and looks cross as one string, byte for byte', () => {
  const inside = bytes(64).subarray(8, 24);
  const orders = [edit(1, [bytes(300), new Uint8Array(), inside]), look, edit(2, [bytes(1)], 'Zoë 🦜\n')];
  const wire = packOrders(orders);
  expect(wire).toBeString();
  expect(unpackOrders(wire)).toEqual(orders);
});

test('[SY2.12] a batch with anything else in it, or a large one, crosses as it is', () => {
  const left: Order = { document: 1, kind: 'left', input: { connection: 7 } };
  for (const orders of [[edit(1, [bytes(9)]), left], [edit(1, [bytes(40_000)])]])
    expect(unpackOrders(packOrders(orders))).toBe(orders);
});

test('[SY2.12] answers without bytes cross as a string, others as they are', () => {
  const reply = {
    news: [{ update: 0, user: 'u' }],
    refusal: undefined,
    broken: undefined,
    isFirstOfPeer: true,
    awaited: [],
    isSpoilt: false,
    ends: [['18446744073709551615', 12]] as const,
    isConcurrent: true,
    healed: undefined,
  };
  const done: Answer = { kind: 'done', reply, tookMs: 0.25 };
  const failed: Answer = { kind: 'failed', error: 'Error: no' };
  const orders = [edit(1, [bytes(3)]), edit(2, [bytes(3)])];
  const wire = packAnswers(orders, [done, failed]);
  expect(wire).toBeString();
  expect(unpackAnswers(wire)).toEqual([done, failed]);
  const freed: Answer = { ...done, reply: { ...reply, news: [{ update: bytes(3), user: 'u' }] } };
  const healed: Answer = { ...done, reply: { ...reply, healed: bytes(3) } };
  for (const answers of [[freed], [healed]])
    expect(unpackAnswers(packAnswers(orders, answers))).toBe(answers);
});
