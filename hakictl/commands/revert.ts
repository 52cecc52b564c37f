// Takes back what was applied: entries of an earlier revision into the documents, and live again if asked.
import type { RevertResult } from '@hakiri/contracts/revert';
import type { Command } from 'commander';
import { revisionLabel } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { Refused, UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { diffLines, issueTable } from '../output.ts';

type Options = {
  pipeline?: string[];
  doc?: string;
  message?: string;
  dryRun?: boolean;
  apply?: boolean;
  digest?: string;
};

export function addRevertCommand(program: Command, io: Io): void {
  program
    .command('revert')
    .description('write what an earlier revision had back into the documents; publishes nothing unless asked')
    .argument('<revision>', 'its label, such as v3 or v3.1', revisionLabel)
    .option('--pipeline <id...>', 'only these pipelines, by id or key')
    .option('--doc <name>', 'only this document')
    .option('-m, --message <text>', 'why, for those who read the list of revisions')
    .option('--apply', 'publish it, too')
    .option('--dry-run', 'only say what would be written')
    .option('--digest <digest>', 'only if it would change exactly what the dry run with this digest said')
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl revert v3 --dry-run\n  hakictl revert v3 --pipeline gh-issues --apply\n  hakictl revert v3 --apply --json',
    )
    .action(async (to: string, options: Options, command: Command) => {
      const { pipeline, doc, message, dryRun, apply, digest } = options;
      if (dryRun && apply) throw new UsageError('Say --dry-run or --apply, not both.');
      const { client, print } = contextOf(command, io);
      const result = await client.apply.revert({
        to,
        ...(pipeline === undefined ? {} : { pipelines: pipeline }),
        ...(doc === undefined ? {} : { doc }),
        ...(message === undefined ? {} : { message }),
        ...(dryRun ? { dryRun } : {}),
        ...(apply ? { apply } : {}),
        ...(digest === undefined ? {} : { digest }),
      });
      print(result, () => revertText(result));
      if (result.documents.some((document) => document.apply?.state === 'refused')) throw new Refused();
    });
}

function revertText({ dryRun, to, documents, issues, digest }: RevertResult): string {
  return [
    ...documents.flatMap(({ doc, updates, pipelines, variables, scope, apply }) => [
      updates === 0
        ? `${doc}: nothing to write.`
        : `${doc}: ${dryRun ? 'this would be' : 'this is'} as in ${to} again:`,
      ...(updates === 0 ? [] : [diffLines({ from: 'now', to, pipelines, variables })]),
      ...(apply ? [applyText(apply)] : []),
      ...(scope && !apply && !dryRun ? [`Next: ${nextCommand(doc, scope)}`] : []),
    ]),
    ...(issues.length > 0 ? [issueTable(issues)] : []),
    ...(digest === undefined ? [] : [`Exactly this: --digest ${digest}`]),
  ].join('\n');
}

type Reverted = RevertResult['documents'][number];

function applyText({ id, state, revision, unchanged, problem }: NonNullable<Reverted['apply']>): string {
  if (state === 'published')
    return unchanged ? `Nothing differs from ${revision?.label}.` : `Published ${revision?.label}.`;
  if (state === 'refused') return `Not applied: ${problem?.detail ?? 'it was refused.'}`;
  return `The apply ${id} waits: hakictl requests show ${id}`;
}

function nextCommand(doc: string, scope: NonNullable<Reverted['scope']>): string {
  const what = scope.kind === 'pipelines' ? `--pipeline ${scope.pipelines.join(' ')}` : '--all';
  return `hakictl apply --doc ${doc} ${what}`;
}
