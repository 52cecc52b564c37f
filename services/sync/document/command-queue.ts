// Commands to a document that are not answered yet, in the order in which they came: what the host has not answered is asked
// again of the next one.
import type { AnyReply, Order } from '../host/host.ts';
import type { CommandKind, CommandOf } from '../host/protocol.ts';
import type { Hosting } from '../pool/host-pool.ts';
import type { Outcome } from '../pool/host-worker.ts';
import type { LogHead } from './log-head.ts';

export type Entry = {
  command: CommandOf<CommandKind>;
  done(reply: AnyReply): void;
  fail(error: Error): void;
};

export class CommandQueue {
  /** With the order as it was given to the host. */
  readonly #orders = new Map<Entry, Order | undefined>();
  #updateBytes = 0;

  get size(): number {
    return this.#orders.size;
  }

  /** Of the updates among them: what people send before anything of it is in the log. */
  get updateBytes(): number {
    return this.#updateBytes;
  }

  add(entry: Entry): void {
    this.#orders.set(entry, undefined);
    this.#updateBytes += updateBytesOf(entry);
  }

  remove(entry: Entry): void {
    if (this.#orders.delete(entry)) this.#updateBytes -= updateBytesOf(entry);
  }

  send(entry: Entry, hosting: Hosting, onOutcome: (outcome: Outcome) => void): void {
    // What has to be asked again is asked by itself, so that whoever did harm is found and nobody else is blamed.
    const isAgain = this.#orders.get(entry) !== undefined;
    const order: Order = { document: hosting.document, ...entry.command, ...(isAgain && { isAlone: true }) };
    this.#orders.set(entry, order);
    hosting.perform(order, onOutcome);
  }

  /** Those that the log answers by itself, of these. Not before what the same socket said earlier. */
  answerBy(head: LogHead | undefined, entries: readonly Entry[] = this.all()): void {
    if (head === undefined) return;
    for (const entry of entries) {
      if (entry.command.kind === 'join' && this.#hasUpdateOf(entry.command.input.connection)) continue;
      const reply = head.answer(entry.command);
      if (reply === undefined) continue;
      this.remove(entry);
      if ('granted' in reply && reply.granted.length > 0)
        this.add({
          command: { kind: 'grant', input: { leases: reply.granted } },
          done: () => {},
          fail: () => {},
        });
      entry.done(reply);
    }
  }

  all(): Entry[] {
    return [...this.#orders.keys()];
  }

  /** Whose order it was: it does not wait any more. */
  takeOf(order: Order | undefined): Entry | undefined {
    if (order === undefined) return undefined;
    for (const [entry, sent] of this.#orders) {
      if (sent !== order) continue;
      this.remove(entry);
      return entry;
    }
    return undefined;
  }

  #hasUpdateOf(connection: number): boolean {
    return this.all().some(
      ({ command }) => command.kind === 'update' && command.input.connection === connection,
    );
  }

  failAll(error: Error): void {
    const entries = this.all();
    for (const entry of entries) this.remove(entry);
    for (const entry of entries) entry.fail(error);
  }
}

function updateBytesOf({ command }: Entry): number {
  if (command.kind !== 'update') return 0;
  return command.input.updates.reduce((sum, { length }) => sum + length, 0);
}
