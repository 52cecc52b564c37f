// What of a folder's pipelines an Apply has to take, so that all that the files say is live: where the document has a value of the
// files that is not live yet. What people drafted goes live when they apply it; it is told, field by field. Pure, in small pieces.
import { isRecord } from '@hakiri/base/json';
import type { ConfigDraft, ManifestConfig, PipelineDraft } from '@hakiri/contracts/config';
import type { FolderDifference, FolderDraft } from '@hakiri/contracts/merge';
import { canonicalPipeline, canonicalVariable, documentOf } from './canonical.ts';
import { withoutDocument } from './documents.ts';
import { pointer } from './issue.ts';
import { isSame } from './three-way-value.ts';
import { variableReferences } from './variables-used.ts';

const DEFAULT_PLACEMENT = { kind: 'auto' };

export type FolderPending = {
  /** Keys of the pipelines to apply. */
  pipelines: string[];
  /** Keys of those that differ from what is live by drafts alone: an Apply of the drafts takes them, too. */
  held: string[];
  drafts: FolderDraft[];
  /** Of what the files have: where the document has something else. */
  differs: FolderDifference[];
  /** Keys of what the files took away and is live still. */
  deleted: string[];
};

/** Of the folder: `files` is what it has, `base` what it had, `deleted` what it took away before. */
type Folder = { files: ConfigDraft; base: ConfigDraft; deleted: readonly string[] };

/** `after` is the document with the files in it. */
export function* folderPending(
  { files, base, deleted }: Folder,
  after: ConfigDraft,
  applied: ManifestConfig,
  doc: string,
): Generator<undefined, FolderPending> {
  const own = <Entry extends { doc?: unknown }>(entries: readonly Entry[]): Entry[] =>
    entries.filter((entry) => documentOf(entry) === doc);
  const live = withoutDocument({ pipelines: own(applied.pipelines), variables: own(applied.variables) });
  const sides = { files: byKey(files.pipelines), base: byKey(base.pipelines), live: byKey(live.pipelines) };
  const now = byKey(after.pipelines);
  const variables = changedVariables({ files, base }, after, live);
  const pending: FolderPending = { pipelines: [], held: [], drafts: [], differs: [], deleted: [] };
  for (const key of new Set([...sides.files.keys(), ...sides.base.keys(), ...deleted])) {
    yield undefined;
    const there = now.get(key);
    const [mine, before, old] = [sides.files.get(key), sides.base.get(key), sides.live.get(key)];
    if (there === undefined) {
      if (old === undefined) continue;
      if (mine === undefined) pending.deleted.push(key);
      (mine === undefined ? pending.pipelines : pending.held).push(key);
      if (mine) pending.drafts.push(draftOf('pipelines', old.id, key, 'folder.draft_deleted', []));
      continue;
    }
    // Deleted by the files before, and brought back by people: theirs now.
    if (mine === undefined) continue;
    const shapes = {
      files: shapeOf(mine),
      base: before && shapeOf(before),
      live: old && shapeOf(old),
      now: shapeOf(there),
    };
    const { isOurs, drafted } = tell(shapes);
    pending.differs.push(
      ...differenceOf('pipelines', there.id, key, { ...shapes, files: stated(shapes.files) }),
    );
    const used = variables.size > 0 ? variableReferences(there).map(({ name }) => variables.get(name)) : [];
    if (isOurs || used.includes('files')) pending.pipelines.push(key);
    else if (drafted.length > 0 || used.includes('drafted')) pending.held.push(key);
    if (drafted.length > 0) pending.drafts.push(draftOf('pipelines', there.id, key, 'folder.draft', drafted));
  }
  const variablesNow = byKey(after.variables);
  for (const mine of files.variables) {
    const there = variablesNow.get(mine.key);
    if (there === undefined) continue;
    const shapes = { files: { ...canonicalVariable(mine) }, now: { ...canonicalVariable(there) } };
    pending.differs.push(...differenceOf('variables', there.name, mine.key, shapes));
  }
  for (const [name, by] of variables)
    if (by === 'drafted') pending.drafts.push(draftOf('variables', name, name, 'folder.draft', []));
  const goes = new Set(pending.pipelines);
  const uses = new Set(
    after.pipelines
      .filter(({ key }) => goes.has(key))
      .flatMap((one) => variableReferences(one).map(({ name }) => name)),
  );
  return {
    ...pending,
    drafts: pending.drafts.map((draft) => ({
      ...draft,
      applied: draft.path.startsWith('/variables/') ? uses.has(draft.key) : goes.has(draft.key),
    })),
  };
}

