// Each guard of updates that are taken in together, by itself: what one of them does it does as it would alone.
import { expect, test } from 'bun:test';
import { openHost, performAll, updateReply, Writer } from '../testing/host-writers.ts';
import type { Host } from './host.ts';
import { NEW_LEASES } from './leases.ts';
import { joinUpdates } from './update-bytes.ts';

/** Says that it was written before everything else. */
function backdated(update: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(update);
  let at = 22;
  // Bytes of the block, first operation, how many: then its time.
  for (let number = 0; number < 3; number++) {
    while ((bytes[at] ?? 0) >= 0x80) at++;
    at++;
  }
  for (; (bytes[at] ?? 0) >= 0x80; at++) bytes[at] = 0x80;
  bytes[at] = 0;
  return joinUpdates([bytes, new Uint8Array(22)]);
}

/** Each has written before: what follows is nobody's first. */
function begun(connections: readonly number[]): { host: Host; writers: Writer[] } {
  const host = openHost();
  const writers = connections.map((connection) => new Writer(connection));
  for (const writer of writers) updateReply(host.perform(writer.order(writer.note())));
  return { host, writers };
}

test('[SY2.14] what builds on what comes behind it waits, as it would alone', () => {
  const { host, writers } = begun([1, 3]);
  const [ann, bob] = writers;
  if (ann === undefined || bob === undefined) throw new Error('two people');
  const behind = ann.note();
  bob.doc.import(ann.doc.export({ mode: 'update' }));
  const answers = performAll(host, [bob.order(bob.note()), ann.order(behind)]);
  expect(answers.map((answer) => updateReply(answer).refusal)).toEqual(['missing', undefined]);
});

test('[SY2.14] of two sockets of a user the second takes the peer id over, as it would alone', () => {
  const { host, writers } = begun([3]);
  const [bob] = writers;
  if (bob === undefined) throw new Error('one person');
  const before = bob.doc.oplogVersion();
  const [first, second] = [bob.order(bob.note()), bob.order(bob.note())];
  second.input.connection = 99;
  bob.note();
  const stale = bob.order(bob.doc.export({ mode: 'update', from: before }));
  const answers = [...performAll(host, [first, second]), host.perform(stale)];
  const refusals = answers.map((answer) => updateReply(answer).refusal);
  expect(refusals).toEqual([undefined, undefined, 'peer_in_use']);
});

test('[SY2.14] who comes under more new peer ids than a user is given is refused, as it would be alone', () => {
  const orders = Array.from({ length: NEW_LEASES.limit + 1 }, (_, index) => {
    const writer = new Writer(index);
    const order = writer.order(writer.note());
    order.input.user = 'one user';
    return order;
  });
  const refusals = performAll(openHost(), orders).map((answer) => updateReply(answer).refusal);
  expect(refusals.filter((refusal) => refusal === 'too_many_peers')).toHaveLength(1);
});

test('[SY2.14] of two people who come first under one peer id the second is refused, as it would be alone', () => {
  const ann = new Writer(1);
  const [first, second] = [ann.order(ann.note()), ann.order(ann.note())];
  second.input.user = 'somebody else';
  second.input.connection = 99;
  const refusals = performAll(openHost(), [first, second]).map((answer) => updateReply(answer).refusal);
  expect(refusals).toEqual([undefined, 'peer_not_yours']);
});

test.each([
  ['as it was', (update: Uint8Array) => update],
  ['falsely', backdated],
])(
  '[SY2.14] what waited is set free by any of them and is its own author, with its time told %s',
  (_, told) => {
    const { host, writers } = begun([1, 3, 5]);
    const [ann, bob, eve] = writers;
    if (ann === undefined || bob === undefined || eve === undefined) throw new Error('three people');
    const lacking = ann.note();
    eve.doc.import(ann.doc.export({ mode: 'update' }));
    const waits = host.perform(eve.order(told(eve.note())));
    expect(updateReply(waits).refusal).toBe('missing');
    const replies = performAll(host, [ann.order(lacking), bob.order(bob.note())]).map(updateReply);
    expect(replies.map(({ refusal }) => refusal)).toEqual([undefined, undefined]);
    const authors = replies.flatMap(({ news }) => news.map(({ user }) => user));
    expect(authors.toSorted()).toEqual([ann.user, bob.user, eve.user]);
  },
);
