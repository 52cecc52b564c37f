// Which pipelines carry an id or stand in a group, remembered from one question to the next: asking for one pipeline by its id
// would read an entity of each. Brought up to date from the operations that came since, so that the cost follows the changes.
import type { LoroDoc } from 'loro-crdt';
import { changedPipelines } from './changes.ts';
import { entityOf, pipelinesOf } from './schema.ts';
import type { Version } from './version.ts';

export type ScopeIndex = {
  /** Of every pipeline, in order. */
  keys: readonly string[];
  /** Keys of those that carry the id. */
  withId(id: string): readonly string[];
  /** What it names as its group, whether there is such a group or not. */
  groupOf(key: string): string | undefined;
};

type Entry = { id: string | undefined; group: string | undefined };

/** From so many operations for each pipeline on, reading every pipeline is cheaper. */
const OPERATIONS_PER_PIPELINE = 4;

const known = new WeakMap<LoroDoc, Index>();

/** Of the document as it is now. What waits for a commit is committed. */
export function scopeIndexOf(doc: LoroDoc): ScopeIndex {
  let index = known.get(doc);
  if (index === undefined) {
    index = new Index();
    known.set(doc, index);
  }
  index.follow(doc);
  return index;
}

class Index implements ScopeIndex {
  readonly #entries = new Map<string, Entry>();
  readonly #ids = new Map<string, readonly string[]>();
  #keys: readonly string[] | undefined;
  /** Undefined before the first question, and of a document that shows a version of before. */
  #version: Version | undefined;

  get keys(): readonly string[] {
    this.#keys ??= [...this.#entries.keys()].sort();
    return this.#keys;
  }

  withId(id: string): readonly string[] {
    return this.#ids.get(id) ?? [];
  }

  groupOf(key: string): string | undefined {
    return this.#entries.get(key)?.group;
  }

  follow(doc: LoroDoc): void {
    doc.commit();
    const vector = doc.oplogVersion();
    const now = vector.toJSON();
    vector.free();
    const before = doc.isDetached() ? undefined : this.#version;
    this.#version = doc.isDetached() ? undefined : now;
    const operations = before === undefined ? Number.POSITIVE_INFINITY : operationsBetween(before, now);
    if (operations === 0) return;
    if (before === undefined || operations > OPERATIONS_PER_PIPELINE * this.#entries.size) this.#readAll(doc);
    else {
      const changes = changedPipelines(doc, before);
      if (changes.kind === 'all') this.#readAll(doc);
      else for (const key of changes.pipelines) this.#read(doc, key);
    }
  }

  #readAll(doc: LoroDoc): void {
    this.#entries.clear();
    this.#ids.clear();
    this.#keys = undefined;
    for (const key of pipelinesOf(doc).keys()) this.#read(doc, String(key));
  }

  #read(doc: LoroDoc, key: string): void {
    const root = pipelinesOf(doc);
    const old = this.#entries.get(key);
    if (old?.id !== undefined) this.#drop(old.id, key);
    const entity = entityOf(root, key);
    if ((entity !== undefined) !== (old !== undefined)) this.#keys = undefined;
    if (entity === undefined) {
      this.#entries.delete(key);
      return;
    }
    const [id, group] = [entity.get('id'), entity.get('group')];
    const entry = { id: textOrNone(id), group: textOrNone(group) };
    this.#entries.set(key, entry);
    if (entry.id === undefined) return;
    this.#ids.set(entry.id, [...this.withId(entry.id), key]);
  }

  #drop(id: string, key: string): void {
    const others = this.withId(id).filter((one) => one !== key);
    if (others.length > 0) this.#ids.set(id, others);
    else this.#ids.delete(id);
  }
}

function operationsBetween(before: Version, now: Version): number {
  let count = 0;
  for (const [peer, counter] of now) count += Math.max(0, counter - (before.get(peer) ?? 0));
  return count;
}

function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
