// A configuration as canonical TOML: the bytes that are published, hashed and signed. Equal configurations have equal bytes. The
// text of an entry is remembered as long as the entry is: most are the same from one revision to the next.
import type { ManifestConfig, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { byIdThenKey, byNameThenKey, canonicalPipeline, canonicalVariable } from './canonical.ts';
import { MANIFEST_FORMAT } from './format.ts';
import { tomlKey, tomlLine, tomlValue } from './toml-text.ts';

const HEADER = '# hakiri manifest. Published by an Apply and never changed after; edit the document instead.';
const texts = new WeakMap<object, string>();

export function renderManifest(config: ManifestConfig): string {
  return [...manifestBlocks(config)].join('\n');
}

/** What stands in it, with an empty line between; made one at a time, so that others may go first in between. */
export function* manifestBlocks(config: ManifestConfig): Generator<string, void> {
  yield `${HEADER}\nformat = ${MANIFEST_FORMAT}\n`;
  for (const pipeline of sorted(config.pipelines, byIdThenKey)) yield pipelineText(pipeline);
  for (const variable of sorted(config.variables, byNameThenKey)) yield variableText(variable);
}

/** As it stands in the manifest. */
export function pipelineText(entry: PipelineDraft): string {
  return textOf(canonicalPipeline(entry), renderPipeline);
}

/** As it stands in the manifest. */
export function variableText(entry: VariableDraft): string {
  return textOf(canonicalVariable(entry), renderVariable);
}

/** `entry` is canonical. */
function textOf<Entry extends object>(entry: Entry, render: (entry: Entry) => string): string {
  let text = texts.get(entry);
  if (text === undefined) {
    text = render(entry);
    texts.set(entry, text);
  }
  return text;
}

/** Most often it is sorted already. */
function sorted<Entry>(entries: readonly Entry[], compare: (a: Entry, b: Entry) => number): readonly Entry[] {
  const isSorted = entries.every((entry, index) => {
    const before = entries[index - 1];
    return before === undefined || compare(before, entry) <= 0;
  });
  return isSorted ? entries : entries.toSorted(compare);
}

/** One `[[pipeline]]` entry, as it stands in the manifest. */
function renderPipeline(pipeline: PipelineDraft): string {
  const { transforms, schema, ...fields } = pipeline;
  const lines = ['[[pipeline]]', ...Object.entries(fields).map(([key, value]) => tomlLine(key, value))];
  return `${lines.join('\n')}\n${tablesOf(transforms, schema)}`;
}

/** Of the last pipeline: what of it runs has the very same, and is rendered right after it. */
let tables: { transforms: unknown; schema: unknown; text: string } = {
  transforms: undefined,
  schema: undefined,
  text: '',
};

function tablesOf(transforms: unknown, schema: unknown): string {
  if (tables.transforms !== transforms || tables.schema !== schema)
    tables = { transforms, schema, text: renderTables(transforms, schema) };
  return tables.text;
}

function renderTables(transforms: unknown, schema: unknown): string {
  const lines: string[] = [];
  for (const transform of Array.isArray(transforms) ? transforms : []) {
    lines.push('', '[[pipeline.transforms]]');
    lines.push(...Object.entries(transform).map(([key, value]) => tomlLine(key, value)));
  }
  const columns = Object.entries(schema ?? {});
  if (columns.length > 0) {
    lines.push('', '[pipeline.schema]');
    lines.push(...columns.map(([name, column]) => `${tomlKey(name)} = ${tomlValue(column)}`));
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function renderVariable(variable: VariableDraft): string {
  const lines = Object.entries(variable).map(([key, value]) => tomlLine(key, value));
  return `[[variable]]\n${lines.join('\n')}\n`;
}
