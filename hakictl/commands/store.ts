// The blob store: whether it has what was published.
import type { StoreReport } from '@hakiri/contracts/store-check';
import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { Refused } from '../failure.ts';
import type { Io } from '../io.ts';
import { table } from '../output.ts';

export function addStoreCommands(program: Command, io: Io): void {
  const store = program.command('store').description('where published manifests are kept');

  store
    .command('check')
    .description(
      'prove that nothing published is missing or damaged, and nothing is there that no revision needs',
    )
    .option(
      '--delete-unreferenced',
      'delete the files that belong to no revision; otherwise nothing is deleted',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl store check\n  hakictl store check --delete-unreferenced --json',
    )
    .action(async (options: { deleteUnreferenced?: boolean }, command: Command) => {
      const { client, print, json } = contextOf(command, io);
      const { deleteUnreferenced = false } = options;
      const report = await client.store.check({
        deleteUnreferenced,
        onProgress: (checked, revisions) => {
          if (!json) io.err(`${checked} of ${revisions} revisions\n`);
        },
      });
      print(report, () => reportText(report, deleteUnreferenced));
      if (!isClean(report)) throw new Refused();
    });
}

/** What was deleted is clean now. */
function isClean({ findings, findingsMore, deleted }: StoreReport): boolean {
  const unreferenced = findings.filter(({ kind }) => kind === 'unreferenced').length;
  return findingsMore === 0 && findings.length === (deleted >= unreferenced ? unreferenced : 0);
}

function reportText(report: StoreReport, deletes: boolean): string {
  const { revisions, files, findings, findingsMore, deleted } = report;
  const isUseless = findings.some(({ kind }) => kind === 'unreferenced');
  return [
    findings.length === 0
      ? `All ${revisions} revisions are there as they were published; ${files} files, none without a revision.`
      : table(
          ['FOUND', 'FILE'],
          findings.map(({ kind, file }) => [kind, file]),
        ),
    ...(findingsMore > 0 ? [`and ${findingsMore} more`] : []),
    ...(deletes ? [`Deleted ${deleted}.`] : []),
    ...(isUseless && !deletes
      ? ['Nothing was deleted. Next: hakictl store check --delete-unreferenced']
      : []),
    ...(findings.some(({ kind }) => kind === 'missing' || kind === 'damaged')
      ? ['Put what is missing or damaged back from a backup, under its name. See docs/operate.md.']
      : []),
  ].join('\n');
}
