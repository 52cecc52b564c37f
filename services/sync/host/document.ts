// The live document: the one stateful core of sync, in memory, synchronous, without I/O. It is never rebuilt for a message;
// it checks every update before Loro sees it, and says exactly which bytes made a change, so that log and members get those.
import { toBase64Url } from '@hakiri/base/bytes';
import { migrate } from '@hakiri/config-doc/migrations';
import { metaOf, SCHEMA_VERSION_FIELD, schemaVersionOf } from '@hakiri/config-doc/schema';
import { compareVersions, decodeVersion, type Version, versionOf } from '@hakiri/config-doc/version';
import { toVersionVector } from '@hakiri/config-doc/version-vector';
import type { DocVersion } from '@hakiri/contracts/names';
import { LoroDoc, type PeerID } from 'loro-crdt';
import type { PendingLimits, UpdateLimits } from '../config.ts';
import { sealTip } from '../history/compaction.ts';
import { isBeforeHistory, isTooOld } from '../history/document-version.ts';
import { free, passTrap } from '../history/handle.ts';
import { KeptSnapshot, type Whole } from './kept-snapshot.ts';
import { type Header, readHeader, type Span, spansOf } from './update-header.ts';

export type ImportRefusal =
  | 'malformed'
  | 'not_an_update'
  | 'too_large'
  /** It writes under a peer id that is somebody else's, that another socket uses, or under several new ones. */
  | 'peer_not_yours'
  | 'peer_in_use'
  | 'too_many_peers'
  /** It builds on what is from before the history that is kept. */
  | 'history_compacted';

export type ImportOutcome =
  /** `update` is what changed the document: what to log and to tell the others. `missing`: a part of it still lacks something. */
  | { kind: 'applied'; update: Uint8Array; spans: Span[]; missing: boolean }
  /** The document has all of it already. */
  | { kind: 'repeated' }
  /** It builds on operations that the document lacks: the sender has to sync anew. */
  | { kind: 'missing' }
  | { kind: 'refused'; reason: ImportRefusal }
  /** Loro failed at it. The document must not be used any more. */
  | { kind: 'broken'; error: unknown };

export type CatchUp =
  | { kind: 'current' }
  | { kind: 'delta'; update: Uint8Array }
  | { kind: 'snapshot'; whole: Whole }
  | { kind: 'version_unknown' }
  /** It is from before the history that is kept: nothing that can be made from here fits to it. */
  | { kind: 'history_compacted' };

/** The server's own edits. One id for ever, as a version vector never shrinks: they are durable before anybody sees them. */
export const SERVER_PEER: PeerID = '1';

/** Hears of the last updates of a log, right after each was taken in. */
export type LoadWatch = { last: number; onImported(doc: LoroDoc, spans: Span[]): void };

export type DocumentLimits = { update: UpdateLimits; deltaCounters: number; pending: PendingLimits };

export class Document {
  readonly #doc: LoroDoc;
  readonly #limits: DocumentLimits;
  /** What the oplog holds, kept beside Loro so that checks cost no call into wasm. */
  #counters: Map<PeerID, number>;
  /** Handed to Loro and perhaps kept there, as what it builds on is missing. Loro says neither how much nor drops it. */
  readonly #pending = { bytes: 0, counters: 0 };
  #isSpoilt = false;
  #schemaVersion: number | undefined;
  readonly #kept: KeptSnapshot;
  #version: DocVersion | undefined;

  private constructor(doc: LoroDoc, kept: KeptSnapshot, limits: DocumentLimits) {
    this.#doc = doc;
    this.#kept = kept;
    this.#limits = limits;
    this.#counters = countersOf(doc);
  }

  /** @throws when the log holds what Loro cannot read. */
  static load(
    snapshot: Uint8Array | undefined,
    updates: readonly Uint8Array[],
    limits: DocumentLimits,
    watch?: LoadWatch,
  ): Document {
    const doc = new LoroDoc();
    // One by one: importBatch leaves everything pending when a base is among the updates.
    if (snapshot !== undefined) doc.import(snapshot);
    const base = snapshot === undefined ? undefined : { bytes: snapshot, ends: countersOf(doc) };
    for (const [index, update] of updates.entries()) {
      const { success } = doc.import(update);
      if (watch !== undefined && index >= updates.length - watch.last)
        watch.onImported(doc, spansOf(success));
    }
    doc.setPeerId(SERVER_PEER);
    return new Document(doc, new KeptSnapshot(doc, base), limits);
  }

