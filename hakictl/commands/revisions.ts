// What was applied: the list, one revision, and the difference of two.
import type { Revision } from '@hakiri/contracts/apply';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { Refused, UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { diffLines, table, time } from '../output.ts';

const number = wholeNumber(0, 1_000_000_000);

export function addRevisionCommands(program: Command, io: Io): void {
  program
    .command('revisions')
    .description('list the applied revisions, newest first, or show one')
    .argument('[revision]', 'its number, such as 3 or v3', number)
    .option('--toml', 'print its manifest')
    .option('--limit <count>', 'how many to list', wholeNumber(1, 200), 20)
    .option('--before <revision>', 'list older ones than this', number)
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl revisions --limit 5\n  hakictl revisions 3\n  hakictl revisions 3 --toml > manifest.toml',
    )
    .action(async (revision: number | undefined, options: ListOptions, command: Command) => {
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
    .argument('[from]', 'older revision (default: the one before <to>; 0 is nothing)', number)
    .argument('[to]', 'newer revision (default: the latest)', number)
    .addHelpText('after', '\nExamples:\n  hakictl diff\n  hakictl diff 1\n  hakictl diff v1 v2 --json')
    .action(async (from: number | undefined, to: number | undefined, _options: unknown, command: Command) => {
      const context = contextOf(command, io);
      const newer = to ?? (await latestNumber(context));
      const diff = await context.client.apply.diff(from ?? newer - 1, newer);
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

async function latestNumber({ client, print }: Context): Promise<number> {
  const [latest] = (await client.apply.revisions({ limit: 1 })).revisions;
  if (latest) return latest.number;
  print(
    { problem: { code: 'not_found', detail: 'Nothing is applied yet.' } },
    () => 'Nothing is applied yet.',
  );
  throw new Refused();
}
