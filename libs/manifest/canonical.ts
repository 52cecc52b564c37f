// The canonical form of a configuration: defaults filled in, fields in the order of the contract, sets and lists without an order of
// their own sorted. Total: a draft of any shape comes back with the same faults, for validation to name.
import { isRecord, type Json } from '@hakiri/base/json';
import type { ManifestConfig, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { DEFAULT_DOC } from '@hakiri/contracts/names';

/** By UTF-16 code units, the same everywhere; never by a locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export const EMPTY_CONFIG: ManifestConfig = { pipelines: [], variables: [] };

/** Entries that came from here: they are as they are for good, and need not be made again. */
const canonical = new WeakSet<object>();

function forGood<Draft extends object>(draft: Draft): Draft {
  Object.freeze(draft);
  canonical.add(draft);
  return draft;
}

/** `entry`, made of `from` by replacing fields with canonical ones: it is as canonical as that. */
export function asCanonicalAs<Entry extends object>(from: object, entry: Entry): Entry {
  return canonical.has(from) ? forGood(entry) : entry;
}

/** Name defaults to the id, placement to auto, enabled to true; what is optional and empty is left out. */
export function canonicalPipeline(draft: PipelineDraft): PipelineDraft {
  if (canonical.has(draft)) return draft;
  const id = text(draft.id);
  const name = text(draft.name);
  return forGood({
    key: draft.key,
    id,
    name: name === null || name === '' ? id : name,
    description: text(draft.description) ?? '',
    tags: canonicalTags(draft.tags),
    group: typeof draft.group === 'string' ? canonicalGroup(draft.group) : (draft.group ?? ''),
    ...ownDocument(draft.doc),
    enabled: draft.enabled ?? true,
    source: ordered(draft.source, ['kind', 'ref']),
    destination: ordered(draft.destination, ['table', 'partition_by'], ['partition_by']),
    schedule: ordered(draft.schedule, ['kind', 'expr', 'timezone'], ['timezone']),
    placement: canonicalPlacement(draft.placement),
    transforms: Array.isArray(draft.transforms)
      ? draft.transforms.map(canonicalTransform)
      : (draft.transforms ?? []),
    schema: canonicalSchema(draft.schema),
  });
}

/** Names with one "/" between them. */
export function canonicalGroup(path: string): string {
  return path
    .toWellFormed()
    .split('/')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .join('/');
}

export function canonicalVariable(draft: VariableDraft): VariableDraft {
  if (canonical.has(draft)) return draft;
  return forGood({
    key: draft.key,
    name: text(draft.name),
    ...ownDocument(draft.doc),
    value: text(draft.value) ?? '',
    comment: text(draft.comment) ?? '',
  });
}

/** The document that an entry of a manifest belongs to. */
export function documentOf({ doc }: { doc?: unknown }): string {
  return typeof doc === 'string' ? doc : DEFAULT_DOC;
}

/** The default document is not named, so that a team with one document has the bytes it always had. */
function ownDocument(doc: unknown): { doc?: unknown } {
  return doc === undefined || doc === null || doc === '' || doc === DEFAULT_DOC ? {} : { doc };
}

export function byIdThenKey(a: { id: string; key: string }, b: { id: string; key: string }): number {
  return compareText(a.id, b.id) || compareText(a.key, b.key);
}
export function byNameThenKey(a: { name: string; key: string }, b: { name: string; key: string }): number {
  return compareText(a.name, b.name) || compareText(a.key, b.key);
}

function canonicalTags(tags: unknown): unknown {
  if (!Array.isArray(tags)) return tags ?? [];
  if (!tags.every((tag) => typeof tag === 'string')) return tags;
  return [...new Set(tags.map((tag) => tag.toWellFormed()))].sort(compareText);
}

function canonicalPlacement(placement: unknown): unknown {
  const isAbsent = placement === null || placement === undefined;
  if (isAbsent || (isRecord(placement) && Object.keys(placement).length === 0)) return { kind: 'auto' };
  return ordered(placement, ['kind', 'target'], ['target']);
}

function canonicalTransform(transform: unknown): unknown {
  if (!isRecord(transform)) return transform;
  const { body, inputs } = transform;
  const filled = { ...transform, body: text(body) ?? '', inputs: inputs ?? [] };
  return ordered(filled, ['key', 'kind', 'body', 'inputs']);
}

function canonicalSchema(schema: unknown): unknown {
  const columns = ordered(schema ?? {}, []);
  if (!isRecord(columns)) return columns;
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, ordered(column, ['type', 'nullable'])]),
  );
}

/** `first` in that order, then the others sorted. Nulls go, and so do empty texts of `optional`. */
function ordered(value: unknown, first: readonly string[], optional: readonly string[] = []): unknown {
  if (!isRecord(value)) return value ?? null;
  const known: Record<string, unknown> = {};
  for (const key of first) {
    const item = Object.hasOwn(value, key) ? wellFormed(value[key]) : null;
    if (item !== null && item !== undefined && !(item === '' && optional.includes(key))) known[key] = item;
  }
  const rest = Object.keys(value).filter((key) => !first.includes(key));
  if (rest.length === 0) return known;
  const others = rest
    .map((key) => ({ key, name: key.toWellFormed() }))
    .sort((a, b) => compareText(a.name, b.name) || compareText(a.key, b.key))
    .map(({ key, name }) => [name, wellFormed(value[key])] as const)
    .filter(([, item]) => item !== null && item !== undefined);
  // Their names are anybody's: as entries `__proto__` is a name like any other.
  return Object.fromEntries([...Object.entries(known), ...others]);
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (value === 0) return 0; // minus zero has no text of its own in JSON
  return Array.isArray(value) ? value.map(wellFormed) : value;
}

function text(value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : (value ?? null);
}

/** A draft holds JSON alone, though its type says unknown. */
export function asJson(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(asJson);
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asJson(item)]));
  return null;
}
