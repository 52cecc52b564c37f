// How a difference is told to people: what a field is called, what a value looks like, and texts line by line.
import { isRecord } from '@hakiri/base/json';
import { diffLines } from 'diff';
import { strings } from '../strings/strings.ts';

const text = strings.parts.diff;
const UNESCAPED: readonly [RegExp, string][] = [
  [/~1/g, '/'],
  [/~0/g, '~'],
];
/** Of a key, which is a ULID, the end tells two apart. */
const KEY_SHOWN = 4;
/** A longer text on one line is shown as a text of several. */
const LINE_LIMIT = 80;
/** Past it both texts are shown whole, one after the other. */
const EDITS_LIMIT = 400;

/** The parts of a JSON pointer. */
export function pointerParts(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => UNESCAPED.reduce((done, [from, to]) => done.replace(from, to), part));
}

/** `/schedule/expr` as people call it. */
export function fieldLabel(path: string): string {
  const [root = '', key = '', ...rest] = pointerParts(path);
  if (Object.hasOwn(text.fields, path)) return text.fields[path] ?? path;
  if (root === 'transforms' && key !== '') return text.transform(shortKey(key), rest.join('.'));
  if (root === 'schema' && key !== '') return text.column(key, rest.join('.'));
  if (root === 'source' && key !== '') return text.sourceOption([key, ...rest].join('.'));
  return pointerParts(path).join('.') || text.whole;
}

export function shortKey(key: string): string {
  return key.slice(-KEY_SHOWN);
}

export type ShownValue =
  | { kind: 'nothing' }
  | { kind: 'empty' }
  | { kind: 'line'; text: string }
  | { kind: 'block'; text: string };

/** What stands in a field: words rather than JSON, as far as there are some. */
export function shownValue(value: unknown, path = ''): ShownValue {
  if (value === undefined || value === null) return { kind: 'nothing' };
  if (typeof value === 'boolean') return { kind: 'line', text: value ? text.yes : text.no };
  if (typeof value === 'string') return textValue(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return { kind: 'empty' };
    const items = value.map((item) => itemText(item, path));
    return textValue(items.join(', '));
  }
  if (!isRecord(value)) return textValue(JSON.stringify(value));
  const lines = Object.entries(value).flatMap(([name, inside]) => recordLines(name, inside));
  return lines.length === 0 ? { kind: 'empty' } : textValue(lines.join('\n'));
}

/** `name: value`; a text of several lines below its name. */
function recordLines(name: string, value: unknown): string[] {
  if (typeof value !== 'string') return [`${name}: ${JSON.stringify(value) ?? ''}`];
  const lines = value.replace(/\n$/, '').split('\n');
  return lines.length === 1 ? [`${name}: ${value}`] : [`${name}:`, ...lines.map((line) => `  ${line}`)];
}

function itemText(item: unknown, path: string): string {
  if (typeof item !== 'string') return JSON.stringify(item) ?? '';
  return path === '/transforms' ? shortKey(item) : item;
}

function textValue(value: string): ShownValue {
  if (value === '') return { kind: 'empty' };
  return { kind: value.includes('\n') || value.length > LINE_LIMIT ? 'block' : 'line', text: value };
}

export type DiffLine = { sign: ' ' | '+' | '-'; text: string };

/** Line by line; what is the same stands once. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [from, to] = [ended(before), ended(after)];
  const isEndAlone = from === to && before !== after;
  const parts = isEndAlone ? undefined : diffLines(from, to, { maxEditLength: EDITS_LIMIT });
  if (parts === undefined) return [...signed('-', before), ...signed('+', after)];
  return parts.flatMap(({ value, added, removed }) => signed(added ? '+' : removed ? '-' : ' ', value));
}

/** A last line is the same with a line feed behind it and without. */
function ended(value: string): string {
  return value === '' || value.endsWith('\n') ? value : `${value}\n`;
}

function signed(sign: DiffLine['sign'], value: string): DiffLine[] {
  if (value === '') return [];
  const lines = value.endsWith('\n') ? value.slice(0, -1) : value;
  return lines.split('\n').map((line) => ({ sign, text: line }));
}
