// The host of documents: performs commands for many documents, each for itself. The same code in a worker and in a test. An
// error of Loro concerns one document; a trap of its wasm ends the whole host, and whoever started it starts another.
import { isTrap } from '../history/handle.ts';
import type { DocumentLimits } from './document.ts';
import { HostedDocument } from './hosted-document.ts';
import type { Command, CommandKind, Input, Reply } from './protocol.ts';
import { ScratchDocument } from './scratch-document.ts';
import type { ScratchCommand, ScratchInput, ScratchKind, ScratchReply } from './scratch-protocol.ts';
import { TOGETHER_BYTES, TOGETHER_COUNT } from './together.ts';

/**
 * For one document, known by its number on both sides. `isAlone`: not to be performed together with others, as something went
 * wrong when it was.
 */
export type Order = { document: number; isAlone?: true } & (
  | Command
  | ScratchCommand
  | { kind: 'close'; input: undefined }
);

export type UpdateOrder = Extract<Order, { kind: 'update' }>;

export type AnyReply = Reply<CommandKind> | ScratchReply<ScratchKind>;

export type Answer =
  | { kind: 'done'; reply: AnyReply; tookMs: number }
  /** The document failed at it and may be half-changed: it has to be opened again. */
  | { kind: 'failed'; error: string }
  /** As `failed`, at one of several that were performed together: nobody knows which. */
  | { kind: 'unclear'; error: string }
  /** The wasm instance is gone, with every document in it. */
  | { kind: 'trapped'; error: string };

export class Host {
  readonly #limits: DocumentLimits;
  readonly #nowMs: () => number;
  readonly #documents = new Map<number, HostedDocument>();
  readonly #scratches = new Map<number, ScratchDocument>();

  /** `nowMs` only measures. */
  constructor(limits: DocumentLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  perform(order: Order): Answer {
    const begunMs = this.#nowMs();
    try {
      const reply = this.#perform(order);
      return { kind: 'done', reply, tookMs: this.#nowMs() - begunMs };
    } catch (error) {
      const kind = isTrap(error) ? 'trapped' : 'failed';
      return { kind, error: textOf(error) };
    }
  }

  /** Those that `updatesTogether` finds. Of a trap the one answer that says so. */
  performTogether(orders: readonly UpdateOrder[]): Answer[] {
    const begunMs = this.#nowMs();
    try {
      const [first] = orders;
      const replies =
        first === undefined ? [] : this.#live(first).updateTogether(orders.map(({ input }) => input));
      const tookMs = this.#nowMs() - begunMs;
      // Said once: the others waited for all of it.
      return replies.map((reply, index) => ({ kind: 'done', reply, tookMs: index === 0 ? tookMs : 0 }));
    } catch (error) {
      if (isTrap(error)) return [{ kind: 'trapped', error: textOf(error) }];
      return orders.map(() => ({ kind: 'unclear', error: textOf(error) }));
    }
  }

  #perform(order: Order): AnyReply {
    switch (order.kind) {
      case 'open':
        return this.#open(order.document, order.input);
      case 'update':
        return this.#live(order).update(order.input);
      case 'join':
        return this.#live(order).join(order.input);
      case 'snapshot':
        return this.#live(order).snapshot();
      case 'grant':
        return this.#live(order).grant(order.input);
      case 'warmUp':
        return this.#live(order).warmUp();
      case 'left':
        return this.#live(order).left(order.input);
      case 'edit':
        return this.#live(order).edit(order.input);
      case 'seal':
        return this.#live(order).seal(order.input);
      case 'look':
        return this.#live(order).look(order.input);
      case 'query':
        return this.#live(order).query(order.input);
      case 'touched':
        return this.#live(order).lookAtTouched();
      case 'applied':
        return this.#live(order).applied(order.input);
      case 'settle':
        return this.#live(order).settle(order.input);
      case 'read':
        return this.#read(order.document, order.input);
      case 'compact':
        return this.#scratch(order).compact(order.input);
      case 'base':
        return this.#scratch(order).base(order.input);
      case 'check':
        return this.#scratch(order).check(order.input);
      case 'rescue':
        return this.#scratch(order).rescue(order.input);
      case 'readAt':
        return this.#scratch(order).readAt(order.input);
      case 'close':
        return this.#close(order.document);
    }
  }

  #open(document: number, content: Input<'open'>): Reply<'open'> {
    this.#close(document);
    const { hosted, reply } = HostedDocument.open(content, this.#limits);
    this.#documents.set(document, hosted);
    return reply;
  }

  #read(document: number, content: ScratchInput<'read'>): ScratchReply<'read'> {
    this.#close(document);
    const { scratch, reply } = ScratchDocument.read(content, this.#limits);
    this.#scratches.set(document, scratch);
    return reply;
  }

  #live({ document }: Order): HostedDocument {
    return present(this.#documents.get(document));
  }

  #scratch({ document }: Order): ScratchDocument {
    return present(this.#scratches.get(document));
  }

  #close(document: number): undefined {
    for (const held of [this.#documents, this.#scratches]) {
      held.get(document)?.free();
      held.delete(document);
    }
  }
}

/** The orders, from one on, that may be performed together: edits of one document, as many as have the time of one order. */
export function updatesTogether(orders: readonly Order[], from: number): UpdateOrder[] {
  const together: UpdateOrder[] = [];
  let bytes = 0;
  for (let at = from; at < orders.length; at++) {
    const order = orders[at];
    if (order?.kind !== 'update' || order.isAlone || order.document !== orders[from]?.document) break;
    for (const update of order.input.updates) bytes += update.length;
    if (together.length > 0 && (bytes > TOGETHER_BYTES || together.length >= TOGETHER_COUNT)) break;
    together.push(order);
  }
  return together;
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function present<T>(held: T | undefined): T {
  if (held === undefined) throw new Error('the document is not open here');
  return held;
}
