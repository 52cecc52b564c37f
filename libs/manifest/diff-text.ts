// A structured difference as text for people: one line for each thing, `+` added, `-` removed, `~` changed.
import { unreachable } from '@hakiri/base/assert';
import type { FieldChange, ManifestDiff, PipelineChange } from '@hakiri/contracts/apply';

/** A value longer than this is cut: the structured form has all of it. */
const VALUE_LIMIT_CHARS = 200;

export function diffText(diff: ManifestDiff): string {
  const lines = [
    `${diff.from} → ${diff.to}`,
    ...diff.pipelines.flatMap((change) => changeLines('pipeline', change)),
    ...diff.variables.flatMap((change) => changeLines('variable', change)),
  ];
  if (lines.length === 1) lines.push('Nothing differs.');
  return `${lines.join('\n')}\n`;
}

function changeLines(what: string, change: PipelineChange): string[] {
  switch (change.kind) {
    case 'added':
      return [`+ ${what} ${change.id}`];
    case 'removed':
      return [`- ${what} ${change.id}`];
    case 'changed':
      return [`~ ${what} ${change.id}`, ...change.fields.map(fieldLine)];
    default:
      return unreachable(change);
  }
}

function fieldLine({ path, before, after }: FieldChange): string {
  if (before === undefined) return `    ${path}: + ${valueText(after)}`;
  if (after === undefined) return `    ${path}: - ${valueText(before)}`;
  return `    ${path}: ${valueText(before)} → ${valueText(after)}`;
}

function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  if (text.length <= VALUE_LIMIT_CHARS) return text;
  return `${text.slice(0, VALUE_LIMIT_CHARS)}… (${text.length} characters)`;
}
