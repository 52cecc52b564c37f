// The oracle of partial Applies, minor revisions, pending changes and discards: maps of plain entries, compared as a whole at every
// question. It shares no code with what it judges.
import type { PendingChange } from '@hakiri/contracts/pending';

export type Fields = { [field: string]: unknown };
type Kind = 'pipelines' | 'variables';
type Change = Pick<PendingChange, 'kind' | 'key' | 'id' | 'cosmetic'> & {
  fields?: { path: string; before?: unknown; after?: unknown }[];
};

const COSMETIC: Record<Kind, string[]> = {
  pipelines: ['name', 'description', 'tags', 'group'],
  variables: ['comment'],
};
const NAME_LIMIT = 200;
const COMMENT_LIMIT = 2_000;

export class PendingModel {
  readonly doc = { pipelines: new Map<string, Fields>(), variables: new Map<string, Fields>() };
  readonly live = { pipelines: new Map<string, Fields>(), variables: new Map<string, Fields>() };
  name = { number: 0, minor: 0 };

  applyAll(): void {
    const before = this.#text();
    for (const kind of ['pipelines', 'variables'] as const) {
      this.live[kind].clear();
      for (const [key, entry] of this.doc[kind]) this.live[kind].set(key, clone(entry));
    }
    this.#published(before);
  }

  /** Nothing here refers to a variable. */
  applySome(keys: readonly string[]): void {
    const before = this.#text();
    for (const key of keys) {
      const entry = this.doc.pipelines.get(key);
      if (entry === undefined) this.live.pipelines.delete(key);
      else this.live.pipelines.set(key, clone(entry));
    }
    this.#published(before);
  }

  /** Before the first Apply nothing is live. */
  minor(): void {
    const before = this.#text();
    for (const kind of ['pipelines', 'variables'] as const)
      for (const [key, entry] of this.live[kind])
        for (const field of COSMETIC[kind]) {
          const value = this.doc[kind].get(key)?.[field];
          if (value !== undefined && isValid(field, value)) entry[field] = clone(value);
        }
    if (this.#text() !== before) this.name.minor += 1;
  }

  discard(kind: Kind, key: string, fields?: readonly string[]): void {
    const live = this.live[kind].get(key);
    const now = this.doc[kind].get(key);
    if (fields === undefined || live === undefined || now === undefined) {
      if (live === undefined) this.doc[kind].delete(key);
      else this.doc[kind].set(key, clone(live));
      return;
    }
    for (const path of fields) put(now, live, path.split('/').slice(1));
  }

  pending(): Record<Kind, Change[]> {
    return { pipelines: this.#pending('pipelines', 'id'), variables: this.#pending('variables', 'name') };
  }

  isValid(keys: Iterable<string>): boolean {
    return [...keys].every((key) => {
      const entry = this.doc.pipelines.get(key);
      return entry === undefined || Object.entries(entry).every(([field, value]) => isValid(field, value));
    });
  }

  label(): string {
    const { number, minor } = this.name;
    return minor === 0 ? `v${number}` : `v${number}.${minor}`;
  }

  #pending(kind: Kind, name: string): Change[] {
    const changes: Change[] = [];
    for (const [key, live] of this.live[kind])
      if (!this.doc[kind].has(key))
        changes.push({ kind: 'removed', key, id: String(live[name]), cosmetic: false });
    for (const [key, now] of this.doc[kind]) {
      const live = this.live[kind].get(key);
      const id = String(now[name]);
      if (live === undefined) changes.push({ kind: 'added', key, id, cosmetic: false });
      else {
        const fields = differing(live, now);
        const cosmetic = fields.every(({ path }) => COSMETIC[kind].includes(path.split('/')[1] ?? ''));
        if (fields.length > 0) changes.push({ kind: 'changed', key, id, cosmetic, fields });
      }
    }
    return changes;
  }

  #text(): string {
    const sorted = (map: Map<string, Fields>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([sorted(this.live.pipelines), sorted(this.live.variables)]);
  }

  /** The first is one, also when there is nothing in it. */
  #published(before: string): void {
    if (this.#text() !== before || this.name.number === 0)
      this.name = { number: this.name.number + 1, minor: 0 };
  }
}

function isValid(field: string, value: unknown): boolean {
  if (field === 'name') return String(value).length <= NAME_LIMIT;
  return field !== 'comment' || String(value).length <= COMMENT_LIMIT;
}

/** Where both have something with fields of its own, those are told; else the whole. */
function differing(before: unknown, after: unknown, path = ''): NonNullable<Change['fields']> {
  if (isFields(before) && isFields(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) =>
      differing(before[name], after[name], `${path}/${name}`),
    );
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function put(now: Fields, live: Fields, [field = '', ...rest]: readonly string[]): void {
  const [inner, before] = [now[field], live[field]];
  if (rest.length > 0 && isFields(inner)) put(inner, isFields(before) ? before : {}, rest);
  else if (before === undefined) delete now[field];
  else now[field] = clone(before);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function clone<T>(value: T): T {
  return structuredClone(value);
}
