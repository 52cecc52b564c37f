// What fields are called where two versions are compared, and the words around their values.
import { plural } from './plural.ts';

/** By JSON pointer, of pipelines and variables. */
const fields: Readonly<Record<string, string>> = {
  '/id': 'Id',
  '/name': 'Name',
  '/description': 'Description',
  '/tags': 'Tags',
  '/group': 'Group',
  '/doc': 'Document',
  '/enabled': 'Enabled',
  '/source': 'Source',
  '/source/kind': 'Source kind',
  '/source/ref': 'Source reference',
  '/destination': 'Destination',
  '/destination/table': 'Table',
  '/destination/partition_by': 'Partition column',
  '/schedule': 'Schedule',
  '/schedule/kind': 'Schedule kind',
  '/schedule/expr': 'Schedule expression',
  '/schedule/timezone': 'Time zone',
  '/placement': 'Placement',
  '/placement/kind': 'Placement kind',
  '/placement/target': 'Placement target',
  '/transforms': 'Order of the transforms',
  '/schema': 'Columns',
  '/value': 'Value',
  '/comment': 'Comment',
};

const inside = (what: string, field: string): string => (field === '' ? what : `${what}: ${field}`);

export const diff = {
  fields,
  whole: 'All of it',
  transform: (key: string, field: string) => inside(`Transform …${key}`, field),
  column: (name: string, field: string) => inside(`Column ${name}`, field),
  transforms: 'Transforms',
  counted: (names: readonly string[], count: number): string =>
    `${count}: ${names.join(', ')}${count > names.length ? ', …' : ''}`,
  sourceOption: (name: string) => `Source ${name}`,
  yes: 'yes',
  no: 'no',
  nothing: 'not set',
  empty: 'empty',
  field: 'Field',
  showNew: (id: string) => `Fields of ${id}`,
  added: 'New',
  removed: 'Deleted',
  changed: 'Changed',
  moved: 'Moved',
  lineAdded: 'added:',
  lineRemoved: 'removed:',
  same: 'No differences.',
  pipelines: 'Pipelines',
  variables: 'Variables',
  more: (count: number) => `And ${plural(count, 'more entry', 'more entries')}.`,
  moreLines: (count: number) => `And ${plural(count, 'more line')}.`,
  asFields: 'Fields',
  asText: 'TOML',
  shownAs: 'Shown as',
};
