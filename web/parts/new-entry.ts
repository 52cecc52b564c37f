// What is worth a look of an entry that is new, read from the very TOML that goes live: nothing else says what it is. Texts are cut
// apart once, when somebody looks; an entry is parsed when it is shown.
import { isRecord } from '@hakiri/base/json';
import { parseManifest } from '@hakiri/manifest/parse';
import { strings } from '../strings/strings.ts';
import { type ShownValue, shownValue } from './diff-values.ts';
import { blocksByKey } from './toml-diff.ts';

const text = strings.parts.diff;

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
  const { source, destination, schedule, enabled } = pipeline;
  return [
    { label: labelOf('/source'), value: words(source, 'kind', 'ref') },
    { label: labelOf('/destination/table'), value: words(destination, 'table') },
    { label: labelOf('/schedule'), value: words(schedule, 'kind', 'expr', 'timezone') },
    { label: labelOf('/enabled'), value: shownValue(enabled) },
  ];
}

function labelOf(path: string): string {
  return text.fields[path] ?? path;
}

function words(value: unknown, ...names: readonly string[]): ShownValue {
  if (!isRecord(value)) return shownValue(value);
  return shownValue(names.flatMap((name) => value[name] ?? []).join(' '));
}
