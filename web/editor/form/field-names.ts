// The fields of a pipeline's form, named as they stand behind the pipeline in an issue's path: presence, notices and the page's
// addresses (`?field=schedule/expr`) go by the same names.

export const FIELD_NAMES = [
  'id',
  'name',
  'description',
  'group',
  'tags',
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
export type KnownField = (typeof FIELD_NAMES)[number];
/** An option of the source by its own name, a transform or a column too. */
export type FieldName = KnownField | `source/${string}` | `transforms/${string}` | `schema/${string}`;

/** What is wrong with the whole is mended where it begins. */
const FIRST_FIELD: Readonly<Record<string, KnownField>> = {
  '': 'id',
  key: 'id',
  source: 'source/kind',
  destination: 'destination/table',
  schedule: 'schedule/expr',
  placement: 'placement/kind',
};

/** `path` is a pointer inside the pipeline, `/schedule/expr`, or the same without the first slash. */
export function fieldAt(path: string): FieldName {
  const parts = path
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .filter((part, index) => index > 0 || part !== '');
  const [root = '', ...rest] = parts;
  const name = parts.join('/');
  const known = FIELD_NAMES.find((field) => field === name);
  if (known) return known;
  if (root === 'tags') return 'tags';
  if (root === 'source' && rest.length > 0) return `source/${rest.join('/')}`;
  if (root === 'transforms') return `transforms/${rest.join('/')}`;
  if (root === 'schema') return `schema/${rest.join('/')}`;
  return FIRST_FIELD[root] ?? 'id';
}

/** As presence and notices write it. */
export function dotted(field: FieldName): string {
  return field.replaceAll('/', '.');
}
