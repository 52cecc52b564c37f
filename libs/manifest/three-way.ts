// A folder of files kept in git merged with a document that people edit: `base` is what the folder had last, `mine` what it has
// now, `theirs` what the document has. Entries go by key; a file that names none means the entry of that id (or name). What the
// folder never had is the document's own. Pure.
import { isRecord } from '@hakiri/base/json';
import type { ConfigDraft, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { canonicalPipeline, canonicalVariable } from './canonical.ts';
import { keyedTransforms } from './import.ts';
import { pointer } from './issue.ts';
import {
  conflictAt,
  isSame,
  type Merged,
  mergeFields,
  mergeTags,
  mergeTransforms,
  mergeValue,
  type Sides,
  type ValueConflict,
} from './three-way-value.ts';

export type ThreeWay = {
  /** The document as it would be. */
  after: ConfigDraft;
  /** The files with the keys of their entries: the next base. */
  files: ConfigDraft;
  put: PipelineDraft[];
  putVariables: VariableDraft[];
  /** Entries of the document that the folder took away. */
  deleted: PipelineDraft[];
  deletedVariables: VariableDraft[];
  /** In the files as they were last, and deleted from the document by somebody: they stay deleted. */
  gone: string[];
  /** None of what differs is written while there is one. */
  conflicts: ValueConflict[];
};

/** `newKey` makes a ULID that was never used. In small pieces, as thousands of entries take long. */
export function* mergeThreeWay(
  base: ConfigDraft,
  mine: ConfigDraft,
  theirs: ConfigDraft,
  newKey: () => string,
): Generator<undefined, ThreeWay> {
  const pipelines = yield* mergeEntries(
    {
      base: yield* eachOf(base.pipelines, canonicalPipeline),
      mine: mine.pipelines,
      theirs: yield* eachOf(theirs.pipelines, canonicalPipeline),
    },
    {
      root: 'pipelines',
      nameOf: ({ id }) => id,
      keyed: (entry, key, known) =>
        canonicalPipeline({
          ...entry,
          key,
          transforms: keyedTransforms(entry.transforms, known?.transforms, newKey),
        }),
      merge: mergePipeline,
    },
    newKey,
  );
  const variables = yield* mergeEntries(
    {
      base: base.variables.map(canonicalVariable),
      mine: mine.variables,
      theirs: theirs.variables.map(canonicalVariable),
    },
    {
      root: 'variables',
      nameOf: ({ name }) => name,
      keyed: (entry, key) => canonicalVariable({ ...entry, key }),
      merge: (sides, path) => {
        const { value, conflicts } = mergeFields(recordsOf(sides), path, mergeValue);
        return { entry: { ...sides.theirs, ...value, key: sides.theirs.key }, conflicts };
      },
    },
    newKey,
  );
  return {
    after: { pipelines: pipelines.after, variables: variables.after },
    files: { pipelines: pipelines.files, variables: variables.files },
    put: pipelines.put,
    putVariables: variables.put,
    deleted: pipelines.deleted,
    deletedVariables: variables.deleted,
    gone: [...pipelines.gone, ...variables.gone],
    conflicts: [...pipelines.conflicts, ...variables.conflicts],
  };
}

function* eachOf<Entry>(
  entries: readonly Entry[],
  map: (entry: Entry) => Entry,
): Generator<undefined, Entry[]> {
  const mapped: Entry[] = [];
  for (const entry of entries) {
    yield undefined;
    mapped.push(map(entry));
  }
  return mapped;
}

type Of<Entry> = { base: Entry | undefined; mine: Entry; theirs: Entry };
type Kind<Entry> = {
  root: string;
  nameOf(entry: Entry): unknown;
  keyed(entry: Entry, key: string, known: Entry | undefined): Entry;
  merge(sides: Of<Entry>, path: string): { entry: Entry; conflicts: ValueConflict[] };
};
type MergedEntries<Entry> = {
  after: Entry[];
  files: Entry[];
  put: Entry[];
  deleted: Entry[];
  gone: string[];
  conflicts: ValueConflict[];
};

function* mergeEntries<Entry extends { key: string }>(
  { base, mine, theirs }: Record<keyof Sides, readonly Entry[]>,
  kind: Kind<Entry>,
  newKey: () => string,
): Generator<undefined, MergedEntries<Entry>> {
  const there = new Map(theirs.map((entry) => [entry.key, entry]));
  const before = new Map(base.map((entry) => [entry.key, entry]));
  const match = matcher(base, mine, theirs, kind.nameOf);
  const result: MergedEntries<Entry> = {
    after: [],
    files: [],
    put: [],
    deleted: [],
    gone: [],
    conflicts: [],
  };
  const merged = new Map<string, Entry>();
  const added: Entry[] = [];
  const seen = new Set<string>();
  for (const file of mine) {
    yield undefined;
    const key = match(file) ?? newKey();
    seen.add(key);
    const old = before.get(key);
    const now = there.get(key);
    const entry = kind.keyed(file, key, old ?? now);
    const path = pointer(kind.root, nameText(kind.nameOf(entry), key));
    result.files.push(entry);
    if (now !== undefined) {
      const both = kind.merge({ base: old, mine: entry, theirs: now }, path);
      result.conflicts.push(...both.conflicts);
      const isChanged = !isSame(both.entry, now);
      if (isChanged) result.put.push(both.entry);
      merged.set(key, isChanged ? both.entry : now);
    } else if (old === undefined) {
      result.put.push(entry);
      added.push(entry);
    } else if (isSame(old, entry)) result.gone.push(nameText(kind.nameOf(entry), key));
    else result.conflicts.push(conflictAt(path, { base: old, mine: entry, theirs: undefined }));
  }
  for (const old of base) {
    yield undefined;
    const now = there.get(old.key);
    if (seen.has(old.key) || now === undefined) continue;
    const path = pointer(kind.root, nameText(kind.nameOf(now), now.key));
    if (isSame(old, now)) result.deleted.push(now);
    else result.conflicts.push(conflictAt(path, { base: old, mine: undefined, theirs: now }));
  }
  const deleted = new Set(result.deleted);
  result.after = [
    ...theirs.filter((entry) => !deleted.has(entry)).map((entry) => merged.get(entry.key) ?? entry),
    ...added,
  ];
  return result;
}

/** The key that an entry of a file means: its own; else, by name, what the folder had; else, by name, what the document has. */
function matcher<Entry extends { key: string }>(
  base: readonly Entry[],
  mine: readonly Entry[],
  theirs: readonly Entry[],
  nameOf: (entry: Entry) => unknown,
): (file: Entry) => string | undefined {
  const taken = new Set(mine.map(({ key }) => key).filter((key) => key !== ''));
  const present = new Set(theirs.map(({ key }) => key));
  const names = (entries: readonly Entry[]): Map<unknown, string[]> => {
    const byName = new Map<unknown, string[]>();
    for (const entry of entries) {
      const name = nameOf(entry);
      byName.set(name, [...(byName.get(name) ?? []), entry.key]);
    }
    return byName;
  };
  const [had, has] = [names(base), names(theirs)];
  const known = new Set(base.map(({ key }) => key));
  return (file) => {
    if (file.key !== '') return file.key;
    const free = (keys: readonly string[] = []): string[] => keys.filter((key) => !taken.has(key));
    const [old] = free(had.get(nameOf(file)));
    // Made anew under the same name while the one that the folder had is gone: that is the one to compare with.
    const [now] = free(has.get(nameOf(file))).filter((key) => !known.has(key));
    const key = old !== undefined && (present.has(old) || now === undefined) ? old : now;
    if (key !== undefined) taken.add(key);
    return key;
  };
}

function mergePipeline(
  sides: Of<PipelineDraft>,
  path: string,
): { entry: PipelineDraft; conflicts: ValueConflict[] } {
  const { value, conflicts } = mergeFields(recordsOf(sides), path, (field, at, name): Merged => {
    if (name === 'transforms') return mergeTransforms(field, at);
    if (name === 'tags') return mergeTags(field, at);
    // Columns have names of their own: one of them may be called "kind".
    if (name === 'schema' && isRecord(field.mine) && isRecord(field.theirs))
      return mergeFields(
        { base: isRecord(field.base) ? field.base : {}, mine: field.mine, theirs: field.theirs },
        at,
        mergeValue,
      );
    return mergeValue(field, at);
  });
  return { entry: canonicalPipeline({ ...sides.theirs, ...value, key: sides.theirs.key }), conflicts };
}

function recordsOf({ base, mine, theirs }: Of<object>): Record<keyof Sides, Record<string, unknown>> {
  return { base: { ...base }, mine: { ...mine }, theirs: { ...theirs } };
}

function nameText(name: unknown, key: string): string {
  return typeof name === 'string' && name !== '' ? name : key;
}
