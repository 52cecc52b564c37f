// What clients send, taken into a document: checked before Loro sees it, taken in alone or several together, and told which
// bytes changed the document, so that log and members get those.
import { compareVersions, type Version } from '@hakiri/config-doc/version';
import { toVersionVector } from '@hakiri/config-doc/version-vector';
import type { LoroDoc, PeerID } from 'loro-crdt';
import type { PendingLimits, UpdateLimits } from '../config.ts';
import { isBeforeHistory } from '../history/document-version.ts';
import { free, passTrap } from '../history/handle.ts';
import { joinUpdates, type Scan, scanUpdate } from './update-bytes.ts';
import {
  checkUpdate,
  type Held,
  type ImportOutcome,
  type ImportRefusal,
  type UpdateCheck,
} from './update-check.ts';
import {
  countersIn,
  type Header,
  isTrue,
  isWhole,
  readHeader,
  type Span,
  type Success,
  spansOf,
} from './update-header.ts';

export type IntakeLimits = { update: UpdateLimits; pending: PendingLimits };

type IntakeOptions = {
  limits: IntakeLimits;
  /** The id under which the server writes. */
  server: PeerID;
  onChanged(): void;
};

/** An update with what it says of itself. */
export type Scanned = { update: Uint8Array; scan: Scan };

/** `isSpoilt`: as of then. */
export type Taken = { outcome: ImportOutcome; isSpoilt: boolean };

/** What is in memory is not what was asked for, and nobody knows whose doing that is: it is to be asked again, one by one. */
export class HalfTaken extends Error {}

export class Intake {
  readonly #doc: LoroDoc;
  readonly #limits: IntakeLimits;
  readonly #options: IntakeOptions;
  #counters: Map<PeerID, number>;
  /** Handed to Loro and perhaps kept there, as what it builds on is missing. Loro says neither how much nor drops it. */
  readonly #pending = { bytes: 0, counters: 0 };
  #isSpoilt = false;

  constructor(doc: LoroDoc, options: IntakeOptions) {
    this.#doc = doc;
    this.#limits = options.limits;
    this.#options = options;
    this.#counters = countersOf(doc);
  }

  /** What the oplog holds, kept beside Loro so that checks cost no call into wasm. */
  get counters(): Version {
    return this.#counters;
  }

  get isSpoilt(): boolean {
    return this.#isSpoilt;
  }

  /** What was written half-way stays in the document. */
  spoil(): void {
    this.#isSpoilt = true;
  }

  /** The document was written to here. */
  recount(): void {
    this.#counters = countersOf(this.#doc);
  }

