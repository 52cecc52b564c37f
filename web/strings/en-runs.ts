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
  schedule: 'Schedule',
  event: 'Event',
  manual: 'Manual',
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
  about: 'Current, past and upcoming runs.',
  denied: 'You do not see runs',
  deniedWhy: 'Ask an admin or owner if you need access.',
  tabs: { label: 'Runs', runs: 'Runs', upcoming: 'Upcoming', ledger: 'Ledger' },
  commands: { upcoming: 'Upcoming runs', ledger: 'Ledger' },
  states,
  causes,
  decisions,
  pipeline: 'Pipeline',
  pipelineHint: 'Pipeline id',
  state: 'State',
  anyState: 'Any state',
  cancelling: 'Cancelling',
  list: {
    caption: 'Runs, newest first',
    why: 'Trigger',
    due: 'Due',
    started: 'Started',
    duration: 'Duration',
    attempt: 'Attempt',
    node: 'Node',
    run: 'Run',
    open: (pipeline: string) => `Run of ${pipeline}`,
    only: (pipeline: string) => `Show only ${pipeline}`,
    soFar: (duration: string) => `${duration} so far`,
    older: 'Older runs',
    newest: 'Back to the newest',
    none: 'No runs yet',
    noneWhy: 'Runs appear here when a schedule is due, an event fires, or someone starts one.',
    noneFound: 'No matching runs',
    noneFoundWhy: 'Runs are kept for 30 days. Try another pipeline or state.',
    showAll: 'Show all runs',
    toPipelines: 'Go to pipelines',
  },
  start: {
    open: 'Run now…',
    title: 'Run a pipeline now',
    explain:
      'Starts one run of the applied version, in addition to its schedule. It waits for a node that can take it.',
    pipeline: 'Pipeline',
    submit: 'Run now',
    started: (pipeline: string) => `Started a run of ${pipeline}.`,
    unknown: 'No applied pipeline has this id.',
  },
  one: {
    back: 'All runs',
    ofPipeline: (pipeline: string) => `Runs of ${pipeline}`,
    missing: 'Run not found',
    missingWhy: 'Runs are deleted 30 days after they end. The address may also be mistyped.',
    facts: 'What it is',
    due: 'Due',
    started: 'Started',
    finished: 'Ended',
    duration: 'Duration',
    attempt: 'Attempts',
    node: 'Node',
    revision: 'Revision',
    version: (revision: number) => `v${revision}`,
    id: 'Run id',
    noNode: 'none yet',
    retry: 'Retry…',
    cancel: 'Cancel…',
    readOnly: 'Your role can see runs but not control them.',
    cancelRequested: (node: string) =>
      `Someone cancelled this run. It ends when ${node} has heard of it, with its next heartbeat; if that node is away, when its claim has expired.`,
    waiting: 'Waiting for a node that can take it.',
    sentence(run: Run): string {
      const where = run.node === undefined ? '' : ` on ${run.node}`;
      if (run.state === 'failed') return `Failed${where}: ${run.error ?? 'no reason was given'}`;
      if (run.state === 'cancelled') return `Cancelled${where}.`;
      if (run.state === 'succeeded') return `Succeeded${where}.`;
      if (run.state === 'waiting') return 'Waiting for a node that can take it.';
      return `Running${where}.`;
    },
    steps: 'Steps',
    stepsCaption: 'Finished steps, in order',
    step: 'Step',
    stepTook: 'Duration',
    stepAttempt: 'Attempt',
    stepFinished: 'Finished',
    stepResult: 'Result',
    noSteps: 'No step has finished yet.',
    noStepsEnded: 'It ended before any step finished.',
    next: 'The next step is running.',
    resumed: (attempts: number) =>
      `Taken up ${plural(attempts - 1, 'time')} again: each attempt went on behind the last step that had finished.`,
    showResult: 'Show',
    cut: (more: number) => `… and ${plural(more, 'character')} more`,
  },
  retry: {
    title: (pipeline: string) => `Retry ${pipeline}?`,
    explain: (revision: number) =>
      `Starts a new run of the same tick from the first step, with the configuration of this run (v${revision}), even if another has been applied since. This run stays as it is.`,
    submit: 'Retry',
    done: 'Started a new run.',
  },
  cancel: {
    title: (pipeline: string) => `Cancel this run of ${pipeline}?`,
    waiting: 'No node has taken it yet, so it ends immediately.',
    held: (node: string) =>
      `${node} is told with its next heartbeat and stops mid-run. Finished steps stay finished; nothing more is loaded.`,
    schedule: 'Only this run ends. Where the pipeline is enabled, its schedule goes on.',
    submit: 'Cancel this run',
    keep: 'Keep running',
    done: 'The run was cancelled.',
    asked: 'The run is being cancelled.',
  },
  upcoming: {
    caption: (count: number) => `The next ${plural(count, 'tick')}, across all pipelines`,
    at: 'Time',
    in: 'Due',
    schedule: 'Schedule',
    find: 'Search pipelines',
    count: 'Show',
    counts: (count: number) => `Next ${count}`,
    none: 'Nothing scheduled',
    noneWhy: 'Schedules count from when they are applied. Give a pipeline a schedule, then apply it.',
    noneFound: 'No upcoming run matches.',
    idle: 'Not scheduled',
    idleCaption: 'Applied pipelines that are not scheduled',
    why: 'Why',
    whyNot(schedule: ScheduleInfo): string {
      if (!schedule.enabled) return 'Paused: disabled in the applied version.';
      if (schedule.kind === 'on-event')
        return schedule.expr === 'manifest.applied'
          ? 'Runs after each Apply.'
          : `Runs when ${schedule.expr.replace('pipeline.finished:', '')} has succeeded.`;
      return 'Its schedule has no further tick.';
    },
    every: (interval: string) => `every ${interval}`,
    zone: (zone: string) => `in ${zone}`,
    more: (count: number) => `And ${count} more. Search to find them.`,
    cut: (count: number) => `Only the first ${plural(count, 'schedule')} were read.`,
  },
  ledger: {
    about: 'Every scheduled tick and its outcome, kept for 30 days.',
    caption: 'Due ticks, newest first',
    due: 'Due',
    decision: 'Outcome',
    reason: 'Reason',
    run: 'Run',
    toRun: 'View run',
    times: (count: number) => `${count} ticks`,
    older: 'Older ticks',
    none: 'No ticks yet',
    noneWhy: 'Every tick of an applied schedule is recorded here when it is due.',
    noneFound: 'No ticks of this pipeline',
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
