// What a run's rows say, computed: how long it took, how long each step took, which actions fit its state.
import type { Run, RunDetail, RunState, RunStep } from '@hakiri/contracts/scheduler';
import type { Tone } from '../parts/panel.tsx';

export const OPEN_POLL_MS = 2_000;
export const CALM_POLL_MS = 10_000;

export function isOpen({ state }: Pick<Run, 'state'>): boolean {
  return state === 'waiting' || state === 'claimed' || state === 'running';
}

/** While something goes on, it is worth asking often. */
export function pollMs(runs: readonly Pick<Run, 'state'>[]): number {
  return runs.some(isOpen) ? OPEN_POLL_MS : CALM_POLL_MS;
}

export function canRetry({ state }: Pick<Run, 'state'>): boolean {
  return state === 'failed' || state === 'cancelled';
}

export function canCancel(run: Pick<Run, 'state' | 'cancelRequested'>): boolean {
  return isOpen(run) && run.cancelRequested !== true;
}

/** Until now, while it goes on; undefined before it began. */
export function durationMs(
  { startedAt, finishedAt }: Pick<Run, 'startedAt' | 'finishedAt'>,
  nowMs: number,
): number | undefined {
  if (startedAt === undefined) return undefined;
  const end = finishedAt === undefined ? nowMs : Date.parse(finishedAt);
  return Math.max(0, end - Date.parse(startedAt));
}

export type StepRow = RunStep & {
  /** Since the step before, or since the run was first claimed; with the time between two attempts. */
  tookMs: number | undefined;
};

export function stepRows({ steps, startedAt }: RunDetail): StepRow[] {
  return steps.map((step, index) => {
    const since = steps[index - 1]?.finishedAt ?? startedAt;
    const tookMs = since === undefined ? undefined : Date.parse(step.finishedAt) - Date.parse(since);
    return { ...step, tookMs: tookMs === undefined ? undefined : Math.max(0, tookMs) };
  });
}

/** A result has up to 1 MiB; this much of it is shown. */
export const RESULT_SHOWN_CHARS = 4_000;

export function resultText(result: unknown): { text: string; more: number } {
  const text = JSON.stringify(result, null, 2) ?? '';
  return { text: text.slice(0, RESULT_SHOWN_CHARS), more: Math.max(0, text.length - RESULT_SHOWN_CHARS) };
}

export const STATE_TONES: Record<RunState, Tone | undefined> = {
  waiting: undefined,
  claimed: 'info',
  running: 'info',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'warn',
};
