// Carries out one claimed run: goes on behind the last finished step, makes each step a checkpoint, keeps the claim alive,
// and stops at once when the claim has passed to another node or the run was cancelled.
import { access } from 'node:fs/promises';
import { ApiProblem } from '@hakiri/client/errors';
import type { NodeClient } from '@hakiri/client/runs';
import type { Claim, FinishBody } from '@hakiri/contracts/scheduler';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { load } from './load.ts';
import { createMask } from './mask.ts';
import { type Row, readRows, writeRows } from './rows.ts';
import { createRunLog, type RunLog } from './run-log.ts';
import { extract, type Fetch } from './sources.ts';
import { StepError } from './step-error.ts';
import { type PlannedStep, planSteps } from './step-plan.ts';
import { aboutRows, beginning, ending, stepLabel } from './step-words.ts';
import { withVariables } from './variables.ts';
import type { WorkDirectory } from './work-directory.ts';

type CarryOutDeps = {
  api: NodeClient;
  work: WorkDirectory;
  dataRoot: string;
  outputRoot: string;
  fetch: Fetch;
  clock: Clock;
  logger: Logger;
  /** Waits this long between steps, so that a demonstration can interrupt a run in the middle. */
  stepDelayMs: number;
};

/** Of a step whose rows the next one reads. */
const StepOutput = Type.Object({
  rows: Type.Integer(),
  sizeBytes: Type.Integer(),
  file: Type.String(),
  digest: Type.String(),
});
const BEATS_A_LEASE = 3;
const RETRY_MS = 1_000;
const ERROR_LIMIT = 4_000;
/** How long the end of a run waits for its log. */
const LOG_WAIT_MS = 2_000;
const FIRST_TOLD_ROWS = 10_000;

class Abandoned extends Error {}
class Cancelled extends Error {}

/** Resolves when there is nothing more to do for this claim, whatever became of it. */
export async function carryOut(claim: Claim, deps: CarryOutDeps, stop: AbortSignal): Promise<void> {
  const { api, work, clock } = deps;
  const { run, fence } = claim;
  const logger = deps.logger.child({ run: run.id, pipeline: run.pipeline, fence });
  const ended = new AbortController();
  const signal = AbortSignal.any([stop, ended.signal]);
  const log = createRunLog({ claim, api, clock, logger, mask: createMask(claim.pipeline, claim.variables) });
  const beats = keepAlive(claim, deps, (reason) => ended.abort(reason));
  try {
    const outcome = await outcomeOf(claim, deps, log, signal);
    signal.throwIfAborted();
    // Before the end, so that who follows the run sees why before they stop.
    await log.flush(LOG_WAIT_MS);
    await persist(() => api.finish(run.id, { fence, ...outcome }), clock, signal);
    // Only now: until the scheduler has the end, whoever carries the run on after a crash here needs its rows.
    await work.forget(run.id);
    logger.info('run_ended', outcome);
  } catch (error) {
    if (stop.aborted) log.write('warn', 'The node stops. The run goes on behind its last finished step.');
    if (ended.signal.reason instanceof Cancelled && !stop.aborted) {
      log.write('warn', 'Cancelled: it stops in the middle, and nothing more is loaded.');
      await log.flush(LOG_WAIT_MS);
      await persist(() => api.finish(run.id, { fence, outcome: 'cancelled' }), clock, stop).catch(
        () => undefined,
      );
      await work.forget(run.id);
    }
    logger.warn('run_left', errorFields(error));
  } finally {
    // What could not be sent before.
    await log.flush(LOG_WAIT_MS);
    log.close();
    beats.cancel();
  }
}

type Outcome = Omit<Static<typeof FinishBody>, 'fence'>;

/** @throws when it is stopped in the middle; a step that fails is an outcome. */
async function outcomeOf(
  claim: Claim,
  deps: CarryOutDeps,
  log: RunLog,
  signal: AbortSignal,
): Promise<Outcome> {
  const { clock } = deps;
  let at = 'plan';
  let label: string | undefined;
  try {
    log.write('info', beginning(claim));
    const pipeline = withVariables(claim.pipeline, claim.variables);
    const finished = [...claim.steps];
    for (const [index, step] of planSteps(pipeline).entries()) {
      at = `step ${index + 1} (${step.name})`;
      label = stepLabel(index, step);
      if (index < finished.length) continue;
      if (index > 0 && deps.stepDelayMs > 0) await clock.sleep(deps.stepDelayMs, signal);
      const sinceMs = clock.now();
      log.write('info', aboutRows(step, index, pipeline), label);
      const result = await performed(step, index, { ...claim, pipeline, steps: finished }, deps, log, signal);
      signal.throwIfAborted();
      log.write('info', ending(result, finished.at(-1)?.result, clock.now() - sinceMs), label);
      const { fence } = claim;
      const body = { fence, index, name: step.name, result };
      await persist(
        () => deps.api.step(claim.run.id, body),
        clock,
        signal,
        (reason) =>
          log.write(
            'warn',
            `The scheduler did not take the end of this step, so it is told again: ${reason}`,
            label,
          ),
      );
      finished.push({ index, name: step.name, fence, result, finishedAt: '' });
    }
    log.write('info', 'Every step has finished.');
    return { outcome: 'succeeded' };
  } catch (error) {
    if (signal.aborted || error instanceof Abandoned) throw error;
    if (!(error instanceof StepError)) deps.logger.error('step_broke', errorFields(error));
    const reason = log.mask(error instanceof Error ? error.message : String(error));
    log.write('error', reason, label);
    return { outcome: 'failed', error: `${at}: ${reason}`.slice(0, ERROR_LIMIT) };
  }
}

