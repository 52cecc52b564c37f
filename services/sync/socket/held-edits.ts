// Edits of one room of a socket that came while its join is being decided: in order, bounded in bytes.
import type { HexString } from 'loro-protocol';

export type Incoming = { updates: readonly Uint8Array[]; batchId: HexString; bytes: number };

export class HeldEdits {
  readonly #limitBytes: number;
  #edits: Incoming[] = [];
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** False when there is no room for it. */
  hold(incoming: Incoming): boolean {
    if (this.#bytes + incoming.bytes > this.#limitBytes) return false;
    this.#edits.push(incoming);
    this.#bytes += incoming.bytes;
    return true;
  }

  take(): Incoming[] {
    this.#bytes = 0;
    return this.#edits.splice(0);
  }
}
