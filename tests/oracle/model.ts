// What a document and its revisions come to, in the plainest words, over whole copies: partial Applies, minor revisions, pending
// changes, discards and reverts. Simple and slow, and shares no line with what it judges (play.ts).
import { applyModel, type Document, type Entry, isIn } from '@hakiri/apply/testing/apply-model';
import type { PendingChange } from '@hakiri/contracts/pending';
import type { Scope } from '@hakiri/contracts/scope';
import {
  clone,
  differing,
  type FieldDifference,
  type Fields,
  isEqual,
  isFields,
  put,
  sorted,
} from './fields.ts';

export type Kind = 'pipelines' | 'variables';
export type Content = Record<Kind, Map<string, Fields>>;
export type Change = Pick<PendingChange, 'kind' | 'key' | 'id' | 'cosmetic'> & {
  fields?: FieldDifference[];
};

const DOC = 'main';
const KINDS = ['pipelines', 'variables'] as const;
const COSMETIC: Record<Kind, string[]> = {
  pipelines: ['name', 'description', 'tags', 'group'],
  variables: ['comment'],
};
const NAME_LIMIT = 200;
const COMMENT_LIMIT = 2_000;
const FINISHED = 'pipeline.finished:';

export class OracleModel {
  /** As people wrote it: a name may be empty, and stands for the id then. */
  readonly doc: Content = nothing();
  live: Content = nothing();
  /** Oldest first. */
  readonly revisions: { label: string; live: Content }[] = [];
  #name = { number: 0, minor: 0 };

  get label(): string {
    const { number, minor } = this.#name;
    return minor === 0 ? `v${number}` : `v${number}.${minor}`;
  }

