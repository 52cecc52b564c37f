// What a run says about its steps, for the person who reads its log. Pure.
import { isRecord } from '@hakiri/base/json';
import type { PipelineConfig } from '@hakiri/contracts/config';
import type { Claim } from '@hakiri/contracts/scheduler';
import type { PlannedStep } from './step-plan.ts';

/** As people see the step elsewhere. */
export function stepLabel(index: number, { name }: { name: string }): string {
  return `${index + 1}. ${name}`;
}

export function beginning({ run, fence, steps }: Pick<Claim, 'run' | 'fence' | 'steps'>): string {
  const where = run.node === undefined ? '' : ` on ${run.node}`;
  const last = steps.at(-1);
  const behind = last === undefined ? '' : ` It goes on behind step ${stepLabel(last.index, last)}.`;
  return `Attempt ${fence}${where}, as applied in v${run.revision}.${behind}`;
}

export function aboutRows(step: PlannedStep, index: number, pipeline: PipelineConfig): string {
  const { source, destination, transforms } = pipeline;
  switch (step.kind) {
    case 'extract':
      return `Reads ${source.kind} ${source.ref}`;
    case 'transform': {
      const transform = transforms[index - 1];
      return transform?.kind === 'select'
        ? `Keeps the columns ${transform.inputs.join(', ')}`
        : `Keeps the rows for which ${transform?.body ?? ''}`;
    }
    case 'load': {
      const by = destination.partition_by === undefined ? '' : `, partitioned by ${destination.partition_by}`;
      return `Writes table ${destination.table}${by}`;
    }
  }
}

export function ending(result: unknown, before: unknown, tookMs: number): string {
  const rows = numberIn(result, 'rows') ?? 0;
  const of = numberIn(before, 'rows');
  const size = numberIn(result, 'sizeBytes');
  const files = numberIn(result, 'fileCount');
  const count = of === undefined || of === rows ? plural(rows, 'row') : `${rows} of ${plural(of, 'row')}`;
  const more =
    files !== undefined ? ` in ${plural(files, 'file')}` : size === undefined ? '' : ` (${sizeText(size)})`;
  return `${count}${more}, after ${timeText(tookMs)}.`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return plural(bytes, 'byte');
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function timeText(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function numberIn(value: unknown, name: string): number | undefined {
  const number = isRecord(value) ? value[name] : undefined;
  return typeof number === 'number' ? number : undefined;
}
