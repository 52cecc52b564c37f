// TOML as drafts: a published manifest, or a `hakiri.toml` that somebody wrote by hand, without keys and with what has a default
// left out. Only what a draft cannot hold is refused here: bad syntax (with line and column) and fields nobody knows.
import { isRecord, type Json } from '@hakiri/base/json';
import {
  type ConfigDraft,
  type ConfigIssue,
  PipelineConfig,
  type PipelineDraft,
  VariableConfig,
  type VariableDraft,
} from '@hakiri/contracts/config';
import { parse, TomlDate, TomlError } from 'smol-toml';
import { checkValues } from './check-values.ts';
import { MANIFEST_FORMAT, READABLE_FORMATS } from './format.ts';
import { issue, pointer } from './issue.ts';
import { suggesting } from './nearest.ts';

/** Entries without a key have the key ''; `planImport` gives them one. */
type Parsed =
  | { kind: 'parsed'; draft: ConfigDraft }
  /** `draft`: what could be read all the same, so that what else is wrong is said at once. */
  | { kind: 'refused'; issues: ConfigIssue[]; draft?: ConfigDraft };

const DEPTH_LIMIT = 32;
const ROOT_FIELDS = ['format', 'pipeline', 'variable'];
const PIPELINE_FIELDS = Object.keys(PipelineConfig.properties);
const VARIABLE_FIELDS = Object.keys(VariableConfig.properties);

export function parseManifest(toml: string): Parsed {
  let root: Record<string, unknown>;
  try {
    root = parse(toml, { maxDepth: DEPTH_LIMIT });
  } catch (error) {
    if (error instanceof TomlError) return { kind: 'refused', issues: [syntaxIssue(error)] };
    throw error;
  }
  const issues = [...unknownFields(root, ROOT_FIELDS, ''), ...checkFormat(root.format)];
  const pipelines = tables(root, 'pipeline', PIPELINE_FIELDS, 'pipelines', issues).map(pipelineDraft);
  const variables = tables(root, 'variable', VARIABLE_FIELDS, 'variables', issues).map(variableDraft);
  const draft = { pipelines, variables };
  return issues.length > 0 ? { kind: 'refused', issues, draft } : { kind: 'parsed', draft };
}

function syntaxIssue(error: TomlError): ConfigIssue {
  const reason = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
  const where = `line ${error.line}, column ${error.column}`;
  return issue(
    '',
    'toml.syntax',
    `This is not TOML at ${where}: ${reason}. Correct that place and try again.`,
  );
}

function checkFormat(format: unknown): ConfigIssue[] {
  if (format === undefined || READABLE_FORMATS.some((known) => known === format)) return [];
  const right = `write \`format = ${MANIFEST_FORMAT}\``;
  const message =
    typeof format === 'number'
      ? `This file is of format ${format}, and ${READABLE_FORMATS.join(', ')} is read here: ${right}, or use a newer hakiri.`
      : `The format has to be a number, without quotes: ${right}.`;
  return [issue('/format', 'toml.format_unsupported', message)];
}

/** The tables of `[[name]]`; whatever is wrong with them goes to `issues`. */
function tables(
  root: Record<string, unknown>,
  name: string,
  fields: readonly string[],
  label: string,
  issues: ConfigIssue[],
): Record<string, unknown>[] {
  const value = root[name];
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every(isRecord)) {
    issues.push(
      issue(`/${name}`, 'toml.not_tables', `Write each entry as a table that begins with \`[[${name}]]\`.`),
    );
    return [];
  }
  for (const [index, table] of value.entries()) {
    const known = [table.id, table.name, table.key].find((item) => typeof item === 'string');
    const path = pointer(label, String(known ?? `#${index + 1}`));
    issues.push(...unknownFields(table, fields, path), ...unheldValues(table, path));
  }
  return value;
}

/** What TOML can say and a draft cannot hold: dates, infinities, and a name that JavaScript keeps for itself. */
function unheldValues(value: unknown, path: string): ConfigIssue[] {
  if (value instanceof TomlDate) {
    const message = `A date is no value here: write it as a text, \`"${value.toISOString()}"\`.`;
    return [issue(path, 'toml.date', message)];
  }
  if (typeof value === 'number') return Number.isFinite(value) ? [] : checkValues(value, path);
  if (Array.isArray(value)) return value.flatMap((item, index) => unheldValues(item, `${path}/${index}`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const at = `${path}${pointer(name)}`;
    return [...(name === '__proto__' ? checkValues({ [name]: 0 }, path) : []), ...unheldValues(item, at)];
  });
}

function unknownFields(
  table: Record<string, unknown>,
  known: readonly string[],
  path: string,
): ConfigIssue[] {
  return Object.keys(table)
    .filter((field) => !known.includes(field))
    .map((field) => {
      const message = `There is no field \`${field}\` here: remove it, or use one of ${known.join(', ')}.`;
      return suggesting(issue(`${path}${pointer(field)}`, 'toml.unknown_field', message), field, known);
    });
}

function pipelineDraft(table: Record<string, unknown>): PipelineDraft {
  const transforms = plain(table.transforms);
  return {
    key: keyOf(table.key),
    id: plain(table.id),
    name: plain(table.name),
    description: plain(table.description),
    tags: plain(table.tags),
    group: plain(table.group),
    ...(table.doc === undefined ? {} : { doc: plain(table.doc) }),
    enabled: plain(table.enabled),
    source: plain(table.source),
    destination: plain(table.destination),
    schedule: plain(table.schedule),
    placement: plain(table.placement),
    transforms: Array.isArray(transforms) ? transforms.map(transformDraft) : transforms,
    schema: schemaDraft(plain(table.schema)),
  };
}

function transformDraft(transform: Json): Json {
  return isRecord(transform) ? { ...transform, key: keyOf(transform.key) } : transform;
}

/** `amount = "int64"` is short for `amount = { type = "int64" }`. */
function schemaDraft(schema: Json): Json {
  if (!isRecord(schema)) return schema;
  const columns = Object.entries(schema).map(([name, column]) => [
    name,
    typeof column === 'string' ? { type: column } : column,
  ]);
  return Object.fromEntries(columns);
}

function variableDraft(table: Record<string, unknown>): VariableDraft {
  return {
    key: keyOf(table.key),
    name: plain(table.name),
    ...(table.doc === undefined ? {} : { doc: plain(table.doc) }),
    value: plain(table.value),
    comment: plain(table.comment),
  };
}

function keyOf(key: unknown): string {
  return typeof key === 'string' ? key : '';
}

/** Of what a draft cannot hold nothing is left: `unheldValues` has refused it. */
function plain(value: unknown): Json {
  if (value instanceof TomlDate) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(plain);
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return null;
}
