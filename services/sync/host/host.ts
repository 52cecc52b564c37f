// The host of documents: performs commands for many documents, each for itself. The same code in a worker and in a test. An
// error of Loro concerns one document; a trap of its wasm ends the whole host, and whoever started it starts another.
import type { DocumentLimits } from './document.ts';
import { HostedDocument } from './hosted-document.ts';
import type { Command, CommandKind, Reply } from './protocol.ts';

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
      const kind = error instanceof WebAssembly.RuntimeError ? 'trapped' : 'failed';
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
    const hosted = this.#documents.get(order.document);
    if (hosted === undefined) throw new Error('the document is not open here');
    switch (order.kind) {
      case 'update':
        return hosted.update(order.input);
      case 'join':
        return hosted.join(order.input);
      case 'left':
        return hosted.left(order.input);
      case 'edit':
        return hosted.edit(order.input);
      case 'base':
        return hosted.base(order.input);
      case 'query':
        return hosted.query(order.input);
    }
  }

  #close(document: number): undefined {
    this.#documents.get(document)?.free();
    this.#documents.delete(document);
  }
}
