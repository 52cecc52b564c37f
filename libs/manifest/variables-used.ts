// Where a pipeline refers to variables: in the texts of source and destination and in the bodies of transforms, nowhere else.
import { isRecord } from '@hakiri/base/json';
import { type PipelineDraft, VARIABLE_REFERENCE } from '@hakiri/contracts/config';
import { pointer } from './issue.ts';

/** A reference to `name` at `path`, a pointer inside the pipeline. */
export type Reference = { name: string; path: string };

export function variableReferences(
  draft: Pick<PipelineDraft, 'source' | 'destination' | 'transforms'>,
): Reference[] {
  return [
    ...inRecord(draft.source, '/source'),
    ...inRecord(draft.destination, '/destination'),
    ...(Array.isArray(draft.transforms) ? draft.transforms : []).flatMap((transform, index) =>
      isRecord(transform) ? inText(transform.body, `/transforms/${index}/body`) : [],
    ),
  ];
}

function inRecord(value: unknown, path: string): Reference[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => inText(item, `${path}${pointer(key)}`));
}

function inText(value: unknown, path: string): Reference[] {
  if (typeof value !== 'string' || !value.includes('${')) return [];
  return [...value.matchAll(VARIABLE_REFERENCE)].map((match) => ({ name: match[1] ?? '', path }));
}
