// What was applied: the list, one revision, and the difference of two.
import type { Revision } from '@hakiri/contracts/revision';
import type { Command } from 'commander';
import { revisionLabel, wholeNumber } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { diffLines, table, time } from '../output.ts';

export function addRevisionCommands(program: Command, io: Io): void {
  program
    .command('revisions')
    .description('list the applied revisions, newest first, or show one')
    .argument('[revision]', 'its label, such as v3 or v3.1', revisionLabel)
    .option('--toml', 'print its manifest')
    .option('--limit <count>', 'how many to list', wholeNumber(1, 200), 20)
    .option('--before <sequence>', 'list older ones than this', wholeNumber(1, 1_000_000_000))
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl revisions --limit 5\n  hakictl revisions 3\n  hakictl revisions 3 --toml > manifest.toml',
    )
    .action(async (revision: string | undefined, options: ListOptions, command: Command) => {
      const context = contextOf(command, io);
      if (revision === undefined && options.toml)
        throw new UsageError('Which revision? hakictl revisions 3 --toml');
      if (revision === undefined) return list(context, options);
      if (options.toml) {
        const toml = await context.client.apply.body(revision);
        return context.json ? context.print({ revision, toml }, () => '') : io.out(toml);
      }
      const found = await context.client.apply.revision(revision);
      context.print(found, () => details(found));
    });

  program
    .command('diff')
    .description('show what differs between two revisions')
    .argument('[from]', 'older revision (default: the one before <to>; v0 is nothing)', revisionLabel)
    .argument('[to]', 'newer revision (default: the latest)', revisionLabel)
    .addHelpText('after', '\nExamples:\n  hakictl diff\n  hakictl diff 1\n  hakictl diff v1 v2 --json')
    .action(async (from: string | undefined, to: string | undefined, _options: unknown, command: Command) => {
      const context = contextOf(command, io);
      const diff = await context.client.apply.diff(from, to);
      context.print(diff, () => diffLines(diff));
    });
}

type ListOptions = { toml?: boolean; limit: number; before?: number };

async function list({ client, print }: Context, { limit, before }: ListOptions): Promise<void> {
  const page = await client.apply.revisions({ limit, ...(before === undefined ? {} : { before }) });
  print(page, () =>
    page.revisions.length === 0
      ? 'Nothing is applied yet. Next: hakictl apply --all'
      : [
          table(
            ['REVISION', 'PUBLISHED', 'BY', 'PIPELINES', 'CHANGED', 'MESSAGE'],
            page.revisions.map((revision) => [
              revision.label,
              time(revision.publishedAt),
              revision.author,
              revision.pipelines,
              revision.changed.length + (revision.changedMore ?? 0),
              revision.message,
            ]),
          ),
          ...(page.next === undefined
            ? []
            : [`There are older ones: hakictl revisions --before ${page.next}`]),
        ].join('\n'),
  );
}

function details(revision: Revision): string {
  return table(
    ['FIELD', 'VALUE'],
    [
      ['revision', revision.label],
      ['file', revision.file],
      ['digest', revision.digest],
      ['published', time(revision.publishedAt)],
      ['by', revision.author],
      ['message', revision.message],
      ['scope', JSON.stringify(revision.scope)],
      ['pipelines', revision.pipelines],
      ['changed', revision.changed.join(', ')],
    ],
  );
}
