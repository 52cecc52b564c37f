// What a fresh client is sent: a snapshot that stays the same while edits go on, and behind it, as one update, what came since.
// To export a document of 2,000 pipelines takes 120 ms, that update nothing; and right after loading it is the log's own base.
import type { Version } from '@hakiri/config-doc/version';
import { toVersionVector } from '@hakiri/config-doc/version-vector';
import type { LoroDoc } from 'loro-crdt';
import { free } from '../history/handle.ts';

/** To be imported one after the other. */
export type Whole = {
  /** Of the snapshot. */
  number: number;
  /** Absent when it was handed over before, to whoever keeps it. */
  snapshot: Uint8Array | undefined;
  since: Uint8Array | undefined;
};

/** Operations since a snapshot from which on another is cheaper for everybody. */
const SINCE_LIMIT = 2_000;

export class KeptSnapshot {
  readonly #doc: LoroDoc;
  #number = 0;
  #ends: Version | undefined;
  /** Handed over it is here no more: it is large. */
  #bytes: Uint8Array | undefined;
  #since: Uint8Array | undefined;

  /** `base`: what was imported into the document first, and what it held then. */
  constructor(doc: LoroDoc, base?: { bytes: Uint8Array; ends: Version }) {
    this.#doc = doc;
    this.#ends = base?.ends;
    this.#bytes = base?.bytes;
  }

  /** The document did. A snapshot that nobody asked for until then is not worth its memory. */
  changed(): void {
    this.#since = undefined;
    if (this.#bytes === undefined) return;
    this.#bytes = undefined;
    this.#ends = undefined;
  }

  /** In one piece, at the version that the document has. The same bytes until something changes. */
  whole(now: Version): Uint8Array {
    return this.#missed(now) === 0 && this.#bytes !== undefined ? this.#bytes : this.#export(now);
  }

  /** The caller keeps what it is handed, and says up to which number it keeps none any more. */
  handOver(now: Version, dropped: number): Whole {
    const isThere = this.#bytes !== undefined || this.#number > dropped;
    if (!isThere || this.#missed(now) > SINCE_LIMIT) this.#export(now);
    const snapshot = this.#bytes;
    if (snapshot !== undefined) this.#number = Math.max(this.#number, dropped) + 1;
    this.#bytes = undefined;
    if (this.#missed(now) > 0) this.#since ??= this.#exportSince();
    return { number: this.#number, snapshot, since: this.#since };
  }

  #export(now: Version): Uint8Array {
    const bytes = this.#doc.export({ mode: 'snapshot' });
    this.#bytes = bytes;
    this.#ends = new Map(now);
    this.#since = undefined;
    return bytes;
  }

  #exportSince(): Uint8Array {
    const from = toVersionVector(this.#ends ?? new Map());
    const update = this.#doc.export({ mode: 'update', from });
    free(from);
    return update;
  }

  #missed(now: Version): number {
    if (this.#ends === undefined) return Number.POSITIVE_INFINITY;
    let missed = 0;
    for (const [peer, end] of now) missed += end - (this.#ends.get(peer) ?? 0);
    return missed;
  }
}
