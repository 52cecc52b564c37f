// The list of what is not live as rows, one after the other: a pipeline or a variable, and below it, when shown, each of its fields.
import type { FieldChange } from '@hakiri/contracts/apply';
import type { PendingChange } from '@hakiri/contracts/pending';

export type Root = 'pipelines' | 'variables';
export type EntryRow = { kind: 'entry'; root: Root; change: PendingChange; isOpen: boolean };
export type FieldRowOf = {
  kind: 'field';
  root: Root;
  change: PendingChange;
  field: FieldChange;
  isLast: boolean;
};
export type ChangeRow = EntryRow | FieldRowOf;

/** Fewer are shown with their fields at once. */
const OPEN_LIMIT = 40;

/** `turned`: those whose fields are shown or hidden against what is usual. */
export function changeRows(
  pending: Record<Root, readonly PendingChange[]>,
  turned: ReadonlySet<string>,
): ChangeRow[] {
  const count = pending.pipelines.length + pending.variables.length;
  const isUsuallyOpen = count <= OPEN_LIMIT;
  const rowsOf = (root: Root) =>
    pending[root].flatMap((change): ChangeRow[] => {
      const isOpen = isUsuallyOpen !== turned.has(change.key);
      const fields = isOpen && change.kind === 'changed' ? change.fields : [];
      return [
        { kind: 'entry', root, change, isOpen },
        ...fields.map((field, index): ChangeRow => {
          return { kind: 'field', root, change, field, isLast: index === fields.length - 1 };
        }),
      ];
    });
  return [...rowsOf('pipelines'), ...rowsOf('variables')];
}

export function rowKey(row: ChangeRow): string {
  return row.kind === 'entry' ? row.change.key : `${row.change.key}${row.field.path}`;
}

/** The row after `from`, or before it, that stands for an entry; stays at the ends. */
export function nextEntry(
  rows: readonly ChangeRow[],
  from: number | undefined,
  step: 1 | -1,
): number | undefined {
  const start = from ?? (step === 1 ? -1 : rows.length);
  for (let index = start + step; index >= 0 && index < rows.length; index += step)
    if (rows[index]?.kind === 'entry') return index;
  return from;
}
