// What was touched since it was last applied, kept from what each import reports and never from the document: the cost follows
// the edits. Touched is not different; what differs is never left out. Edits only lay their spans down here; they are looked at
// together when somebody asks. Each entry says which operations touched it, so that an Apply at a version takes away what that
// version has and nothing that came after.
import { changesIn, entityRootOf, GROUPS, type Meaning, meaningOf } from '@hakiri/config-doc/operations';
import { entityOf, OWNER_FIELD, transformsOf } from '@hakiri/config-doc/schema';
import { selectScope } from '@hakiri/config-doc/scope';
import { covers, type Version } from '@hakiri/config-doc/version';
import type { Scope } from '@hakiri/contracts/scope';
import type { ContainerID, LoroDoc, PeerID } from 'loro-crdt';
import { findAffected } from './touched-around.ts';
import { Entries, type Entry, isOpen } from './touched-entries.ts';
import { decodeTouched, encodeTouched, type TouchedNote } from './touched-note.ts';
import type { Span } from './update-header.ts';

export type Applied = {
  version: Version;
  /** Undefined in old logs: nobody knows what it took. */
  scope: Scope | undefined;
  /** It took what people alone read, and that not everywhere. */
  isMinor: boolean;
};

export type Settled = {
  at: Version;
  same: { pipelines: readonly string[]; variables: readonly string[] };
  allBut?: { pipelines: readonly string[]; variables: readonly string[] } | undefined;
  isPublished?: boolean | undefined;
};

/** `cosmetic`: something that people alone read waits to be published; `fresh`, also since the last look. */
export type TouchedNews = {
  pipelines: number;
  variables: number;
  cosmetic: 'none' | 'waiting' | 'fresh';
};

/** Past it nobody knows what was touched. */
const STAMPS_LIMIT = 300_000;
const COSMETIC_FIELDS: Record<'pipelines' | 'variables', readonly (string | undefined)[]> = {
  // Undefined: a field of the entity itself, its group or its name among them.
  pipelines: [undefined, 'name', 'description', 'tags'],
  variables: [undefined, 'comment'],
};

export class Touched {
  readonly #pipelines = new Entries();
  readonly #variables = new Entries();
  /** What is in them is found when somebody asks: all below a group, whoever lists a transform. */
  readonly #groups = new Entries();
  readonly #transforms = new Entries();
  /** Everything was, as far as is known. */
  #whole: Entry | undefined;
  /** Laid down and not looked at yet: of each peer one piece, as its operations come in order. */
  readonly #open = new Map<PeerID, Span>();
  #published: Version = new Map();
  #isFresh = false;

  /** `note`: of a base; undefined when it has none. */
  constructor(note?: TouchedNote) {
    const held = note && decodeTouched(note);
    if (held === undefined) return;
    this.#pipelines.restore(held.pipelines);
    this.#variables.restore(held.variables);
    this.#groups.restore(held.groups);
    this.#transforms.restore(held.transforms);
    this.#whole = held.whole;
  }