  /** Peer → how many of its operations are here. */
  get counters(): Version {
    return this.#counters;
  }

  /** For reading through libs/config-doc. */
  get loro(): LoroDoc {
    return this.#doc;
  }

  /**
   * What is in memory is no longer just what was logged, or too much waits in it for what is missing: it is to be loaded anew
   * before the next change.
   */
  get isSpoilt(): boolean {
    return this.#isSpoilt;
  }

  /** As Loro encodes it, for joins. */
  encodedVersion(): Uint8Array {
    const vector = this.#doc.oplogVersion();
    const encoded = vector.encode();
    free(vector);
    return encoded;
  }

  version(): DocVersion {
    this.#version ??= versionOf(this.#doc);
    return this.#version;
  }

  includes(version: Version): boolean {
    return [...version].every(([peer, counter]) => (this.#counters.get(peer) ?? 0) >= counter);
  }

  /** `refusalOf` is asked about what passed every other check and would change the document. */
  import(
    update: Uint8Array,
    refusalOf: (header: Header) => ImportRefusal | undefined = () => undefined,
  ): ImportOutcome {
    if (update.length > this.#limits.update.bytes) return { kind: 'refused', reason: 'too_large' };
    const header = readHeader(update);
    if (header === undefined) return { kind: 'refused', reason: 'malformed' };
    const checked = this.#check(header);
    if (checked.kind !== 'importable') return checked;
    const reason = refusalOf(header);
    if (reason !== undefined) return { kind: 'refused', reason };
    try {
      const { success, pending } = this.#doc.import(update);
      if (pending !== null) this.#keptPending(update.length, checked.counters);
      if (success.size === 0) return pending === null ? { kind: 'repeated' } : { kind: 'missing' };
      // A part that waits, or an older one that it set free: then what changed is not what came.
      const isWhole =
        pending === null && [...success].every(([peer, { end }]) => header.ends.get(peer) === end);
      const spans = spansOf(success);
      const changed = isWhole ? update : this.exportSpans(spans);
      if (changed.length > this.#limits.update.bytes) {
        // With what waited for it, it fits into no entry; loaded anew the document takes it alone.
        this.#isSpoilt = true;
        return { kind: 'missing' };
      }
      for (const [peer, { end }] of success) this.#counters.set(peer, end);
      this.#changed();
      return { kind: 'applied', update: changed, spans, missing: pending !== null };
    } catch (error) {
      if (isBeforeHistory(error)) return { kind: 'refused', reason: 'history_compacted' };
      // A trap is more than this document's trouble.
      passTrap(error);
      return { kind: 'broken', error };
    }
  }

  /** What a client at `version` (as Loro encodes it; empty when it has nothing) lacks. `dropped`: as `KeptSnapshot` has it. */
  catchUp(version: Uint8Array, dropped: number): CatchUp {
    const known = version.length === 0 ? new Map() : decodeVersion(toBase64Url(version));
    if (known === undefined) return { kind: 'version_unknown' };
    if (known.size === 0) return { kind: 'snapshot', whole: this.#kept.handOver(this.#counters, dropped) };
    if (['equal', 'after'].includes(compareVersions(known, this.#counters))) return { kind: 'current' };
    const isShallow = this.#doc.isShallow();
    if (isShallow && isTooOld(this.#doc, known)) return { kind: 'history_compacted' };
    let missed = 0;
    for (const [peer, counter] of this.#counters) missed += Math.max(0, counter - (known.get(peer) ?? 0));
    // A snapshot with less than all history goes into an empty document alone: in any other it would stay pending.
    if (missed > this.#limits.deltaCounters && !isShallow)
      return { kind: 'snapshot', whole: this.#kept.handOver(this.#counters, dropped) };
    return { kind: 'delta', update: this.#exportFrom(known) };
  }

  /** With its whole history. The same bytes until something changes. */
  snapshot(): Uint8Array {
    return this.#kept.whole(this.#counters);
  }

  /**
   * Writes through `edit` as the server; undefined when nothing differed. The update is not durable yet.
   * @throws what `edit` throws: what it wrote until then is in the document, which is spoilt.
   */
  edit(edit: (doc: LoroDoc) => void): Uint8Array | undefined {
    const before = new Map(this.#counters);
    try {
      edit(this.#doc);
      this.#doc.commit();
    } catch (error) {
      this.#isSpoilt = true;
      throw error;
    }
    this.#counters = countersOf(this.#doc);
    if (compareVersions(before, this.#counters) === 'equal') return undefined;
    this.#changed();
    return this.#exportFrom(before);
  }

  /** Brings a new or older document to the current schema; undefined when it is there. @throws when it is newer than this code. */
  migrate(): Uint8Array | undefined {
    const update = this.edit((doc) => {
      const outcome = migrate(doc);
      if (outcome.kind === 'too_new')
        throw new Error(`schema ${outcome.version} is newer than ${outcome.supported}: update the server`);
    });
    this.#schemaVersion = schemaVersionOf(this.#doc);
    return update;
  }

  /** The schema version is the server's word: what a client wrote over it is written back. Undefined when nobody did. */
  healSchemaVersion(): Uint8Array | undefined {
    const expected = this.#schemaVersion;
    if (expected === undefined || metaOf(this.#doc).get(SCHEMA_VERSION_FIELD) === expected) return undefined;
    return this.edit((doc) => metaOf(doc).set(SCHEMA_VERSION_FIELD, expected));
  }

  /** Makes the tip one operation, so that history can be compacted there; undefined when it is. */
  seal(): Uint8Array | undefined {
    const update = sealTip(this.#doc);
    if (update === undefined) return undefined;
    this.#counters = countersOf(this.#doc);
    this.#changed();
    return update;
  }

  /** Loro's memory goes back only when it is told. */
  free(): void {
    free(this.#doc);
  }

  #check({ mode, starts, ends }: Header): ImportOutcome | { kind: 'importable'; counters: number } {
    if (mode !== 'update') return { kind: 'refused', reason: 'not_an_update' };
    let counters = 0;
    let isNew = false;
    let isMissing = false;
    for (const [peer, end] of ends) {
      const start = starts.get(peer) ?? 0;
      const held = this.#counters.get(peer) ?? 0;
      counters += end - start;
      isNew ||= end > held;
      isMissing ||= start > held;
      // Its edits are durable before anybody hears of them: nobody has one that is new here.
      if (peer === SERVER_PEER && end > held) return { kind: 'refused', reason: 'malformed' };
    }
    if (counters > this.#limits.update.counters) return { kind: 'refused', reason: 'too_large' };
    if (isMissing) return { kind: 'missing' };
    return isNew ? { kind: 'importable', counters } : { kind: 'repeated' };
  }

  #keptPending(bytes: number, counters: number): void {
    const pending = this.#pending;
    const { pending: limits } = this.#limits;
    pending.bytes += bytes;
    pending.counters += counters;
    this.#isSpoilt ||= pending.bytes > limits.bytes || pending.counters > limits.counters;
  }

  /** These operations alone, up to where their peers end. */
  exportSpans(spans: Iterable<Span>): Uint8Array {
    const before = new Map(this.#counters);
    for (const { peer, start } of spans) before.set(peer, start);
    return this.#exportFrom(before);
  }

  #exportFrom(version: Version): Uint8Array {
    const from = toVersionVector(version);
    const update = this.#doc.export({ mode: 'update', from });
    free(from);
    return update;
  }

  #changed(): void {
    this.#kept.changed();
    this.#version = undefined;
  }
}

function countersOf(doc: LoroDoc): Map<PeerID, number> {
  const vector = doc.oplogVersion();
  const counters = vector.toJSON();
  free(vector);
  return counters;
}
