// A document read from its log for one piece of work beside its live host: a new base, the compaction of its history, the rescue
// of somebody's old work. What goes wrong in here spoils nothing but itself.
import { ConflictTracker } from '@hakiri/config-doc/conflicts';
import { schemaVersionOf } from '@hakiri/config-doc/schema';
import { compareVersions, includesVersion, type Version } from '@hakiri/config-doc/version';
import { toVersionVector } from '@hakiri/config-doc/version-vector';
import type { Notice } from '@hakiri/contracts/notice';
import type { LoroDoc } from 'loro-crdt';
import { RESCUE_DEVICE, RESCUE_UPDATES } from '../config.ts';
import { decodeBase, encodeBase } from '../document/base.ts';
import { compact } from '../history/compaction.ts';
import { heldBy, isTooOld } from '../history/document-version.ts';
import { free } from '../history/handle.ts';
import { keptLines, rescue } from '../history/rescue.ts';
import { restoreAt } from '../history/restore.ts';
import { claimUpdate } from './claims.ts';
import { Document, type DocumentLimits } from './document.ts';
import { NO_CONNECTION } from './leases.ts';
import { type LogState, readLog } from './log-state.ts';
import { answerQuery } from './queries.ts';
import type { ScratchInput, ScratchReply } from './scratch-protocol.ts';
import { readHeader } from './update-header.ts';

export class ScratchDocument {
  readonly #state: LogState;
  readonly #limits: DocumentLimits;
  /** With less history, once it was compacted. */
  #compacted: LoroDoc | undefined;

  /** @throws RecordError, or what Loro throws at a damaged log. */
  static read(
    content: ScratchInput<'read'>,
    limits: DocumentLimits,
  ): { scratch: ScratchDocument; reply: ScratchReply<'read'> } {
    const state = readLog(content, limits);
    const { document, history } = state;
    const reply = { counters: document.counters, history };
    return { scratch: new ScratchDocument(state, limits), reply };
  }

  private constructor(state: LogState, limits: DocumentLimits) {
    this.#state = state;
    this.#limits = limits;
  }

