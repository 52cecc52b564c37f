// The live document: the one stateful core of sync, in memory, synchronous, without I/O. It is never rebuilt for a message.
import { toBase64Url } from '@hakiri/base/bytes';
import { migrate } from '@hakiri/config-doc/migrations';
import { metaOf, schemaVersionOf } from '@hakiri/config-doc/schema';
import { SCHEMA_VERSION_FIELD } from '@hakiri/config-doc/shape';
import { compareVersions, decodeVersion, type Version, versionOf } from '@hakiri/config-doc/version';
import type { DocVersion } from '@hakiri/contracts/names';
import type { LoroDoc, PeerID } from 'loro-crdt';
import { sealTip } from '../history/compaction.ts';
import { isTooOld } from '../history/document-version.ts';
import { free } from '../history/handle.ts';
import { Intake, type IntakeLimits } from './intake.ts';
import { type LoadWatch, type Logged, replay } from './replay.ts';

/** The server's own edits. One id for ever, as a version vector never shrinks: they are durable before anybody sees them. */
export const SERVER_PEER: PeerID = '1';

export type CatchUp =
  | { kind: 'current' }
  | { kind: 'delta'; update: Uint8Array }
  /** By so much that a snapshot is cheaper for everybody. */
  | { kind: 'behind' }
  | { kind: 'version_unknown' }
  /** It is from before the history that is kept: nothing that can be made from here fits to it. */
  | { kind: 'history_compacted' };

/** Operations since a snapshot from which on another is cheaper for everybody. */
const SINCE_LIMIT = 2_000;

export type DocumentLimits = IntakeLimits & { deltaCounters: number };

export class Document {
  readonly #doc: LoroDoc;
  readonly #limits: DocumentLimits;
  #schemaVersion: number | undefined;
  #version: DocVersion | undefined;
  /** For what clients send. */
  readonly intake: Intake;

  private constructor(doc: LoroDoc, limits: DocumentLimits) {
    this.#doc = doc;
    this.#limits = limits;
    this.intake = new Intake(doc, { limits, server: SERVER_PEER, onChanged: () => this.#changed() });
  }

  /** @throws when the log holds what Loro cannot read. */
  static load(
    snapshot: Uint8Array | undefined,
    updates: readonly Logged[],
    limits: DocumentLimits,
    watch?: LoadWatch,
  ): Document {
    const doc = replay(snapshot, updates, watch);
    doc.setPeerId(SERVER_PEER);
    return new Document(doc, limits);
  }

  /** Peer → how many of its operations are here. */
  get counters(): Version {
    return this.intake.counters;
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
    return this.intake.isSpoilt;
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
    return [...version].every(([peer, counter]) => (this.counters.get(peer) ?? 0) >= counter);
  }

  /** What a client at `version`, as Loro encodes it, lacks. `isFresh`: it is a snapshot's, for one that has nothing. */
  catchUp(version: Uint8Array, isFresh = false): CatchUp {
    const known = decodeVersion(toBase64Url(version));
    if (known === undefined) return { kind: 'version_unknown' };
    if (['equal', 'after'].includes(compareVersions(known, this.counters))) return { kind: 'current' };
    const isShallow = this.#doc.isShallow();
    if (isShallow && isTooOld(this.#doc, known)) return { kind: 'history_compacted' };
    let missed = 0;
    for (const [peer, counter] of this.counters) missed += Math.max(0, counter - (known.get(peer) ?? 0));
    if (isFresh && missed > SINCE_LIMIT) return { kind: 'behind' };
    // A snapshot with less than all history goes into an empty document alone: in any other it would stay pending.
    if (!isFresh && missed > this.#limits.deltaCounters && !isShallow) return { kind: 'behind' };
    return { kind: 'delta', update: this.intake.exportFrom(known) };
  }

  /** With all the history that is kept. */
  snapshot(): Uint8Array {
    return this.#doc.export({ mode: 'snapshot' });
  }

  /**
   * Writes through `edit` as the server; undefined when nothing differed. The update is not durable yet.
   * @throws what `edit` throws: what it wrote until then is in the document, which is spoilt.
   */
  edit(edit: (doc: LoroDoc) => void): Uint8Array | undefined {
    const before = new Map(this.counters);
    try {
      edit(this.#doc);
      this.#doc.commit();
    } catch (error) {
      this.intake.spoil();
      throw error;
    }
    this.intake.recount();
    if (compareVersions(before, this.counters) === 'equal') return undefined;
    this.#changed();
    return this.intake.exportFrom(before);
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
    this.intake.recount();
    this.#changed();
    return update;
  }

  /** Loro's memory goes back only when it is told. */
  free(): void {
    free(this.#doc);
  }

  #changed(): void {
    this.#version = undefined;
  }
}
