// The operations that a conflict may come from, as far back as somebody had to look: the concurrent heads of each field, deletions
// and edits. Each operation enters once, in any order; what is entered beyond need changes no answer.
import type { ContainerID, JsonChange, LoroDoc, OpId, PeerID, TreeID } from 'loro-crdt';
import { GROUPS, type Meaning, meaningOf, originOf, PIPELINES } from './operations.ts';

/** The operations of one change know the same of other peers. */
type Moment = { readonly deps: readonly OpId[]; version?: ReadonlyMap<PeerID, number> };

export type Operation = {
  readonly peer: PeerID;
  readonly counter: number;
  readonly lamport: number;
  readonly moment: Moment;
};

export type Head = Operation & {
  readonly isDeletion: boolean;
  /** As the operation has it; of a group its parent or null. */
  readonly value: unknown;
};

/** One key that holds one value; of `GROUPS` the keys are groups, and the value is the parent. */
export type Field = {
  readonly container: ContainerID;
  readonly key: string;
  heads: Head[];
};

/** Deletions in a row that belong together: transforms, then their pipeline. */
export type DeletionRun = {
  readonly peer: PeerID;
  readonly deps: readonly OpId[];
  readonly isFirstOfChange: boolean;
  readonly first: number;
  last: number;
};
export type Deletion = Operation & { readonly run?: DeletionRun };

export type Edit = Operation & { readonly container: ContainerID; readonly field?: string };

/** What one import wrote. */
export type Touched = { fields: Set<Field>; containers: Set<ContainerID>; deletions: Set<string> };

export class Ledger {
  readonly fields = new Map<string, Field>();
  /** By `root/key`. */
  readonly deletions = new Map<string, Deletion[]>();
  /** By container; a group's making and moves count as edits of its map, `parent`. */
  readonly edits = new Map<ContainerID, Edit[]>();
  size = 0;
  private readonly doc: LoroDoc;

  constructor(doc: LoroDoc) {
    this.doc = doc;
  }

  enter(change: JsonChange, touched?: Touched): void {
    const { peer, counter: start, deps } = originOf(change);
    const moment: Moment = { deps };
    let run: DeletionRun | undefined;
    for (const op of change.ops) {
      const { counter } = op;
      const lamport = change.lamport + (counter - start);
      const meaning = meaningOf(op);
      if (meaning.kind === 'entity' && meaning.isDeletion) {
        run ??= { peer, deps, isFirstOfChange: counter === start, first: counter, last: counter };
        run.last = counter;
        this.note(meaning, { peer, counter, lamport, moment }, touched, run);
        if (op.container === PIPELINES) run = undefined;
      } else {
        run = undefined;
        this.note(meaning, { peer, counter, lamport, moment }, touched);
      }
    }
  }

  /** Whether `later` was made by somebody who had `earlier`. */
  knows(later: Operation, earlier: Operation): boolean {
    if (later.peer === earlier.peer) return earlier.counter < later.counter;
    if (earlier.lamport >= later.lamport) return false;
    return earlier.counter < (this.versionOf(later.moment).get(earlier.peer) ?? 0);
  }

  areConcurrent(a: Operation, b: Operation): boolean {
    return a.peer !== b.peer && !this.knows(a, b) && !this.knows(b, a);
  }

  private note(meaning: Meaning, at: Operation, touched?: Touched, run?: DeletionRun): void {
    switch (meaning.kind) {
      case 'entity': {
        const { root, key, isDeletion, value } = meaning;
        this.addHead(`cid:root-${root}:Map`, key, { ...at, isDeletion, value }, touched);
        if (isDeletion) this.addDeletion(`${root}/${key}`, run === undefined ? at : { ...at, run }, touched);
        return;
      }
      case 'group_deleted':
        this.addHead(GROUPS, meaning.id, { ...at, isDeletion: true, value: undefined }, touched);
        this.addDeletion(`groups/${meaning.id}`, at, touched);
        return;
      case 'group_made':
      case 'group_moved':
        this.addHead(GROUPS, meaning.id, { ...at, isDeletion: false, value: meaning.parent }, touched);
        this.addEdit({ ...at, container: mapOf(meaning.id), field: 'parent' }, touched);
        return;
      case 'field': {
        const { container, field, isDeletion, value } = meaning;
        this.addHead(container, field, { ...at, isDeletion, value }, touched);
        this.addEdit({ ...at, container, field }, touched);
        return;
      }
      case 'content':
        this.addEdit({ ...at, container: meaning.container }, touched);
    }
  }

  private addHead(container: ContainerID, key: string, head: Head, touched?: Touched): void {
    const name = `${container}\0${key}`;
    let field = this.fields.get(name);
    if (field === undefined) {
      field = { container, key, heads: [] };
      this.fields.set(name, field);
    }
    touched?.fields.add(field);
    if (field.heads.some((other) => this.knows(other, head))) return;
    this.size += 1;
    field.heads = [...field.heads.filter((other) => !this.knows(head, other)), head];
  }

  private addDeletion(entity: string, deletion: Deletion, touched?: Touched): void {
    touched?.deletions.add(entity);
    this.size += 1;
    this.deletions.set(entity, [...(this.deletions.get(entity) ?? []), deletion]);
  }

  private addEdit(edit: Edit, touched?: Touched): void {
    touched?.containers.add(edit.container);
    this.size += 1;
    const all = this.edits.get(edit.container);
    if (all === undefined) this.edits.set(edit.container, [edit]);
    else all.push(edit);
  }

  private versionOf(moment: Moment): ReadonlyMap<PeerID, number> {
    if (moment.version !== undefined) return moment.version;
    const vector = this.doc.frontiersToVV([...moment.deps]);
    moment.version = vector.toJSON();
    vector.free();
    return moment.version;
  }
}

/** Loro's order of values that were written concurrently. */
export function isNewer(a: Operation, b: Operation): boolean {
  return a.lamport === b.lamport ? BigInt(a.peer) > BigInt(b.peer) : a.lamport > b.lamport;
}

export function newestOf<T extends Operation>(operations: readonly T[]): T | undefined {
  return operations.reduce<T | undefined>(
    (newest, one) => (newest === undefined || isNewer(one, newest) ? one : newest),
    undefined,
  );
}

function mapOf(group: TreeID): ContainerID {
  return `cid:${group}:Map`;
}
