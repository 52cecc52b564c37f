// Sentences about runs: what runs and ran, what is due next, and what became of what was due.
import type { LedgerEntry, Run, RunState, ScheduleInfo } from '@hakiri/contracts/scheduler';
import { plural } from './plural.ts';

const states: Record<RunState, string> = {
  waiting: 'Waiting',
  claimed: 'Starting',
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
};
const causes: Record<Run['cause'], string> = {
  schedule: 'Tick of its schedule',
  event: 'Event',
  manual: 'Started by hand',
  retry: 'Retry',
};
const decisions: Record<LedgerEntry['decision'], string> = {
  fired: 'Fired',
  late: 'Fired late',
  skipped: 'Skipped',
  dropped: 'Dropped',
};

export const runs = {
  title: 'Runs',
  about: 'What runs now, what ran, and what is due.',
  denied: 'You do not see runs',
  deniedWhy: 'Your role does not show them. An admin or an owner gives you another under Admin, Members.',
  tabs: { label: 'Runs', runs: 'Runs', upcoming: 'Upcoming', ledger: 'Ledger' },
  commands: { upcoming: 'Coming ticks', ledger: 'Ledger of ticks' },
  states,
  causes,
  decisions,
  pipeline: 'Pipeline',
  pipelineHint: 'Its id, then Enter',
  state: 'State',
  anyState: 'Any state',
  cancelling: 'Cancelling',
  list: {
    caption: 'Runs, newest first',
    why: 'Why',
    due: 'Due',
    started: 'Started',
    duration: 'Took',
    attempt: 'Attempt',
    node: 'Node',
    run: 'Run',
    open: (pipeline: string) => `Run of ${pipeline}`,
    only: (pipeline: string) => `Show only ${pipeline}`,
    soFar: (duration: string) => `${duration} so far`,
    older: 'Older runs',
    newest: 'Back to the newest',
    none: 'Nothing has run yet',
    noneWhy:
      'A run appears here when a schedule of an applied pipeline is due, when an event fires it, or when somebody starts it by hand.',
    noneFound: 'No run is like that',
    noneFoundWhy: 'Runs are kept for 30 days. Ask for another pipeline or another state.',
    showAll: 'Show all runs',
    toPipelines: 'To the pipelines',
  },
  start: {
    open: 'Run now…',
    title: 'Run a pipeline now',
    explain:
      'Starts one run beside its schedule, of what is applied now, not of what is being edited. It waits for a node that may take it.',
    pipeline: 'Pipeline',
    submit: 'Run now',
    started: (pipeline: string) => `A run of ${pipeline} was started.`,
    unknown: 'Nothing applied is called that.',
  },
  one: {
    back: 'All runs',
    ofPipeline: (pipeline: string) => `Runs of ${pipeline}`,
    missing: 'This run is not there',
    missingWhy: 'Runs are forgotten 30 days after they ended. The address may also be mistyped.',
    facts: 'What it is',
    due: 'Due',
    started: 'Started',
    finished: 'Ended',
    duration: 'Took',
    attempt: 'Attempts',
    node: 'Node',
    revision: 'Configuration',
    version: (revision: number) => `as applied in v${revision}`,
    id: 'Run',
    noNode: 'none yet',
    retry: 'Retry…',
    cancel: 'Cancel…',
    readOnly: 'Your role sees runs and does not control them.',
    cancelRequested: (node: string) =>
      `Somebody cancelled this run. It ends when ${node} has heard of it, with its next heartbeat; if that node is away, when its claim has expired.`,
    waiting: 'It waits for a node that may take it.',
    sentence(run: Run): string {
      const where = run.node === undefined ? '' : ` on ${run.node}`;
      if (run.state === 'failed') return `It failed${where}: ${run.error ?? 'no reason was given'}`;
      if (run.state === 'cancelled') return `It was cancelled${where}.`;
      if (run.state === 'succeeded') return `It succeeded${where}.`;
      if (run.state === 'waiting') return 'It waits for a node that may take it.';
      return `It runs${where}.`;
    },
    steps: 'Steps',
    stepsCaption: 'Finished steps, in order',
    step: 'Step',
    stepTook: 'Took',
    stepAttempt: 'In attempt',
    stepFinished: 'Finished',
    stepResult: 'Result',
    noSteps: 'No step has finished yet.',
    noStepsEnded: 'It ended before a step had finished.',
    next: 'The next step is under way.',
    resumed: (attempts: number) =>
      `Taken up ${plural(attempts - 1, 'time')} again: each attempt went on behind the last step that had finished.`,
    showResult: 'Show',
    cut: (more: number) => `… and ${plural(more, 'character')} more`,
  },
  retry: {
    title: (pipeline: string) => `Retry ${pipeline}?`,
    explain: (revision: number) =>
      `A new run of the same tick begins, from its first step, with the configuration this one had (v${revision}), also when another is applied by now. What this run did stays as it is.`,
    submit: 'Retry',
    done: 'A new run was started.',
  },
  cancel: {
    title: (pipeline: string) => `Cancel this run of ${pipeline}?`,
    waiting: 'No node has taken it yet, so it ends at once.',
    held: (node: string) =>
      `${node} is told with its next heartbeat and stops in the middle. Steps that have finished stay finished, and nothing more is loaded.`,
    schedule: 'Its schedule goes on: the next tick fires as usual.',
    submit: 'Cancel this run',
    keep: 'Let it run',
    done: 'The run was cancelled.',
    asked: 'The run is being cancelled.',
  },
  upcoming: {
    caption: (count: number) => `The next ${plural(count, 'tick')}, across all pipelines`,
    at: 'When',
    in: 'In',
    schedule: 'Schedule',
    find: 'Find a pipeline',
    count: 'Show',
    counts: (count: number) => `the next ${count}`,
    none: 'Nothing is due',
    noneWhy: 'Schedules count from the moment they are applied. Give a pipeline a schedule, then apply it.',
    noneFound: 'No pipeline with a coming tick is called that.',
    idle: 'Without a next tick',
    idleCaption: 'Applied pipelines without a next tick',
    why: 'Why',
    whyNot(schedule: ScheduleInfo): string {
      if (!schedule.enabled) return 'Paused: it is not enabled in what is applied.';
      if (schedule.kind === 'on-event')
        return schedule.expr === 'manifest.applied'
          ? 'Runs after each Apply.'
          : `Runs when ${schedule.expr.replace('pipeline.finished:', '')} has succeeded.`;
      return 'Its schedule has no further tick.';
    },
    every: (interval: string) => `every ${interval}`,
    zone: (zone: string) => `in ${zone}`,
    more: (count: number) => `And ${count} more. Find them by their name.`,
    cut: (count: number) => `Only the first ${plural(count, 'schedule')} were read.`,
  },
  ledger: {
    about:
      'Each tick that was due is here once, with what became of it. Nothing is forgotten in silence, for 30 days.',
    caption: 'Due ticks, newest first',
    due: 'Due',
    decision: 'What became of it',
    reason: 'Why',
    run: 'Run',
    toRun: 'Open the run',
    times: (count: number) => `${count} ticks`,
    older: 'Older ticks',
    none: 'No tick was due yet',
    noneWhy: 'When a schedule of an applied pipeline is due, what became of it is written here.',
    noneFound: 'No tick of such a pipeline is known',
  },
  durationNone: '–',
  duration(ms: number): string {
    if (ms < 1_000) return `${ms} ms`;
    const seconds = ms / 1_000;
    if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  },
};
