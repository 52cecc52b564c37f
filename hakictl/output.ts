// Text for people: tables, differences, times. Whatever came from the network is stripped of control characters first, so
// that a pipeline's name cannot drive the terminal.
import type { ManifestDiff } from '@hakiri/contracts/apply';
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { MergeConflict } from '@hakiri/contracts/problem';
import { diffText } from '@hakiri/manifest/diff-text';

/** Columns as wide as their widest cell; the last one is never cut. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => oneLine(String(cell ?? ''))));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function issueTable(issues: readonly ConfigIssue[]): string {
  return table(
    ['PATH', 'CODE', 'WHAT TO DO'],
    issues.map(({ path, code, message, severity }) => [
      path,
      code,
      severity === 'warning' ? `(warning) ${message}` : message,
    ]),
  );
}

/** A value longer than this is cut: --json has all of it. */
const VALUE_LIMIT_CHARS = 60;

export function conflictTable(conflicts: readonly MergeConflict[]): string {
  const text = (value: unknown): string => {
    const json = value === undefined ? '(not there)' : JSON.stringify(value);
    return json.length > VALUE_LIMIT_CHARS ? `${json.slice(0, VALUE_LIMIT_CHARS)}…` : json;
  };
  return table(
    ['CONFLICT', 'IN THE FILES', 'IN THE DOCUMENT'],
    conflicts.map(({ path, mine, theirs }) => [path, text(mine), text(theirs)]),
  );
}

/** As the API tells it, with nothing that could drive the terminal. */
export function diffLines(diff: ManifestDiff): string {
  return diffText(diff).trimEnd().split('\n').map(oneLine).join('\n');
}

/** `2026-01-31 14:05:09Z`, or nothing. */
export function time(iso: string | undefined): string {
  return iso === undefined ? '' : iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

/** With nothing that could drive the terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
