// What of a document is not live, and taking it back.

import type { PendingChanges } from '@hakiri/client/apply';
import type { DiscardBody, DiscardResult } from '@hakiri/contracts/pending';
import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { Refused, UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { diffLines } from '../output.ts';

type DiscardFlags = { doc: string; variable?: string[]; field?: string[] };

export function addPendingCommands(program: Command, io: Io): void {
  program
    .command('pending')
    .description('how the document differs from what was last applied of it')
    .option('--doc <name>', 'the document', 'main')
    .addHelpText('after', '\nExamples:\n  hakictl pending\n  hakictl pending --doc finance --json')
    .action(async ({ doc }: { doc: string }, command: Command) => {
      const { client, print } = contextOf(command, io);
      const pending = await client.apply.pending(doc);
      print(pending, () => pendingText(pending));
    });

  program
    .command('discard')
    .description('write back into the document what was last applied; nobody’s edit since you asked is lost')
    .argument('[pipelines...]', 'by id or key')
    .option('--variable <name...>', 'these variables, by name or key')
    .option('--field <pointer...>', 'of the one pipeline or variable only these, such as /schedule/expr')
    .option('--doc <name>', 'the document', 'main')
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl discard gh-issues\n  hakictl discard gh-issues --field /schedule/expr\n  hakictl discard --variable HOST --json',
    )
    .action(async (pipelines: string[], flags: DiscardFlags, command: Command) => {
      const { client, print } = contextOf(command, io);
      const asked = bodyOf(pipelines, flags);
      const { version } = await client.apply.pending(flags.doc);
      const result = await client.apply.discard({ ...asked, version });
      print(result, () => discardText(result));
      if (result.kept.length > 0) throw new Refused();
    });
}

function bodyOf(pipelines: readonly string[], { doc, variable = [], field }: DiscardFlags): DiscardBody {
  const count = pipelines.length + variable.length;
  if (count === 0) throw new UsageError('Name a pipeline, or a variable with --variable.');
  if (field !== undefined && count > 1) throw new UsageError('--field goes with one pipeline or variable.');
  const fields = field === undefined ? {} : { fields: field };
  return {
    doc,
    pipelines: pipelines.map((pipeline) => ({ pipeline, ...fields })),
    variables: variable.map((name) => ({ variable: name, ...fields })),
  };
}

function pendingText({ revision = 'v0', pipelines, variables }: PendingChanges): string {
  const all = [...pipelines, ...variables];
  if (all.length === 0) return revision === 'v0' ? 'Nothing to apply.' : `All of it is live as ${revision}.`;
  const cosmetic = all.filter((change) => change.cosmetic).map(({ id }) => id);
  return [
    diffLines({ from: revision, to: 'now', pipelines, variables }),
    ...(cosmetic.length === 0 ? [] : [`Publishes by itself: ${cosmetic.join(', ')}.`]),
  ].join('\n');
}

function discardText({ discarded, kept }: DiscardResult): string {
  return [
    ...(discarded.length === 0 ? [] : [`As it was applied: ${discarded.join(', ')}.`]),
    ...(kept.length === 0 ? [] : [`Somebody edited meanwhile, so it stays: ${kept.join(', ')}.`]),
  ].join('\n');
}
