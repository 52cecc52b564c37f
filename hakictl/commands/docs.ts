// The documents of the team: list, create, rename, archive, and move a group from one to another.
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { MoveResult } from '@hakiri/contracts/sync';
import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { Refused } from '../failure.ts';
import type { Io } from '../io.ts';
import { table, time } from '../output.ts';

export function addDocumentCommands(program: Command, io: Io): void {
  const docs = program.command('docs').description('the documents of the team');

  docs
    .command('list', { isDefault: true })
    .description('every document, with its title')
    .option('--archived', 'also those that are archived')
    .addHelpText('after', '\nExamples:\n  hakictl docs\n  hakictl docs list --archived --json')
    .action(async ({ archived = false }: { archived?: boolean }, command: Command) => {
      const { client, print } = contextOf(command, io);
      const list = await client.documents.list({ archived });
      print({ docs: list }, () =>
        table(
          ['DOC', 'TITLE', 'CREATED', 'BY', 'ARCHIVED'],
          list.map(({ doc, title, createdAt, createdBy, archivedAt }) => [
            doc,
            title,
            time(createdAt),
            createdBy,
            time(archivedAt),
          ]),
        ),
      );
    });

  docs
    .command('create')
    .description('make an empty document')
    .argument('<doc>', 'its name: lower-case letters, digits and hyphens; it stays')
    .option('--title <text>', 'what lists show; may be changed')
    .addHelpText('after', '\nExample:\n  hakictl docs create finance --title "Finance pipelines"')
    .action(async (doc: string, { title }: { title?: string }, command: Command) => {
      const { client, print } = contextOf(command, io);
      const info = await client.documents.create({ doc, ...(title === undefined ? {} : { title }) });
      print(info, () => `Created ${info.doc}.`);
    });

  docs
    .command('rename')
    .description('give a document another title; its name stays')
    .argument('<doc>', 'name in the list')
    .argument('<title>', 'what lists show')
    .addHelpText('after', '\nExample:\n  hakictl docs rename finance "Finance and tax"')
    .action(async (doc: string, title: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const info = await client.documents.update(doc, { title });
      print(info, () => `${info.doc} is now titled ${info.title}.`);
    });

  docs
    .command('archive')
    .description('end editing of a document: it is read, leaves the list, and what is live of it stays live')
    .argument('<doc>', 'name in the list')
    .addHelpText('after', '\nExample:\n  hakictl docs archive finance')
    .action(async (doc: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const info = await client.documents.update(doc, { archived: true });
      print(info, () => `${info.doc} is archived. Take it back with: hakictl docs unarchive ${info.doc}`);
    });

  docs
    .command('unarchive')
    .description('take an archived document back')
    .argument('<doc>', 'name in the list (docs list --archived)')
    .addHelpText('after', '\nExample:\n  hakictl docs unarchive finance')
    .action(async (doc: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const info = await client.documents.update(doc, { archived: false });
      print(info, () => `${info.doc} is edited again.`);
    });

  docs
    .command('move-group')
    .description('move a group, with the groups below it, to another document; applies nothing')
    .argument('<group>', 'its path')
    .requiredOption('--to <doc>', 'the document it goes to')
    .option('--from <doc>', 'the document it is in', DEFAULT_DOC)
    .addHelpText(
      'after',
      '\nAsking again goes on where it ended. It exits with 1 while something is left.\n' +
        '\nExample:\n  hakictl docs move-group finance --to finance\n  hakictl apply --doc finance --all\n  hakictl apply --all',
    )
    .action(async (group: string, { from, to }: { from: string; to: string }, command: Command) => {
      const { client, print } = contextOf(command, io);
      const result = await client.documents.moveGroup(from, { group, to });
      print(result, () => moveText(result, { from, to }));
      if (result.state !== 'done') throw new Refused();
    });
}

const WHY = {
  edited: 'somebody goes on editing it: ask again',
  conflict: 'it differs in both documents: delete it in one of them, then ask again',
} as const;

function moveText(
  { state, moved, remaining, variables }: MoveResult,
  { from, to }: { from: string; to: string },
): string {
  const { copied, differing } = variables;
  return [
    `Moved ${moved} ${moved === 1 ? 'pipeline' : 'pipelines'} from ${from} to ${to}.`,
    ...(copied.length > 0 ? [`Variables copied: ${copied.join(', ')}`] : []),
    ...(differing.length > 0
      ? [`Variables that ${to} has with another value, left as they are there: ${differing.join(', ')}`]
      : []),
    ...(remaining.length > 0
      ? [
          `Left in ${from}:`,
          table(
            ['PIPELINE', 'KEY', 'WHY'],
            remaining.map(({ id, key, why }) => [id, key, WHY[why]]),
          ),
        ]
      : []),
    ...(state === 'done'
      ? [`Next: hakictl apply --doc ${to} --all, then hakictl apply --doc ${from} --all`]
      : []),
  ].join('\n');
}