/** By name: those of the folder that differ from what is live, by the files or by people alone. */
function changedVariables(
  { files, base }: { files: ConfigDraft; base: ConfigDraft },
  after: ConfigDraft,
  live: ConfigDraft,
): Map<string, 'files' | 'drafted'> {
  const [mine, before, old] = [byKey(files.variables), byKey(base.variables), byKey(live.variables)];
  const changed = new Map<string, 'files' | 'drafted'>();
  for (const variable of after.variables) {
    const { key } = variable;
    const file = mine.get(key);
    if (file === undefined) continue;
    const shape = (one: (typeof after.variables)[number] | undefined) => one && { ...canonicalVariable(one) };
    const sides = { files: shape(file), base: shape(before.get(key)), live: shape(old.get(key)) };
    const { isOurs, drafted } = tell({ ...sides, now: shape(variable) });
    if (isOurs || drafted.length > 0) changed.set(String(variable.name), isOurs ? 'files' : 'drafted');
  }
  return changed;
}

type Shapes = { files: unknown; base: unknown; live: unknown; now: unknown };

/** Whether a value of the files goes live with it; and the fields where another than theirs would. */
function tell(shapes: Shapes): { isOurs: boolean; drafted: string[] } {
  // What was never live goes as a whole, with the fields that people made another than the files have.
  if (shapes.live === undefined && shapes.files !== undefined)
    return {
      isOurs: true,
      drafted: [...differing({ ...shapes, live: shapes.files }, '')].map(({ path }) => path),
    };
  const drafted: string[] = [];
  let isOurs = false;
  for (const { path, by } of differing(shapes, '')) {
    if (by === 'files') isOurs = true;
    else drafted.push(path);
  }
  return { isOurs, drafted };
}

/** Where the document differs from what is live. */
function* differing(
  shapes: Shapes,
  path: string,
): Generator<{ path: string; by: 'files' | 'people'; shapes: Shapes }> {
  const { files, base, live, now } = shapes;
  if (isSame(now, live)) return;
  if (!isRecord(now) || !isRecord(live)) {
    // A value that a merge made of both goes as a whole.
    const isOurs = isSame(now, files) || !isSame(files, base);
    yield { path, by: isOurs ? 'files' : 'people', shapes };
    return;
  }
  for (const field of new Set([...Object.keys(now), ...Object.keys(live)])) {
    const of = (side: unknown): unknown =>
      isRecord(side) && Object.hasOwn(side, field) ? side[field] : undefined;
    const inside = { files: of(files), base: of(base), live: of(live), now: of(now) };
    yield* differing(inside, `${path}${pointer(field)}`);
  }
}

/** None where the document has what the files have. */
function differenceOf(
  root: string,
  name: unknown,
  key: string,
  { files, now }: Pick<Shapes, 'files' | 'now'>,
): FolderDifference[] {
  const fields = [...differing({ files, base: files, live: files, now }, '')]
    .filter(({ shapes }) => isStated(shapes.files, shapes.now))
    .map(({ path }) => path);
  return fields.length === 0 ? [] : [{ path: pathOf(root, name, key), key, fields }];
}

/** Without what stands for a field that was left out. */
function stated({ name, placement, ...files }: Record<string, unknown>): Record<string, unknown> {
  return {
    ...files,
    ...(name === files.id ? {} : { name }),
    ...(isSame(placement, DEFAULT_PLACEMENT) ? {} : { placement }),
  };
}

/** What a file leaves out it says nothing of: that is people's to fill in. Of steps it says the order of its own. */
function isStated(files: unknown, now: unknown): boolean {
  if (files === undefined || files === null || files === '') return false;
  if (Array.isArray(files) && Array.isArray(now)) {
    const own = new Set(files);
    return !isSame(
      now.filter((item) => own.has(item)),
      files,
    );
  }
  return !isRecord(files) || Object.keys(files).length > 0;
}

/** Lists whose items have names as records of them: what two sides put into one is told apart. */
function shapeOf(draft: PipelineDraft): Record<string, unknown> {
  const { tags, transforms, ...rest } = canonicalPipeline(draft);
  return { ...rest, tags: named(tags, String), transforms: namedSteps(transforms) };
}

function named(list: unknown, nameOf: (item: unknown) => string): unknown {
  return Array.isArray(list) ? Object.fromEntries(list.map((item) => [nameOf(item), item])) : list;
}

function namedSteps(list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  const keyOf = (step: unknown): string => String(isRecord(step) ? step.key : step);
  return { steps: named(list, keyOf), order: list.map(keyOf) };
}

function draftOf(
  root: string,
  name: unknown,
  key: string,
  code: FolderDraft['code'],
  fields: string[],
): FolderDraft {
  return { path: pathOf(root, name, key), key, code, fields, applied: false };
}

function pathOf(root: string, name: unknown, key: string): string {
  return pointer(root, typeof name === 'string' && name !== '' ? name : key);
}

function byKey<Entry extends { key: string }>(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.key, entry]));
}
