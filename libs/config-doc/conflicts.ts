// What merging an update could not keep, found from the operations alone: the cost follows the update and what it is concurrent with,
// never the document, and an update that knew everything costs next to nothing. What it remembers is a cache: after a restart, or
// when it forgot, it reads the operations again that it needs.
import type { Notice } from '@hakiri/contracts/notice';
import type { ContainerID, JsonChange, LoroDoc, OpId, PeerID, VersionVector } from 'loro-crdt';
import { DeletedEntities } from './conflicts-deleted.ts';
import { type Conflict, findConflicts } from './conflicts-found.ts';
import { Ledger, type Operation, type Touched } from './conflicts-ledger.ts';
import { type AuthorOf, toNotice } from './conflicts-notice.ts';
import { changesIn, originOf, type Span } from './operations.ts';
import { Places } from './operations-place.ts';

/** How many operations (a character typed is one) an update's author may have missed for its conflicts to be found. */
export const LOOKBACK_LIMIT = 200_000;
/** Past it everything is forgotten, and what is needed is read again. */
const REMEMBERED_LIMIT = 100_000;

export type Detection =
  | { kind: 'found'; notices: Notice[] }
  /** The author had missed more than `LOOKBACK_LIMIT` operations: whether there are conflicts is not known. */
  | { kind: 'beyond' };

export class ConflictTracker {
  private readonly doc: LoroDoc;
  private ledger: Ledger;
  private deleted: DeletedEntities;
  private readonly places: Places;
  /** What the ledger holds of each peer. */
  private readonly held = new Map<PeerID, { from: number; to: number }>();

  constructor(doc: LoroDoc) {
    this.doc = doc;
    this.ledger = new Ledger(doc);
    this.deleted = new DeletedEntities(doc, this.ledger);
    this.places = new Places(doc);
  }

  /** Right after an import, with its `success` (`spansOf`). Names are told as they are now. */
  detect(spans: readonly Span[], context: { authorOf: AuthorOf; nowMs: number }): Detection {
    if (isSequential(this.doc, spans)) return { kind: 'found', notices: [] };
    const changes = changesIn(this.doc, spans);
    const needed = neededBy(this.doc, changes.map(originOf));
    if (lengthOf(needed) > LOOKBACK_LIMIT) return { kind: 'beyond' };
    const unnamed = new Set<ContainerID>();
    let conflicts = this.find(needed, spans, changes, unnamed);
    if (unnamed.size > 0) {
      // What a deletion's author had deleted before: whoever edited it did not know of that either.
      const edits = [...unnamed].flatMap((container) => this.ledger.edits.get(container) ?? []);
      const origins = edits.map(({ peer, counter, moment }) => ({ peer, counter, deps: [...moment.deps] }));
      const further = neededBy(this.doc, [...changes.map(originOf), ...origins]);
      if (lengthOf(further) <= LOOKBACK_LIMIT) {
        this.forget();
        conflicts = this.find(further, spans, changes, new Set());
      }
    }
    const { doc, ledger, places, deleted } = this;
    const notices = conflicts
      .map((conflict) => toNotice(conflict, { doc, deleted, places, ...context }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    if (ledger.size + places.size > REMEMBERED_LIMIT) this.forget();
    return { kind: 'found', notices };
  }

  private find(
    needed: readonly Span[],
    spans: readonly Span[],
    changes: readonly JsonChange[],
    unnamed: Set<ContainerID>,
  ): Conflict[] {
    const touched = this.read(needed, spans, changes);
    const { doc, ledger, places, deleted } = this;
    return findConflicts({ doc, ledger, places, deleted, touched, isNew: newIn(spans), unnamed });
  }

  private read(needed: readonly Span[], spans: readonly Span[], changes: readonly JsonChange[]): Touched {
    const starts = new Map(spans.map(({ peer, start }) => [peer, start]));
    const isBroken = needed.some(({ peer, start }) => {
      const held = this.held.get(peer);
      return held !== undefined && (held.to < start || held.to > (starts.get(peer) ?? held.to));
    });
    if (isBroken) this.forget();
    for (const { peer, start, end } of needed) {
      const held = this.held.get(peer) ?? { from: end, to: start };
      const until = starts.get(peer) ?? end;
      const isHeld = this.held.has(peer);
      const missing = isHeld
        ? [
            { peer, start, end: held.from },
            { peer, start: held.to, end: until },
          ]
        : [{ peer, start, end: until }];
      for (const change of changesIn(this.doc, missing)) this.ledger.enter(change);
      this.held.set(peer, { from: Math.min(start, held.from), to: end });
    }
    const touched: Touched = { fields: new Set(), containers: new Set(), deletions: new Set() };
    for (const change of changes) this.ledger.enter(change, touched);
    return touched;
  }

  private forget(): void {
    this.ledger = new Ledger(this.doc);
    this.deleted = new DeletedEntities(this.doc, this.ledger);
    this.places.forget();
    this.held.clear();
  }
}

/** Whether its author had everything: one line of changes that all else in the document comes before. */
export function isSequential(doc: LoroDoc, spans: readonly Span[]): boolean {
  const [span] = spans;
  if (span === undefined) return true;
  const { peer, start, end } = span;
  const [head, ...others] = doc.oplogFrontiers();
  if (spans.length > 1 || others.length > 0 || head?.peer !== peer || head.counter !== end - 1) return false;
  let change = doc.getChangeAt({ peer, counter: start });
  for (let next = change.counter + change.length; next < end; next = change.counter + change.length) {
    change = doc.getChangeAt({ peer, counter: next });
    const [dep, ...more] = change.deps;
    if (dep?.peer !== peer || more.length > 0) return false;
  }
  return true;
}

/** What the authors did not know, and what they wrote. */
function neededBy(doc: LoroDoc, origins: readonly (OpId & { deps: OpId[] })[]): Span[] {
  const needed = new Map<PeerID, Span>();
  const now = versionIn(doc.oplogVersion());
  const authors = new Set<PeerID>();
  for (const { peer, deps } of origins.toSorted((a, b) => a.counter - b.counter)) {
    // Knows what the one before it knew.
    const isContinued = authors.has(peer) && deps.length === 1 && deps[0]?.peer === peer;
    if (isContinued) continue;
    authors.add(peer);
    const known = versionIn(doc.frontiersToVV(deps));
    for (const [of, end] of now) {
      const start = Math.min(known.get(of) ?? 0, needed.get(of)?.start ?? end);
      if (start < end) needed.set(of, { peer: of, start, end });
    }
  }
  return [...needed.values()];
}

function versionIn(vector: VersionVector): Map<PeerID, number> {
  const version = vector.toJSON();
  vector.free();
  return version;
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0);
}

function newIn(spans: readonly Span[]): (operation: Operation) => boolean {
  const byPeer = new Map(spans.map((span) => [span.peer, span]));
  return ({ peer, counter }) => {
    const span = byPeer.get(peer);
    return span !== undefined && span.start <= counter && counter < span.end;
  };
}