  /** `refusalOf` is asked about what passed every other check and would change the document; perhaps twice. */
  import(
    update: Uint8Array,
    refusalOf: (header: Header) => ImportRefusal | undefined = () => undefined,
  ): ImportOutcome {
    if (update.length > this.#limits.update.bytes) return { kind: 'refused', reason: 'too_large' };
    const scan = scanUpdate(update);
    if (scan !== undefined) {
      // What will be taken in Loro decodes once, when it does. Only what is refused is refused on Loro's word.
      const checked = this.#check(scan);
      if (checked.kind === 'importable' && refusalOf(scan) === undefined) return this.#import(update, scan);
    }
    const header = readHeader(update);
    if (header === undefined) return { kind: 'refused', reason: 'malformed' };
    const checked = this.#check(header);
    if (checked.kind !== 'importable') return checked;
    const reason = refusalOf(header);
    return reason === undefined ? this.#import(update, header) : { kind: 'refused', reason };
  }

  /** Undefined when it has to be looked at by itself: it is unusual, or would not be taken in by a document that has `held`. */
  scan(update: Uint8Array, held: Held): Scan | undefined {
    const scan = scanUpdate(update);
    if (scan === undefined) return undefined;
    return this.#check(scan, held).kind === 'importable' ? scan : undefined;
  }

  /**
   * Updates that `scan` read, each before those that may build on it, as if they came one after the other. Of several of one
   * peer each goes on from the one before. What waited and was set free counts as brought by the last of them: which one it
   * lacked nobody says. Undefined when Loro takes in none of them, as one is damaged. @throws HalfTaken
   */
  importTogether(updates: readonly Scanned[]): Taken[] | undefined {
    let status: ReturnType<LoroDoc['import']>;
    try {
      status = this.#doc.import(joinUpdates(updates.map(({ update }) => update)));
    } catch (error) {
      passTrap(error);
      if (this.#isUntouched()) return undefined;
      throw new HalfTaken('Loro failed amid updates that it took in together', { cause: error });
    }
    const { success, pending } = status;
    const freed = beyond(updates, success);
    this.#took(success);
    const waiting = updates.map(({ scan }) =>
      [...scan.ends].some(([peer, end]) => end > (this.#counters.get(peer) ?? 0)),
    );
    // What waited, or what somebody did not say of its update.
    const isTold = freed.size === 0 || updates.every(({ update, scan }) => isTrue(scan, update));
    if (!isTold || (pending === null && waiting.includes(true)))
      throw new HalfTaken('one of the updates is not what it says of itself');
    return updates.map(({ update, scan }, index) => {
      const own = within(scan, success);
      const brought = index === updates.length - 1 ? joined(own, freed) : own;
      const outcome = this.#outcome(update, scan, brought, waiting[index] === true);
      return { outcome, isSpoilt: this.#isSpoilt };
    });
  }

  /** These operations alone, up to where their peers end. */
  exportSpans(spans: Iterable<Span>): Uint8Array {
    const before = new Map(this.#counters);
    for (const { peer, start } of spans) before.set(peer, start);
    return this.exportFrom(before);
  }

  /** What there is beyond `version`. */
  exportFrom(version: Version): Uint8Array {
    const from = toVersionVector(version);
    const update = this.#doc.export({ mode: 'update', from });
    free(from);
    return update;
  }

  #check(header: Header, held: Held = this.#counters): UpdateCheck {
    const { limits, server } = this.#options;
    return checkUpdate(header, { held, limits: limits.update, server });
  }

  #import(update: Uint8Array, header: Header): ImportOutcome {
    try {
      const { success, pending } = this.#doc.import(update);
      if (!isWhole(header, success) && !isTrue(header, update))
        return { kind: 'broken', error: 'it is not what it says of itself' };
      const outcome = this.#outcome(update, header, success, pending !== null);
      if (outcome.kind === 'applied') this.#took(success);
      return outcome;
    } catch (error) {
      if (isBeforeHistory(error)) return { kind: 'refused', reason: 'history_compacted' };
      // A trap is more than this document's trouble.
      passTrap(error);
      // Of what cannot be decoded nothing is taken in.
      return readHeader(update) === undefined && this.#isUntouched()
        ? { kind: 'refused', reason: 'malformed' }
        : { kind: 'broken', error };
    }
  }

  /** `isWaiting`: a part of it, or all, lacks something. */
  #outcome(update: Uint8Array, header: Header, success: Success, isWaiting: boolean): ImportOutcome {
    if (isWaiting) this.#keptPending(update, countersIn(header));
    if (success.size === 0) return isWaiting ? { kind: 'missing' } : { kind: 'repeated' };
    const spans = spansOf(success);
    // A part that waits, or an older one that it set free: then what changed is not what came.
    const changed = !isWaiting && isWhole(header, success) ? update : this.exportSpans(spans);
    if (changed.length > this.#limits.update.bytes) {
      // With what waited for it, it fits into no entry; loaded anew the document takes it alone.
      this.#isSpoilt = true;
      return { kind: 'missing' };
    }
    return { kind: 'applied', update: changed, spans, missing: isWaiting };
  }

  #took(success: Success): void {
    if (success.size === 0) return;
    for (const [peer, { end }] of success) this.#counters.set(peer, end);
    this.#options.onChanged();
  }

  #isUntouched(): boolean {
    return compareVersions(countersOf(this.#doc), this.#counters) === 'equal';
  }

  #keptPending(update: Uint8Array, counters: number): void {
    const pending = this.#pending;
    const { pending: limits } = this.#limits;
    pending.bytes += update.length;
    pending.counters += counters;
    this.#isSpoilt ||= pending.bytes > limits.bytes || pending.counters > limits.counters;
  }
}

/** What of it one of several updates brought. */
function within({ starts, ends }: Header, success: Success): Success {
  const own = new Map<PeerID, { start: number; end: number }>();
  for (const [peer, end] of ends) {
    const span = success.get(peer);
    if (span === undefined) continue;
    const brought = { start: Math.max(span.start, starts.get(peer) ?? 0), end: Math.min(span.end, end) };
    if (brought.end > brought.start) own.set(peer, brought);
  }
  return own;
}

/** What none of several updates brought: it had waited in Loro. */
function beyond(updates: readonly Scanned[], success: Success): Success {
  const ends = new Map<PeerID, number>();
  for (const { scan } of updates)
    for (const [peer, end] of scan.ends) ends.set(peer, Math.max(end, ends.get(peer) ?? 0));
  const freed = new Map<PeerID, { start: number; end: number }>();
  for (const [peer, { start, end }] of success) {
    const from = Math.max(start, ends.get(peer) ?? 0);
    if (end > from) freed.set(peer, { start: from, end });
  }
  return freed;
}

/** Of a peer that is in both, the second goes on from the first. */
function joined(first: Success, second: Success): Success {
  const both = new Map(first);
  for (const [peer, span] of second) both.set(peer, { ...span, start: first.get(peer)?.start ?? span.start });
  return both;
}

export function countersOf(doc: LoroDoc): Map<PeerID, number> {
  const vector = doc.oplogVersion();
  const counters = vector.toJSON();
  free(vector);
  return counters;
}
