// The host of documents: performs commands for many documents, each for itself. The same code in a worker and in a test. An
// error of Loro concerns one document; a trap of its wasm ends the whole host, and whoever started it starts another.
import { isTrap } from '../history/handle.ts';
import type { DocumentLimits } from './document.ts';
import { HostedDocument } from './hosted-document.ts';
import type { Command, CommandKind, Reply } from './protocol.ts';
import { ScratchDocument } from './scratch-document.ts';

/** For one document, known by its number on both sides. */
export type Order = { document: number } & (Command | { kind: 'close'; input: undefined });

export type Answer =
  | { kind: 'done'; reply: Reply<CommandKind>; tookMs: number }
  /** The document failed at it and may be half-changed: it has to be opened again. */
  | { kind: 'failed'; error: string }
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
      return { kind, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    }
  }

  #perform(order: Order): Reply<CommandKind> {
    if (order.kind === 'close') return this.#close(order.document);
    if (order.kind === 'open') {
      this.#close(order.document);
      const { hosted, reply } = HostedDocument.open(order.input, this.#limits);
      this.#documents.set(order.document, hosted);
      return reply;
    }
    if (order.kind === 'read') {
      this.#close(order.document);
      const { scratch, reply } = ScratchDocument.read(order.input, this.#limits);
      this.#scratches.set(order.document, scratch);
      return reply;
    }
    const scratch = this.#scratches.get(order.document);
    return scratch === undefined ? this.#performLive(order) : performScratch(scratch, order);
  }

  #performLive(order: Exclude<Order, { kind: 'close' | 'open' | 'read' }>): Reply<CommandKind> {
    const hosted = this.#documents.get(order.document);
    if (hosted === undefined) throw new Error('the document is not open here');
    switch (order.kind) {
      case 'update':
        return hosted.update(order.input);
      case 'join':
        return hosted.join(order.input);
      case 'warmUp':
        return hosted.warmUp();
      case 'left':
        return hosted.left(order.input);
      case 'edit':
        return hosted.edit(order.input);
      case 'seal':
        return hosted.seal(order.input);
      case 'look':
        return hosted.look(order.input);
      case 'query':
        return hosted.query(order.input);
      default:
        throw new Error(`${order.kind} is for a scratch document`);
    }
  }

  #close(document: number): undefined {
    for (const held of [this.#documents, this.#scratches]) {
      held.get(document)?.free();
      held.delete(document);
    }
  }
}

function performScratch(
  scratch: ScratchDocument,
  order: Exclude<Order, { kind: 'close' | 'open' | 'read' }>,
): Reply<CommandKind> {
  switch (order.kind) {
    case 'compact':
      return scratch.compact(order.input);
    case 'base':
      return scratch.base(order.input);
    case 'check':
      return scratch.check(order.input);
    case 'rescue':
      return scratch.rescue(order.input);
    case 'readAt':
      return scratch.readAt(order.input);
    default:
      throw new Error(`${order.kind} is for the live document`);
  }
}