async function performed(
  step: PlannedStep,
  index: number,
  claim: Claim,
  deps: CarryOutDeps,
  log: RunLog,
  signal: AbortSignal,
): Promise<unknown> {
  const { run, fence: attempt, pipeline } = claim;
  const { work, dataRoot, outputRoot, fetch } = deps;
  const file = work.fileOf(run.id, index);
  const before = index === 0 ? undefined : await inputOf(claim, index - 1, work);
  const label = stepLabel(index, step);
  const counted = (rows: AsyncIterable<Row> | Iterable<Row>) =>
    stoppable(rows, signal, (count) => log.write('debug', `${count} rows so far.`, label));
  switch (step.kind) {
    case 'extract': {
      const rows = extract(pipeline, { dataRoot, fetch, signal });
      return { ...(await writeRows(file, attempt, counted(rows))), file: `${index}.ndjson` };
    }
    case 'transform': {
      const rows = step.transform(counted(before ?? []));
      return { ...(await writeRows(file, attempt, rows)), file: `${index}.ndjson` };
    }
    case 'load': {
      const { destination } = pipeline;
      return load(counted(before ?? []), { destination, outputRoot, run: run.id, attempt });
    }
  }
}

/** The rows that step `index` left. They are on the node that carried it out. */
async function inputOf(claim: Claim, index: number, work: WorkDirectory): Promise<AsyncIterable<Row>> {
  const output = claim.steps[index]?.result;
  if (!Value.Check(StepOutput, output))
    throw new StepError(`What step ${index + 1} left cannot be read. Retry the run.`);
  const path = work.fileOf(claim.run.id, index);
  try {
    await access(path);
  } catch {
    throw new StepError(
      `The rows of step ${index + 1} are on another node, which stopped in the middle. Retry the run, or give the nodes one HAKIRI_NODE_WORK.`,
    );
  }
  return readRows(path, output);
}

/** Tells how far it has come at a number of rows that doubles, so that the longest step says little. */
async function* stoppable(
  rows: AsyncIterable<Row> | Iterable<Row>,
  signal: AbortSignal,
  tell: (count: number) => void,
): AsyncGenerator<Row> {
  let count = 0;
  let tellAt = FIRST_TOLD_ROWS;
  for await (const row of rows) {
    signal.throwIfAborted();
    yield row;
    count += 1;
    if (count !== tellAt) continue;
    tell(count);
    tellAt *= 2;
  }
}

/** Heartbeats until cancelled. A claim that nobody confirmed for a whole lease counts as lost. */
function keepAlive(claim: Claim, deps: CarryOutDeps, end: (reason: Error) => void): Timer {
  const { api, clock } = deps;
  const { run, fence } = claim;
  let leaseMs = claim.leaseMs;
  let confirmedAtMs = clock.now();
  let stopped = false;
  let timer: Timer;

  async function beat(): Promise<void> {
    try {
      const reply = await api.heartbeat(run.id, fence);
      leaseMs = reply.leaseMs;
      confirmedAtMs = clock.now();
      if (reply.cancel) return end(new Cancelled('The run was cancelled.'));
    } catch (error) {
      if (isLost(error) || clock.now() - confirmedAtMs > leaseMs) return end(lost(error));
    }
    if (!stopped) timer = clock.after(leaseMs / BEATS_A_LEASE, beat);
  }

  timer = clock.after(0, beat);
  return {
    cancel: () => {
      stopped = true;
      timer.cancel();
    },
  };
}

/** Tries until the server has answered. What it repeats, it repeats under one fence, which changes nothing. */
async function persist(
  send: () => Promise<unknown>,
  clock: Clock,
  signal: AbortSignal,
  failedFirst?: (reason: string) => void,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await send();
      return;
    } catch (error) {
      if (isLost(error)) throw lost(error);
      const reason = error instanceof Error ? error.message : String(error);
      if (isFinal(error)) throw new StepError(reason);
      if (attempt === 1) failedFirst?.(reason);
      await clock.sleep(RETRY_MS, signal);
    }
  }
}

function isLost(error: unknown): boolean {
  return error instanceof ApiProblem && ['stale_claim', 'not_found'].includes(error.problem.code);
}

/** Asking again would get the same answer. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiProblem && [400, 409, 413, 422].includes(error.problem.status);
}

function lost(cause: unknown): Abandoned {
  return new Abandoned('The claim has passed on, or nobody could confirm it.', { cause });
}
