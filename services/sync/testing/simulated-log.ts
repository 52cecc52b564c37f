// A disk that several processes share: does what it is asked when the simulation lets it, fails as logs do, and fences writers
// by their epoch. Of a process that died, what was on its way may be stored, be lost, or be tried later.
import type { Prng } from '@hakiri/base/prng';
import { type DocumentId, type DocumentLog, DocumentLogError } from '@hakiri/substrate/document-log';
import { entriesOf } from '@hakiri/substrate/log-group';
import { SimulatedTruth, Violation } from './simulated-truth.ts';

export type StoredContent = { base: Uint8Array | undefined; entries: Uint8Array[] };
type Stored = {
  epoch: number;
  base: Uint8Array | undefined;
  begin: number;
  entries: Uint8Array[];
  truth: SimulatedTruth;
};
/** `lost_before`: not done, and nobody knows. `lost_after`: done, and nobody knows. */
export type DiskFailure = 'full' | 'lost_before' | 'lost_after';
/** Of one epoch of a document: operations come one after the other. */
type Writer = { name: string; goesOn: boolean };
type Operation = { process: number; writer: Writer | undefined; run(failure: DiskFailure | undefined): void };

export class SimulatedDisk {
  readonly counts = { opens: 0, appends: 0, compactions: 0, failures: 0, fenced: 0 };
  /** What was found where nobody hears of an error. */
  #broken: Violation | undefined;
  readonly #documents = new Map<string, Stored>();
  #operations: Operation[] = [];
  readonly #failedWriters = new Set<string>();

  get broken(): Violation | undefined {
    for (const { truth } of this.#documents.values()) this.#broken ??= truth.broken;
    return this.#broken;
  }

  get waiting(): number {
    return this.#operations.length;
  }

  get names(): string[] {
    return [...this.#documents.keys()];
  }

  truthOf(name: string): SimulatedTruth {
    return this.#documentOf(name).truth;
  }

  contentOf(name: string): StoredContent {
    const { base, entries } = this.#documentOf(name);
    return { base, entries: [...entries] };
  }

  /** Lets one operation happen. */
  step(prng: Prng, failure?: DiskFailure): void {
    const [operation] = this.#operations.splice(prng.below(this.#operations.length), 1);
    operation?.run(failure);
  }

  /** The process is gone: nobody hears of what it had on its way. */
  abandon(process: number, prng: Prng): void {
    const kept: Operation[] = [];
    for (const operation of this.#operations) {
      const fate = operation.process === process ? prng.below(3) : 2;
      if (fate === 0) operation.run(undefined);
      else if (fate === 2) kept.push(operation);
    }
    this.#operations = kept;
  }

  logOf(process: number): DocumentLog {
    return {
      open: (id) =>
        this.#ask(process, undefined, () => {
          const stored = this.#documentOf(nameOf(id));
          stored.epoch += 1;
          this.counts.opens += 1;
          return { ...this.#read(id), epoch: stored.epoch };
        }),
      append: (id, epoch, position, group) =>
        this.#ask(process, writerOf(id, epoch, false), () => {
          const stored = this.#writable(id, epoch);
          const end = stored.begin + stored.entries.length;
          if (position !== end) throw new DocumentLogError('wrong_position', `${position} is not ${end}`);
          this.counts.appends += 1;
          const entries = entriesOf(group);
          stored.truth.appended(entries);
          stored.entries.push(...entries);
          return end + entries.length;
        }),
      compact: (id, epoch, position, base) =>
        this.#ask(process, writerOf(id, epoch, true), () => {
          const stored = this.#writable(id, epoch);
          if (position < stored.begin || position > stored.begin + stored.entries.length)
            throw new DocumentLogError('wrong_position', `${position}`);
          this.counts.compactions += 1;
          const tail = stored.entries.slice(position - stored.begin);
          stored.truth.compacted(base, tail);
          Object.assign(stored, { base, begin: position, entries: tail });
        }),
      read: (id) => this.#ask(process, undefined, () => this.#read(id)),
      position: (id) => this.#ask(process, undefined, () => this.#read(id).position),
      list: async (team) =>
        this.names.filter((name) => name.startsWith(`${team}/`)).map((name) => name.slice(team.length + 1)),
    };
  }

  #ask<T>(process: number, writer: Writer | undefined, act: () => T): Promise<T> {
    if (writer !== undefined && this.#failedWriters.has(writer.name))
      this.#broken ??= new Violation(`[SY2.11] ${writer.name} writes on after a failure`);
    if (writer !== undefined && this.#operations.some((one) => one.writer?.name === writer.name))
      this.#broken ??= new Violation(`[SY2.10] ${writer.name} writes twice at once`);
    return new Promise((resolve, reject) => {
      const run = (failure: DiskFailure | undefined): void => {
        try {
          if (failure !== undefined) this.counts.failures += 1;
          const refused = failure === 'full' && writer !== undefined;
          if (refused) throw new DocumentLogError('full', 'no room');
          const result = failure === undefined || failure === 'lost_after' ? act() : undefined;
          if (failure !== undefined) throw new DocumentLogError('unavailable', 'nobody knows');
          resolve(result as T);
        } catch (error) {
          if (!(error instanceof DocumentLogError)) throw error;
          if (error.kind === 'stale_epoch') this.counts.fenced += 1;
          const isHarmless = error.kind === 'full' && writer?.goesOn;
          if (writer !== undefined && !isHarmless) this.#failedWriters.add(writer.name);
          reject(error);
        }
      };
      this.#operations.push({ process, writer, run });
    });
  }

  #read(id: DocumentId) {
    const { base, entries, begin } = this.#documentOf(nameOf(id));
    return { base, entries: [...entries], position: begin + entries.length };
  }

  #writable(id: DocumentId, epoch: number): Stored {
    const stored = this.#documentOf(nameOf(id));
    if (stored.epoch !== epoch) throw new DocumentLogError('stale_epoch', `${epoch} is not ${stored.epoch}`);
    return stored;
  }

  #documentOf(name: string): Stored {
    const found = this.#documents.get(name);
    if (found !== undefined) return found;
    const stored = { epoch: 0, base: undefined, begin: 0, entries: [], truth: new SimulatedTruth() };
    this.#documents.set(name, stored);
    return stored;
  }
}

/** `goesOn`: a base that was certainly not written leaves the log as it was ([SY2.13]). */
function writerOf(id: DocumentId, epoch: number, goesOn: boolean): Writer {
  return { name: `${nameOf(id)} in epoch ${epoch}`, goesOn };
}

function nameOf({ team, doc }: DocumentId): string {
  return `${team}/${doc}`;
}
