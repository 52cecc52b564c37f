// Single values as canonical TOML: one value, one text, and the text parses back to exactly the value.
import { assert } from '@hakiri/base/assert';
import { isRecord } from '@hakiri/base/json';

const BARE_KEY = /^[A-Za-z0-9_-]+$/;
/** What may not stand in a TOML string as it is, tab and line feed apart. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
/** ASCII without anything to escape, as most texts are. */
const PLAIN = /^[ !#-[\]-~]*$/;
const ESCAPES: Readonly<Record<string, string>> = { '\b': '\\b', '\f': '\\f', '\r': '\\r' };

export function tomlKey(key: string): string {
  return BARE_KEY.test(key) ? key : basicString(key);
}

/** `key = value`; texts of several lines become multi-line strings. */
export function tomlLine(key: string, value: unknown): string {
  const written = typeof value === 'string' ? tomlText(value) : tomlValue(value);
  return `${tomlKey(key)} = ${written}`;
}

/** On one line, for arrays and inline tables. */
export function tomlValue(value: unknown): string {
  if (typeof value === 'string') return basicString(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return tomlNumber(value);
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`;
  assert(isRecord(value), 'a manifest holds texts, numbers, booleans, lists and records alone');
  const entries = Object.entries(value).map(([key, item]) => `${tomlKey(key)} = ${tomlValue(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function tomlText(text: string): string {
  if (!text.includes('\n')) return basicString(text);
  const isAwkward = text.includes('\\') || text.includes('"""');
  return isAwkward && isLiteral(text) ? `'''\n${text}'''` : `"""\n${multiLineBody(text)}"""`;
}

/** Whether a literal string, which has no escapes, can hold the text. */
function isLiteral(text: string): boolean {
  return text.search(FORBIDDEN) === -1 && !text.includes("'''") && !text.endsWith("'") && text.isWellFormed();
}

function multiLineBody(text: string): string {
  return escapeForbidden(text.toWellFormed().replaceAll('\\', '\\\\')).replace(/"(?=")|"$/g, '\\"');
}

function basicString(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  const escaped = text.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `"${escapeForbidden(escaped).replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}

function escapeForbidden(text: string): string {
  return text.replace(
    FORBIDDEN,
    (char) => ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function tomlNumber(value: number): string {
  assert(Number.isFinite(value), 'JSON has finite numbers alone');
  const written = String(value);
  if (Number.isSafeInteger(value) || !/^-?[0-9]+$/.test(written)) return written;
  return `${written}.0`; // an integer past 2^53 would not be read back
}
