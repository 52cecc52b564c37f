// Who changed what: the entities and fields that operations touched, for a person to read. What was deleted since is named as long
// as the operation that made it is kept.
import type { HistoryEntry } from '@hakiri/contracts/notice';
import type { LoroDoc } from 'loro-crdt';
import { changesIn, type Meaning, meaningOf, type Span } from './operations.ts';
import { Places } from './operations-place.ts';
import { OWNER_FIELD } from './schema.ts';

type Touch = { root: string; key: string; field: string; pipeline?: string | undefined };

/** In the order of first touch. Of a pipeline's transforms each is an entry that names the pipeline. */
export function describeChanges(doc: LoroDoc, spans: readonly Span[]): HistoryEntry['changes'] {
  const places = new Places(doc);
  const entries = new Map<string, { root: string; key: string; pipeline?: string; fields: Set<string> }>();
  for (const op of changesIn(doc, spans).flatMap(({ ops }) => ops)) {
    const touch = touchOf(meaningOf(op), places);
    if (touch === undefined) continue;
    const { root, key, field, pipeline } = touch;
    const entry = entries.get(`${root}/${key}`) ?? { root, key, fields: new Set() };
    entry.fields.add(field);
    if (pipeline !== undefined) entry.pipeline = pipeline;
    entries.set(`${root}/${key}`, entry);
  }
  // Who makes an entity writes all its fields: that it was made says it.
  return [...entries.values()].map(({ fields, ...entity }) => ({
    ...entity,
    fields: fields.has('') ? [''] : [...fields].sort(),
  }));
}

function touchOf(meaning: Meaning, places: Places): Touch | undefined {
  if (meaning.kind === 'entity') return { root: meaning.root, key: meaning.key, field: '' };
  if (meaning.kind === 'group_moved') return { root: 'groups', key: meaning.id, field: 'parent' };
  if (meaning.kind === 'group_made' || meaning.kind === 'group_deleted') {
    return { root: 'groups', key: meaning.id, field: '' };
  }
  const place = places.find(meaning.container);
  if (place === undefined) return undefined;
  const { root, key } = place;
  const field = meaning.kind === 'field' ? meaning.field : undefined;
  const names = field === undefined ? place.path : [...place.path, field];
  if (root === 'meta') {
    const [first = '', ...rest] = key === '' ? names : [key, ...names];
    return { root, key: first, field: rest.join('.') };
  }
  // A transform that changed hands counts for the pipeline that the operation names.
  const isOwner = root === 'transforms' && field === OWNER_FIELD && place.path.length === 0;
  const given = isOwner && meaning.kind === 'field' ? meaning.value : undefined;
  const pipeline = typeof given === 'string' ? given : places.ownerOf(place);
  return { root, key, field: names.join('.'), pipeline };
}