  /** False when it is refused. */
  apply(scope: Scope): boolean {
    const after = this.#applied(scope);
    if (after === undefined) return false;
    // The first is one, also when there is nothing in it.
    if (this.#name.number > 0 && textOf(after) === textOf(this.live)) return true;
    this.#name = { number: this.#name.number + 1, minor: 0 };
    this.#publish(after);
    return true;
  }

  /** What would go live by itself; undefined when nothing would. */
  minor(): Content | undefined {
    if (this.#name.number === 0) return undefined;
    const after = copy(this.live);
    for (const kind of KINDS)
      for (const [key, entry] of after[kind]) {
        const draft = this.doc[kind].get(key);
        if (draft === undefined) continue;
        const now = shown(kind, { ...draft, id: entry.id });
        for (const field of COSMETIC[kind]) if (isValid(field, now[field])) entry[field] = now[field];
      }
    return textOf(after) === textOf(this.live) ? undefined : after;
  }

  publishMinor(after: Content): void {
    this.#name.minor += 1;
    this.#publish(after);
  }

  pending(): Record<Kind, Change[]> {
    return { pipelines: this.#pending('pipelines', 'id'), variables: this.#pending('variables', 'name') };
  }

  discard(kind: Kind, key: string, fields?: readonly string[]): void {
    const live = this.live[kind].get(key);
    const now = this.doc[kind].get(key);
    if (live === undefined) this.doc[kind].delete(key);
    else if (now === undefined) this.doc[kind].set(key, clone(live));
    else if (fields !== undefined) for (const path of fields) put(now, live, path.split('/').slice(1));
    else {
      const before = shown(kind, now);
      for (const field of Object.keys(live))
        if (!isEqual(before[field], live[field])) now[field] = clone(live[field]);
    }
  }

  /** Undefined when there is no such pipeline in it. */
  keyIn(label: string, name: string): string | undefined {
    const then = this.#then(label).pipelines;
    const idOf = (of: Content) => [...of.pipelines].find(([, { id }]) => id === name)?.[0];
    const key = then.has(name) ? name : (idOf({ ...nothing(), pipelines: then }) ?? idOf(this.live));
    return key !== undefined && then.has(key) ? key : undefined;
  }

  revertAll(label: string): void {
    const then = copy(this.#then(label));
    for (const key of this.doc.pipelines.keys()) if (!then.pipelines.has(key)) this.doc.pipelines.delete(key);
    for (const [key, entry] of then.pipelines) this.#bring('pipelines', key, entry);
    const before = new Map(this.doc.variables);
    const taken = new Set<string>();
    const wanted = [...then.variables].map(([key, entry]): [string, Fields] => {
      // One that was made anew under the name of one that is gone takes its place.
      const anew = [...before].find(
        ([other, { name }]) => name === entry.name && !then.variables.has(other),
      )?.[0];
      const at = this.doc.variables.has(key) ? key : (anew ?? key);
      taken.add(at);
      return [at, { ...entry, key: at }];
    });
    for (const key of before.keys()) if (!taken.has(key)) this.doc.variables.delete(key);
    for (const [key, entry] of wanted) this.#bring('variables', key, entry);
  }

  /** `newKey`: of a variable whose key is another's by now. */
  revertSome(label: string, keys: readonly string[], newKey: (name: unknown) => string): void {
    const then = copy(this.#then(label));
    const restored = keys.flatMap((key): Fields[] => {
      const entry = then.pipelines.get(key);
      return entry === undefined ? [] : [entry];
    });
    const others = [...this.doc.pipelines].filter(([key]) => !keys.includes(key));
    const usedByOthers = new Set(others.flatMap(([, entry]) => usesOf(entry)));
    for (const name of new Set(restored.flatMap((entry) => usesOf(entry)))) {
      const wanted = [...then.variables.values()].find((entry) => entry.name === name);
      const here = [...this.doc.variables].find(([, entry]) => entry.name === name);
      if (wanted === undefined || here?.[1].value === wanted.value) continue;
      if (here !== undefined) {
        if (!usedByOthers.has(name)) this.#bring('variables', here[0], { ...wanted, key: here[0] });
        continue;
      }
      const key = this.doc.variables.has(String(wanted.key)) ? newKey(name) : String(wanted.key);
      this.#bring('variables', key, { ...wanted, key });
    }
    for (const entry of restored) this.#bring('pipelines', String(entry.key), entry);
  }

  /** What is there already stays as people wrote it. */
  #bring(kind: Kind, key: string, entry: Fields): void {
    const now = this.doc[kind].get(key);
    if (now === undefined || !isEqual(shown(kind, now), entry)) this.doc[kind].set(key, clone(entry));
  }

  #then(label: string): Content {
    return this.revisions.findLast((revision) => revision.label === label)?.live ?? nothing();
  }

  #publish(live: Content): void {
    this.live = live;
    this.revisions.push({ label: this.label, live: copy(live) });
  }

  #applied(scope: Scope): Content | undefined {
    const pipelines = new Map([...this.doc.pipelines].map(([key, entry]) => [key, entryOf(entry)]));
    const taken = [...pipelines.values()].filter((entry) => isIn(scope, entry));
    const used = new Set<unknown>(taken.flatMap(({ uses }) => uses));
    const carried = [...this.doc.variables.values()].filter(
      ({ name }) => scope.kind === 'all' || used.has(name),
    );
    const byName = new Map([...this.doc.variables.values(), ...carried].map((entry) => [entry.name, entry]));
    // One name is one value.
    if (new Set(carried.map(({ name }) => name)).size < carried.length) return undefined;
    const live = new Map([...this.live.pipelines].map(([key, entry]) => [key, entryOf(entry)]));
    const after = applyModel(
      {
        pipelines: new Map([...live].map(([key, entry]) => [key, { ...entry, doc: DOC }])),
        variables: new Map(
          [...variablesOf(this.live.variables.values())].map(([name, one]) => [name, { ...one, doc: DOC }]),
        ),
      },
      DOC,
      { pipelines, variables: variablesOf(byName.values()) },
      scope,
    );
    if (after === undefined) return undefined;
    const content = nothing();
    const takenKeys = new Set(taken.map(({ key }) => key));
    for (const key of after.pipelines.keys()) {
      const entry = (takenKeys.has(key) ? this.doc : this.live).pipelines.get(key);
      if (entry !== undefined) content.pipelines.set(key, clone(shown('pipelines', entry)));
    }
    for (const name of after.variables.keys()) {
      const entry =
        carried.find((one) => one.name === name) ??
        [...this.live.variables.values()].find((one) => one.name === name);
      if (entry !== undefined) content.variables.set(String(entry.key), clone(entry));
    }
    const everything = KINDS.flatMap((kind) => [...content[kind].values()]);
    return everything.every(isWhole) ? content : undefined;
  }

  #pending(kind: Kind, name: string): Change[] {
    const changes: Change[] = [];
    for (const [key, live] of this.live[kind])
      if (!this.doc[kind].has(key))
        changes.push({ kind: 'removed', key, id: String(live[name]), cosmetic: false });
    for (const [key, draft] of this.doc[kind]) {
      const now = shown(kind, draft);
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
}

export function usesOf({ source }: Fields): string[] {
  const ref = isFields(source) ? String(source.ref) : '';
  return [...ref.matchAll(/\$\{([A-Z]+)\}/g)].map((match) => match[1] ?? '');
}

export function isSameContent(a: Content, b: Content): boolean {
  return textOf(a) === textOf(b);
}

function entryOf(entry: Fields): Entry {
  const { kind, expr } = isFields(entry.schedule) ? entry.schedule : {};
  return {
    key: String(entry.key),
    id: String(entry.id),
    group: String(entry.group),
    value: 0,
    uses: usesOf(entry),
    waits: kind === 'on-event' ? String(expr).replace(FINISHED, '') : undefined,
  };
}

function variablesOf(entries: Iterable<Fields>): Document['variables'] {
  return new Map(
    [...entries].map(({ key, name, value }) => [String(name), { key: String(key), value: String(value) }]),
  );
}

function shown(kind: Kind, entry: Fields): Fields {
  return kind === 'pipelines' && entry.name === '' ? { ...entry, name: entry.id } : entry;
}

function isValid(field: string, value: unknown): boolean {
  if (field === 'name') return String(value).length <= NAME_LIMIT;
  return field !== 'comment' || String(value).length <= COMMENT_LIMIT;
}

function isWhole(entry: Fields): boolean {
  const { kind, expr } = isFields(entry.schedule) ? entry.schedule : {};
  const isDue = (kind === 'on-event') === String(expr).startsWith(FINISHED);
  return isDue && Object.entries(entry).every(([field, value]) => isValid(field, value));
}

function textOf(content: Content): string {
  return sorted(
    KINDS.map((kind) => Object.fromEntries([...content[kind]].sort(([a], [b]) => (a < b ? -1 : 1)))),
  );
}

function nothing(): Content {
  return { pipelines: new Map(), variables: new Map() };
}

function copy(content: Content): Content {
  return structuredClone(content);
}
