// How orders and answers cross between the threads. A string crosses without being cloned piece by piece, which makes half of
// what a small message costs: a batch of plain edits, which most are, crosses as one. Everything else crosses as it is.
import type { Answer, Order } from './host.ts';

export type WireOrders = string | readonly Order[];
export type WireAnswers = string | readonly Answer[];

/** Larger bytes are cheaper cloned than made a string. */
const STRING_LIMIT_BYTES = 32 * 1024;

type PlainOrder =
  | [document: number, user: string, connection: number, atMs: number, lengths: number[]]
  | [document: number, lookAtMs: number];

export function packOrders(orders: readonly Order[]): WireOrders {
  const plain: PlainOrder[] = [];
  let bytes = '';
  for (const { document, kind, input, isAlone } of orders) {
    if (isAlone) return orders;
    if (kind === 'look') {
      plain.push([document, input.atMs]);
      continue;
    }
    if (kind !== 'update') return orders;
    const { updates, user, connection, atMs } = input;
    const lengths: number[] = [];
    for (const update of updates) {
      lengths.push(update.length);
      if (bytes.length + update.length > STRING_LIMIT_BYTES) return orders;
      bytes += Buffer.from(update.buffer, update.byteOffset, update.length).toString('latin1');
    }
    plain.push([document, user, connection, atMs, lengths]);
  }
  return `${JSON.stringify(plain)}\n${bytes}`;
}

export function unpackOrders(wire: WireOrders): readonly Order[] {
  if (typeof wire !== 'string') return wire;
  const end = wire.indexOf('\n');
  const plain: PlainOrder[] = JSON.parse(wire.slice(0, end));
  const bytes = Buffer.from(wire.slice(end + 1), 'latin1');
  let at = 0;
  return plain.map((order) => {
    if (order.length === 2) return { document: order[0], kind: 'look', input: { atMs: order[1] } };
    const [document, user, connection, atMs, lengths] = order;
    const updates = lengths.map((length) => {
      at += length;
      return new Uint8Array(bytes.buffer, bytes.byteOffset + at - length, length);
    });
    return { document, kind: 'update', input: { updates, user, connection, atMs } };
  });
}

/** What is undefined is left out, which reads the same. */
export function packAnswers(orders: readonly Order[], answers: readonly Answer[]): WireAnswers {
  const isPlain = answers.every((answer, at) => isPlainAnswer(orders[at], answer));
  return isPlain ? JSON.stringify(answers) : answers;
}

export function unpackAnswers(wire: WireAnswers): readonly Answer[] {
  return typeof wire === 'string' ? JSON.parse(wire) : wire;
}

/** Without bytes in it. */
function isPlainAnswer(order: Order | undefined, answer: Answer): boolean {
  if (answer.kind !== 'done' || order?.kind === 'look') return true;
  const { reply } = answer;
  return (
    order?.kind === 'update' &&
    reply !== undefined &&
    'news' in reply &&
    reply.healed === undefined &&
    reply.news.every(({ update }) => typeof update === 'number')
  );
}
