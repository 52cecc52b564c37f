// What a row of the comparison is: the same question to each subject that can be asked it, and the numbers to hold beside a bar.
import type { SubjectName } from './subject.ts';

export type Value = {
  measure: string;
  unit: 'ms' | 's' | '/s' | 'KiB' | 'MiB' | 'edits';
  values: Partial<Record<SubjectName, number>>;
  /** What ours has to reach: a number, or so many times what the bare broadcast has. */
  bar?: { atMost?: number; atLeast?: number; timesBare?: number };
  note?: string;
};

export type Options = { subjects: readonly SubjectName[]; kills: number; log(line: string): void };

export type Row = { name: string; says: string; run(options: Options): Promise<Value[]> };

/** The verdict on ours; undefined where there is nothing to judge. */
export function verdict({ values, bar }: Value): { limit: string; reached: boolean } | undefined {
  const { ours, bare } = values;
  if (bar === undefined || ours === undefined || Number.isNaN(ours)) return undefined;
  if (bar.atLeast !== undefined) return { limit: `≥ ${bar.atLeast}`, reached: ours >= bar.atLeast };
  if (bar.timesBare !== undefined)
    return bare === undefined
      ? undefined
      : { limit: `≤ ${bar.timesBare} × bare`, reached: ours <= bar.timesBare * bare };
  return { limit: `≤ ${bar.atMost}`, reached: ours <= (bar.atMost ?? 0) };
}

/** Rows into which each subject's numbers come one after another. */
export function collect(values: Value[]): (subject: SubjectName, measured: readonly number[]) => void {
  return (subject, measured) => {
    for (const [index, value] of values.entries()) value.values[subject] = measured[index] ?? Number.NaN;
  };
}
