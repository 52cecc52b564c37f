// How long the runs of a pipeline took, as bars and in figures.
import { RUN_STATES, type Run, type RunState } from '@hakiri/contracts/scheduler';
import { durationMs } from './run-facts.ts';

export type DurationBar = {
  run: Run;
  /** Undefined when it never began. */
  ms: number | undefined;
  /** Of the longest, from 0 to 1. */
  share: number;
};
export type Durations = {
  /** Oldest first. */
  bars: DurationBar[];
  counts: { state: RunState; count: number }[];
  /** Of those that have ended. */
  medianMs: number | undefined;
  longestMs: number | undefined;
};

/** `runs` newest first, as they are listed. */
export function durationsOf(runs: readonly Run[], nowMs: number): Durations {
  const timed = runs.map((run) => ({ run, ms: durationMs(run, nowMs) })).reverse();
  const known = timed.flatMap(({ ms }) => (ms === undefined ? [] : [ms]));
  const most = Math.max(1, ...known);
  const ended = timed
    .flatMap(({ run, ms }) => (ms === undefined || run.finishedAt === undefined ? [] : [ms]))
    .sort((a, b) => a - b);
  return {
    bars: timed.map(({ run, ms }) => ({ run, ms, share: (ms ?? 0) / most })),
    counts: RUN_STATES.map((state) => ({ state, count: runs.filter((run) => run.state === state).length }))
      .filter(({ count }) => count > 0)
      .reverse(),
    medianMs: ended[Math.floor((ended.length - 1) / 2)],
    longestMs: ended.at(-1),
  };
}

/** Which bar a key leads to; undefined for other keys. */
export function nextBar(key: string, at: number, count: number): number | undefined {
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: count - 1 }[key];
  return to === undefined ? undefined : Math.min(Math.max(to, 0), count - 1);
}
