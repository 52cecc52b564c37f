// Runs: list, look at one, start, cancel, retry. Their logs are in run-logs.ts.
import { RUN_STATES, type Run, type RunDetail, type RunState } from '@hakiri/contracts/scheduler';
import type { Command } from 'commander';
import { oneOf, wholeNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { table, time } from '../output.ts';
import { addRunLogs } from './run-logs.ts';

type ListFlags = { pipeline?: string; state?: RunState; limit: number };

export function addRunCommands(program: Command, io: Io): void {
  const runs = program.command('runs').description('runs of applied pipelines');

  runs
    .command('list', { isDefault: true })
    .description('newest first')
    .option('--pipeline <id>', 'only of this pipeline')
    .option('--state <state>', `only in this state: ${RUN_STATES.join(', ')}`, oneOf(RUN_STATES))
    .option('--limit <count>', 'how many', wholeNumber(1, 500), 20)
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl runs list --pipeline gh-issues\n  hakictl runs --state failed --json',
    )
    .action(async ({ pipeline, state, limit }: ListFlags, command: Command) => {
      const { client, print } = contextOf(command, io);
      const page = await client.runs.list({
        limit,
        ...(pipeline ? { pipeline } : {}),
        ...(state ? { state } : {}),
      });
      print(page, () => (page.runs.length === 0 ? 'No runs.' : runTable(page.runs)));
    });

  runs
    .command('show')
    .description('one run with its finished steps')
    .argument('<run>', 'its id')
    .addHelpText('after', '\nExample:\n  hakictl runs show 01JD…')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const run = await client.runs.show(id);
      print(run, () => detailText(run));
    });

  addRunLogs(runs, io);

  runs
    .command('start')
    .description('run an applied pipeline now, beside its schedule')
    .argument('<pipeline>', 'its id')
    .addHelpText('after', '\nExample:\n  hakictl runs start gh-issues')
    .action(async (pipeline: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const run = await client.runs.start(pipeline);
      print(
        run,
        () =>
          `Run ${run.id} of ${run.pipeline} is ${run.state}. Follow it with: hakictl runs logs ${run.id} --follow`,
      );
    });

  runs
    .command('cancel')
    .description('stop a run that has not ended')
    .argument('<run>', 'its id')
    .addHelpText('after', '\nExample:\n  hakictl runs cancel 01JD…')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const run = await client.runs.cancel(id);
      print(run, () =>
        run.state === 'cancelled'
          ? `Run ${run.id} is cancelled.`
          : `Run ${run.id} is ${run.state}; its node was told to stop.`,
      );
    });

  runs
    .command('retry')
    .description('start a new run for one that has ended')
    .argument('<run>', 'id of the run that ended')
    .addHelpText('after', '\nExample:\n  hakictl runs retry 01JD…')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const run = await client.runs.retry(id);
      print(run, () => `Run ${run.id} of ${run.pipeline} is ${run.state}.`);
    });
}

function runTable(runs: readonly Run[]): string {
  return table(
    ['RUN', 'PIPELINE', 'STATE', 'CAUSE', 'DUE', 'NODE', 'REVISION', 'ERROR'],
    runs.map((run) => [
      run.id,
      run.pipeline,
      run.state,
      run.cause,
      time(run.dueAt),
      run.node,
      `v${run.revision}`,
      run.error,
    ]),
  );
}

function detailText(run: RunDetail): string {
  const steps = table(
    ['STEP', 'NAME', 'FINISHED', 'RESULT'],
    run.steps.map((step) => [step.index, step.name, time(step.finishedAt), JSON.stringify(step.result)]),
  );
  return `${runTable([run])}\n\n${run.steps.length === 0 ? 'No step has finished.' : steps}`;
}
