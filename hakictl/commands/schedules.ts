// Schedules, what became of each due tick, and the nodes that do the work.
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { table, time } from '../output.ts';

type LimitFlags = { limit: number };

export function addScheduleCommands(program: Command, io: Io): void {
  const limit = ['--limit <count>', 'how many', wholeNumber(1, 500), 100] as const;

  program
    .command('schedules')
    .description('schedules of the applied pipelines and when each fires next')
    .option(...limit)
    .addHelpText('after', '\nExamples:\n  hakictl schedules\n  hakictl schedules --json')
    .action(async (query: LimitFlags, command: Command) => {
      const { client, print } = contextOf(command, io);
      const page = await client.runs.schedules({ limit: query.limit });
      print(page, () =>
        table(
          ['PIPELINE', 'KIND', 'EXPRESSION', 'ENABLED', 'NEXT'],
          page.schedules.map((schedule) => [
            schedule.pipeline,
            schedule.kind,
            schedule.expr,
            schedule.enabled ? 'yes' : 'no',
            time(schedule.nextAt),
          ]),
        ),
      );
    });

  program
    .command('ledger')
    .description('what became of every due tick: fired, skipped, late or dropped, and why')
    .option('--pipeline <id>', 'only of this pipeline')
    .option(...limit)
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl ledger --pipeline gh-issues\n  hakictl ledger --limit 10 --json',
    )
    .action(async (flags: LimitFlags & { pipeline?: string }, command: Command) => {
      const { client, print } = contextOf(command, io);
      const page = await client.runs.ledger({
        limit: flags.limit,
        ...(flags.pipeline ? { pipeline: flags.pipeline } : {}),
      });
      print(page, () =>
        table(
          ['DUE', 'PIPELINE', 'DECISION', 'TICKS', 'RUN', 'WHY'],
          page.entries.map((entry) => [
            time(entry.dueAt),
            entry.pipeline,
            entry.decision,
            entry.count,
            entry.run,
            entry.reason,
          ]),
        ),
      );
    });

  program
    .command('nodes')
    .description('nodes that carry out runs')
    .option(...limit)
    .addHelpText('after', '\nExample:\n  hakictl nodes')
    .action(async (query: LimitFlags, command: Command) => {
      const { client, print } = contextOf(command, io);
      const page = await client.runs.nodes({ limit: query.limit });
      print(page, () =>
        table(
          ['NODE', 'POOLS', 'LABELS', 'LAST SEEN', 'RUNS'],
          page.nodes.map((node) => [
            node.name,
            node.pools.join(', '),
            node.labels.join(', '),
            time(node.lastSeenAt),
            node.runs.length,
          ]),
        ),
      );
    });
}