  /** @throws CompactionError */
  compact({ roots }: ScratchInput<'compact'>): ScratchReply<'compact'> {
    const { archive, rootVersion, tipVersion, roots: made, live } = compact(this.#state.document.loro, roots);
    this.#compacted = live;
    const root = made.at(-1) ?? new Uint8Array();
    return { archive, root, keptRoots: made.length - 1, rootVersion, tipVersion };
  }

  base({ history = this.#state.history }: ScratchInput<'base'>): ScratchReply<'base'> {
    const { document, leases, notes, receipts, touched, rescues, begunMs } = this.#state;
    // From the log, as all the rest: what is in memory may not be there yet.
    const { applied, notices } = notes.reply();
    const archiveRoots = history.archives.map(({ rootVersion }) => rootVersion);
    const base = encodeBase({
      snapshot: this.#compacted?.export({ mode: 'snapshot' }) ?? document.snapshot(),
      version: document.version(),
      schema: schemaVersionOf(document.loro) ?? 0,
      leases: [...leases.all()],
      receipts: [...receipts.all()],
      notices,
      touched: touched.note(document.loro),
      history,
      // As long as the document has all its history, everything is reached back to.
      rescues: document.loro.isShallow() ? keptLines(rescues, archiveRoots) : rescues,
      ...(applied === undefined ? {} : { applied }),
      ...(begunMs === undefined ? {} : { begunMs }),
    });
    return { base };
  }

  check({ base }: ScratchInput<'check'>): ScratchReply<'check'> {
    const { snapshot, history = { archives: [], roots: [] } } = decodeBase(base);
    const document = Document.load(snapshot, [], this.#limits);
    const { counters } = document;
    document.free();
    return { counters, history };
  }

  /** Going back costs much on a large document; nobody who edits waits for it here. */
  readAt({ version, query }: ScratchInput<'readAt'>): ScratchReply<'readAt'> {
    const { document, receipts, touched } = this.#state;
    const { loro } = document;
    if (!includesVersion(loro, version)) return { kind: 'unknown' };
    if (isTooOld(loro, version)) return { kind: 'gone' };
    const vector = toVersionVector(version);
    const frontiers = loro.vvToFrontiers(vector);
    free(vector);
    const named = loro.frontiersToVV(frontiers);
    const isMoment = compareVersions(named.toJSON(), version) === 'equal';
    free(named);
    if (!isMoment) return { kind: 'unknown' };
    if (query.name === 'bytes') return bytesAt(loro, version);
    loro.checkout(frontiers);
    return { kind: 'read', value: answerQuery({ document, receipts, touched }, query) };
  }

  /** @throws RebaseError, or what Loro throws: it is of no more use then. */
  rescue({ update, user, atMs, archives, fresh }: ScratchInput<'rescue'>): ScratchReply<'rescue'> {
    const refusal = this.#refusalOf(update, user, atMs);
    if (refusal !== undefined) return { kind: 'refused', reason: refusal };
    let notices: Notice[] = [];
    const { document, leases, rescues } = this.#state;
    const writer = { user, connection: NO_CONNECTION, atMs };
    const { peers } = leases.ahead(writer, RESCUE_DEVICE, []);
    if (leases.claim(fresh, writer, true).kind === 'new') peers.push(fresh);
    if (peers.length === 0) return { kind: 'refused', reason: 'too_many_peers' };
    const result = rescue({
      live: document.loro,
      archives,
      update,
      peers,
      lines: rescues,
      onMerged: (merged, before) => {
        notices = this.#lost(merged, before, user, atMs);
      },
    });
    if (result.kind !== 'rebased') return result;
    const { line, replaces, peer } = result;
    const note = { line, ...(replaces === undefined ? {} : { replaces }) };
    return { kind: 'rebased', update: result.update, note, notices, peer };
  }

  free(): void {
    free(this.#compacted);
    this.#state.document.free();
  }

  #refusalOf(update: Uint8Array, user: string, atMs: number) {
    const { bytes, counters: operations } = this.#limits.update;
    if (update.length > RESCUE_UPDATES * bytes) return 'too_large';
    const header = readHeader(update);
    if (header === undefined) return 'malformed';
    if (header.mode !== 'update') return 'not_an_update';
    let counters = 0;
    for (const [peer, end] of header.ends) counters += end - (header.starts.get(peer) ?? 0);
    if (counters > RESCUE_UPDATES * operations) return 'too_large';
    const { document, leases } = this.#state;
    const writer = { user, connection: NO_CONNECTION, atMs };
    const claimed = claimUpdate(header, writer, { counters: document.counters, leases });
    return claimed.kind === 'refused' ? claimed.reason : undefined;
  }

  /** What of the work lost against what others did meanwhile: only where all of it is merged is that to be seen. */
  #lost(merged: LoroDoc, before: Version, user: string, atMs: number): Notice[] {
    const { receipts } = this.#state;
    const spans = [...heldBy(merged)]
      .map(([peer, end]) => ({ peer, start: before.get(peer) ?? 0, end }))
      .filter(({ start, end }) => end > start);
    const found = new ConflictTracker(merged).detect(spans, {
      authorOf: (peer, counter) =>
        receipts.of(peer, counter) ?? (counter >= (before.get(peer) ?? 0) ? { user, atMs } : undefined),
      nowMs: atMs,
    });
    return found.kind === 'found' ? found.notices : [];
  }
}

/** A document without its first history can be looked at as it was, but not be copied as it was. */
function bytesAt(loro: LoroDoc, version: Version): ScratchReply<'readAt'> {
  const copy = restoreAt(loro, undefined, version);
  if (copy === undefined) return { kind: 'gone' };
  const value = copy.export({ mode: 'snapshot' });
  free(copy);
  return { kind: 'read', value };
}