  /** Costs an edit nothing. */
  saw(spans: readonly Span[]): void {
    for (const { peer, start, end } of spans) {
      const before = this.#open.get(peer);
      this.#open.set(peer, {
        peer,
        start: before?.start ?? start,
        end: Math.max(end, before?.end ?? 0),
      });
    }
  }

  /** Nobody knows what was touched up to `version`. */
  everything(version: Version): void {
    for (const entries of this.#all()) entries.clear();
    this.#open.clear();
    this.#whole = { stamps: new Map(version), isCosmetic: true, settledAt: undefined };
  }

  get isEmpty(): boolean {
    return this.#whole === undefined && this.#open.size === 0 && this.#all().every(({ size }) => size === 0);
  }

  get isWhole(): boolean {
    return this.#whole !== undefined && isOpen(this.#whole);
  }

  applied(doc: LoroDoc, { version, scope, isMinor }: Applied): void {
    const isAll = scope?.kind === 'all' && !isMinor;
    this.#lookAt(doc, version, isAll);
    if (isAll || isMinor || scope === undefined)
      for (const entries of this.#all()) entries.applied(version, () => isAll);
    else {
      this.#findAround(doc);
      const named = 'pipelines' in scope ? scope.pipelines : [];
      const taken = new Set([...selectScope(doc, scope), ...named]);
      this.#pipelines.applied(version, (key) => taken.has(key));
      this.#variables.applied(version, () => false);
    }
    if (this.#whole === undefined) return;
    if (isAll && covers(version, this.#whole.stamps)) this.#whole = undefined;
    else if (!covers(version, this.#whole.settledAt ?? version)) this.#whole.settledAt = undefined;
  }

  settled({ at, same, allBut, isPublished = false }: Settled): void {
    this.#pipelines.settled(at, same.pipelines);
    this.#variables.settled(at, same.variables);
    if (isPublished) this.#published = at;
    if (allBut === undefined || this.#whole === undefined) return;
    this.#whole.settledAt = at;
    const { stamps } = this.#whole;
    for (const key of allBut.pipelines) this.#pipelines.touchAll(key, stamps);
    for (const key of allBut.variables) this.#variables.touchAll(key, stamps);
  }

  /** How many differ, as far as is known: what stands around them counts as one each, until somebody asks which they are. */
  look(doc: LoroDoc): TouchedNews {
    this.#lookAt(doc);
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    const isWaiting = this.isWhole
      ? !covers(this.#published, this.#whole?.stamps ?? new Map())
      : this.#readByPeople().some((entries) => entries.hasCosmetic(this.#published));
    return {
      pipelines: this.isWhole
        ? doc.getMap('pipelines').size
        : this.#pipelines.count() + this.#groups.size + this.#transforms.size,
      variables: this.isWhole ? doc.getMap('variables').size : this.#variables.count(),
      cosmetic: !isWaiting ? 'none' : isFresh ? 'fresh' : 'waiting',
    };
  }

  /** Keys in order; not those that turned out to be the same. */
  keys(doc: LoroDoc, only?: 'cosmetic'): { pipelines: string[]; variables: string[] } {
    this.#lookAt(doc);
    this.#findAround(doc);
    const beyond = only === undefined ? undefined : this.#published;
    const keysOf = (entries: Entries, root: string): string[] => {
      const all = this.isWhole ? doc.getMap(root).keys().map(String) : [];
      return [...new Set([...all, ...entries.keys(beyond)])].sort();
    };
    return {
      pipelines: keysOf(this.#pipelines, 'pipelines'),
      variables: keysOf(this.#variables, 'variables'),
    };
  }

  /** The operations that touched what waits to be published, and what people alone read. */
  cosmeticStamps(): [PeerID, number][] {
    return this.#readByPeople().flatMap((entries) => entries.cosmeticStamps(this.#published));
  }

  note(doc: LoroDoc): TouchedNote {
    this.#lookAt(doc);
    return encodeTouched({
      pipelines: this.#pipelines.all(),
      variables: this.#variables.all(),
      groups: this.#groups.all(),
      transforms: this.#transforms.all(),
      whole: this.#whole,
    });
  }

  #readByPeople(): Entries[] {
    return [this.#pipelines, this.#variables, this.#groups];
  }

  #all(): Entries[] {
    return [this.#pipelines, this.#variables, this.#groups, this.#transforms];
  }

  /** Cut at `version`, so that what it has is told from what came after. `isTaken`: what it has is of no interest any more. */
  #lookAt(doc: LoroDoc, version?: Version, isTaken = false): void {
    for (const { peer, start, end } of this.#open.values()) {
      const cut = Math.min(Math.max(version?.get(peer) ?? start, start), end);
      if (!isTaken) this.#note(doc, { peer, start, end: cut });
      this.#note(doc, { peer, start: cut, end });
    }
    this.#open.clear();
    const stamps = this.#all().reduce((sum, entries) => sum + entries.stamps, 0);
    if (stamps <= STAMPS_LIMIT) return;
    const vector = doc.oplogVersion();
    this.everything(vector.toJSON());
    vector.free();
  }

  #note(doc: LoroDoc, span: Span): void {
    if (span.end <= span.start) return;
    const { peer, start, end } = span;
    let isAtRoot = false;
    for (const id of doc.getChangedContainersIn({ peer, counter: start }, end - start))
      if (entityRootOf(id) !== undefined || id === GROUPS) isAtRoot = true;
      else this.#noteInside(doc, id, span);
    if (!isAtRoot) return;
    for (const { ops } of changesIn(doc, [span]))
      for (const op of ops) this.#noteAtRoot(doc, meaningOf(op), span);
  }

  /** What stands in something that is deleted changes nothing; its deletion is noted by itself. */
  #noteInside(doc: LoroDoc, id: ContainerID, { peer, end }: Span): void {
    const [root, key, field] = (doc.getPathToContainer(id) ?? []).map(String);
    if (key === undefined) return;
    if (root === 'pipelines' || root === 'variables') {
      const isCosmetic = COSMETIC_FIELDS[root].includes(field);
      (root === 'pipelines' ? this.#pipelines : this.#variables).touch(key, peer, end, isCosmetic);
      this.#isFresh ||= isCosmetic;
    }
    if (root === 'groups') this.#touchGroup(key, peer, end);
    if (root === 'transforms') this.#touchTransform(doc, key, { peer, end }, field === undefined);
  }

  #noteAtRoot(doc: LoroDoc, operation: Meaning, { peer, end }: Span): void {
    if (operation.kind === 'group_moved' || operation.kind === 'group_deleted')
      this.#touchGroup(operation.id, peer, end);
    if (operation.kind !== 'entity') return;
    const { root, key, isDeletion } = operation;
    if (root === 'transforms') {
      this.#touchTransform(doc, key, { peer, end }, isDeletion);
      return;
    }
    (root === 'pipelines' ? this.#pipelines : this.#variables).touch(key, peer, end, true);
    this.#isFresh = true;
  }

  #touchGroup(id: string, peer: PeerID, end: number): void {
    this.#groups.touch(id, peer, end, true);
    this.#isFresh = true;
  }

  /** `isOwnerInDoubt`: it was deleted, or its own word for whose it is may be new. */
  #touchTransform(
    doc: LoroDoc,
    key: string,
    { peer, end }: { peer: PeerID; end: number },
    isOwnerInDoubt: boolean,
  ): void {
    const owner = entityOf(transformsOf(doc), key)?.get(OWNER_FIELD);
    if (typeof owner === 'string') this.#pipelines.touch(owner, peer, end, false);
    if (typeof owner !== 'string' || isOwnerInDoubt) this.#transforms.touch(key, peer, end, false);
  }

  /** Pipelines below a touched group, and those that list a transform whose owner is in doubt. */
  #findAround(doc: LoroDoc): void {
    if (this.#groups.size + this.#transforms.size === 0) return;
    for (const { key, by, isCosmetic } of findAffected(doc, this.#groups, this.#transforms))
      this.#pipelines.touchAll(key, by, isCosmetic);
    this.#groups.clear();
    this.#transforms.clear();
  }
}
