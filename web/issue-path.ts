// Where on the page an issue is to be mended: a field of a pipeline's editor, by its whole path, or nowhere yet.

/** As they stand behind the pipeline in an issue's path; the editor's fields and presence go by the same names. */
export const FIELD_NAMES = [
  'id',
  'name',
  'description',
  'group',
  'enabled',
  'source/kind',
  'source/ref',
  'destination/table',
  'destination/partition_by',
  'schedule/kind',
  'schedule/expr',
  'schedule/timezone',
  'placement/kind',
  'placement/target',
] as const;
export type FieldName = (typeof FIELD_NAMES)[number];

export type IssuePlace =
  /** `pipeline` is an id or a key. */
  | { kind: 'field'; pipeline: string; field: FieldName }
  /** What people are to know instead. */
  | { kind: 'elsewhere'; sentence: string };

/** What is wrong with the whole is mended where it begins. */
const FIRST_FIELD = new Map<string, FieldName>([
  ['', 'id'],
  ['source', 'source/kind'],
  ['destination', 'destination/table'],
  ['schedule', 'schedule/expr'],
  ['placement', 'placement/kind'],
]);

const NOT_HERE_YET = 'Not on this page yet: edit it with hakictl import.';

/** `path` is a JSON pointer such as /pipelines/orders/schedule/expr. */
export function issuePlace(path: string): IssuePlace {
  const [, root, pipeline, ...rest] = path
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (root === 'scope') return { kind: 'elsewhere', sentence: 'This is about what was chosen to apply.' };
  if (root !== 'pipelines' || !pipeline) return { kind: 'elsewhere', sentence: NOT_HERE_YET };
  const name = rest.join('/');
  const field = FIELD_NAMES.find((known) => known === name) ?? FIRST_FIELD.get(name);
  return field ? { kind: 'field', pipeline, field } : { kind: 'elsewhere', sentence: NOT_HERE_YET };
}
