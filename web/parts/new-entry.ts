// What is worth a look of an entry that is new, read from the very TOML that goes live: nothing else says what it is. Texts are cut
// apart once, when somebody looks; an entry is parsed when it is shown.
import { isRecord } from '@hakiri/base/json';
import { parseManifest } from '@hakiri/manifest/parse';
import { strings } from '../strings/strings.ts';
import { type ShownValue, shownValue } from './diff-values.ts';
import { blocksByKey } from './toml-diff.ts';

const text = strings.parts.diff;
const NAMED_LIMIT = 6;

export type NewField = { label: string; value: ShownValue };
/** By key; undefined where the text has no such entry. */
export type NewFields = (key: string) => readonly NewField[] | undefined;

export function newFields(toml: string): NewFields {
  let blocks: ReadonlyMap<string, string> | undefined;
  return (key) => {
    blocks ??= blocksByKey(toml);
    const block = blocks.get(key);
    return block === undefined ? undefined : fieldsOf(block);
  };
}

function fieldsOf(block: string): NewField[] | undefined {
  // Without the head of the file its format is missed, and the entry is read all the same.
  const { pipelines = [], variables = [] } = parseManifest(block).draft ?? {};
  const [variable] = variables;
  if (variable) return [{ label: labelOf('/value'), value: shownValue(variable.value) }];
  const [pipeline] = pipelines;
  if (!pipeline) return undefined;
  const { source, destination, schedule, enabled, transforms, schema, placement, group, tags } = pipeline;
  const kinds = Array.isArray(transforms)
    ? transforms.map((one) => (isRecord(one) ? `${one.kind ?? '?'}` : '?'))
    : [];
  const columns = isRecord(schema) ? Object.keys(schema) : [];
  const isPlaced = isRecord(placement) && placement.kind !== 'auto';
  const isTagged = Array.isArray(tags) && tags.length > 0;
  const isGrouped = typeof group === 'string' && group !== '';
  return [
    { label: labelOf('/source'), value: words(source, 'kind', 'ref') },
    { label: labelOf('/destination/table'), value: words(destination, 'table') },
    { label: labelOf('/schedule'), value: words(schedule, 'kind', 'expr', 'timezone') },
    { label: labelOf('/enabled'), value: shownValue(enabled) },
    ...(kinds.length > 0 ? [{ label: text.transforms, value: counted(kinds) }] : []),
    ...(columns.length > 0 ? [{ label: labelOf('/schema'), value: counted(columns) }] : []),
    ...(isPlaced ? [{ label: labelOf('/placement'), value: words(placement, 'kind', 'target') }] : []),
    ...optionsOf(source),
    ...(isGrouped ? [{ label: labelOf('/group'), value: shownValue(group) }] : []),
    ...(isTagged ? [{ label: labelOf('/tags'), value: shownValue(tags) }] : []),
  ];
}

/** How many, and the first of them. */
function counted(names: readonly string[]): ShownValue {
  return shownValue(text.counted(names.slice(0, NAMED_LIMIT), names.length));
}

function optionsOf(source: unknown): NewField[] {
  if (!isRecord(source)) return [];
  return Object.entries(source)
    .filter(([name]) => name !== 'kind' && name !== 'ref')
    .map(([name, value]) => ({ label: text.sourceOption(name), value: shownValue(value) }));
}

function labelOf(path: string): string {
  return text.fields[path] ?? path;
}

function words(value: unknown, ...names: readonly string[]): ShownValue {
  if (!isRecord(value)) return shownValue(value);
  return shownValue(names.flatMap((name) => value[name] ?? []).join(' '));
}
