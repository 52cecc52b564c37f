// Sentences about a run's log, and about how long the runs of a pipeline took.
import type { LogLevel, RunState } from '@hakiri/contracts/scheduler';
import { plural } from './plural.ts';

const levels: Record<LogLevel, string> = { debug: 'Debug', info: 'Info', warn: 'Warning', error: 'Error' };
const outcomes: Record<RunState, string> = {
  waiting: 'waiting',
  claimed: 'starting',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
};

export const runLog = {
  title: 'Log',
  levels,
  step: 'Step',
  everyStep: 'All steps',
  find: 'Find in the log',
  copy: 'Copy',
  copied: 'Copied the log.',
  download: 'Download',
  following: 'New lines appear here as they come.',
  toEnd: 'Go to the end',
  lines: (count: number) => plural(count, 'line'),
  found: (shown: number, count: number) => `${shown} of ${plural(count, 'line')}`,
  noneFound: 'No line matches.',
  showAll: 'Show all lines',
  empty: 'No lines yet',
  emptyWhy:
    'The node writes here what it reads, how many rows each step leaves, what it retries and why a run fails. The first line comes when a node takes the run.',
  emptyEnded: 'This run has no log',
  emptyEndedWhy:
    'It ended before a node took it, or on a node that sends no log. Update that node to see one.',
};

export const runDurations = {
  title: 'Durations',
  outcomes,
  counted: (count: number, state: RunState) => `${count} ${outcomes[state]}`,
  newest: 'Oldest at the left, newest at the right.',
  hint: 'Point at a bar, or go through them with the arrow keys.',
  median: (duration: string) => `Median ${duration}`,
  longest: (duration: string) => `longest ${duration}`,
  bars: (count: number) =>
    `Durations of ${plural(count, 'run')}, oldest first. The table below has the same.`,
  bar: (due: string, state: RunState, duration: string | undefined) =>
    `${due}: ${outcomes[state]}${duration === undefined ? '' : `, ${duration}`}`,
};
