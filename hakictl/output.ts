// Text for people: tables, differences, times. Whatever came from the network is stripped of control characters first, so
// that a pipeline's name cannot drive the terminal.
import type { FieldChange, ManifestDiff, PipelineChange } from '@hakiri/contracts/apply';
import type { ConfigIssue } from '@hakiri/contracts/config';

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

export function diffText(diff: ManifestDiff): string {
  const parts = [...changes('', diff.pipelines), ...changes('variable ', diff.variables)];
  const head = `${diff.from === 0 ? 'nothing' : `v${diff.from}`} → v${diff.to}`;
  return parts.length === 0 ? `${head}: no difference` : [head, ...parts].join('\n');
}

function changes(what: string, list: readonly PipelineChange[]): string[] {
  return list.flatMap((change) => {
    const id = oneLine(change.id);
    if (change.kind === 'added') return [`+ ${what}${id}`];
    if (change.kind === 'removed') return [`- ${what}${id}`];
    return [`~ ${what}${id}`, ...change.fields.map(fieldText)];
  });
}

function fieldText({ path, before, after }: FieldChange): string {
  const show = (value: unknown): string =>
    value === undefined ? '(nothing)' : oneLine(JSON.stringify(value));
  return `    ${oneLine(path)}: ${show(before)} → ${show(after)}`;
}

/** `2026-01-31 14:05:09Z`, or nothing. */
export function time(iso: string | undefined): string {
  return iso === undefined ? '' : iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
