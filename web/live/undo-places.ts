// Where in the document an edit was, as the names on the way to it.
import { entityOf, OWNER_FIELD, pipelinesOf, transformsOf } from '@hakiri/config-doc/schema';
import type { LoroDoc, LoroEventBatch } from 'loro-crdt';

export type Path = readonly string[];
type Event = LoroEventBatch['events'][number];

export function placesOf({ path, diff }: Event): Path[] {
  const at = path.map(String);
  if (diff.type === 'map') return Object.keys(diff.updated).map((key) => [...at, key]);
  if (diff.type === 'tree') return diff.diff.map(({ target }) => [...at, target]);
  return [at];
}

/** Also which items of a list were placed; and who works in a transform, or takes it away, works in its pipeline. */
export function othersPlaces(doc: LoroDoc, event: Event): Path[] {
  const places = placesOf(event);
  const [first] = places;
  if (event.diff.type === 'list' && first) {
    const items = event.diff.diff.flatMap(({ insert = [] }) => insert);
    return [first, ...items.filter((item) => typeof item === 'string').map((item) => [...first, item])];
  }
  const inPipelines = places.flatMap(([root, key, ...inside]): Path[] => {
    const owner = root === 'transforms' && key !== undefined ? ownerOf(doc, key) : undefined;
    // In one that is deleted nobody works.
    const isInPipeline = owner !== undefined && entityOf(pipelinesOf(doc), owner) !== undefined;
    return !isInPipeline || key === undefined
      ? []
      : [['pipelines', owner, 'transforms', key, 'content', ...inside]];
  });
  return [...places, ...inPipelines];
}

export function nameOf(path: Path): string {
  return path.join('\0');
}

export function ownerOf(doc: LoroDoc, transform: string): string | undefined {
  const owner = entityOf(transformsOf(doc), transform)?.get(OWNER_FIELD);
  return typeof owner === 'string' ? owner : undefined;
}
