// Apply and validate: what of the document goes live.
import type { Client } from '@hakiri/client/client';
import { ApiProblem } from '@hakiri/client/errors';
import type { ApplyBody, Validation } from '@hakiri/contracts/apply';
import { DEFAULT_DOC, type DocVersion } from '@hakiri/contracts/names';
import type { Scope } from '@hakiri/contracts/scope';
import type { Command } from 'commander';
import { type Context, contextOf } from '../context.ts';
import { Refused, UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { diffLines, issueTable } from '../output.ts';

type ScopeOptions = { doc: string; pipeline?: string[]; group?: string[]; all?: boolean };

export function addManifestCommands(program: Command, io: Io): void {
  withScope(program.command('apply'))
    .description('validate and publish the document, or a part of it, as the next revision')
    .option('-m, --message <text>', 'why, for those who read the list of revisions')
    .addHelpText(
      'after',
      `
Examples:
  hakictl apply --pipeline gh-issues -m 'poll every five minutes'
  hakictl apply --group ingest/github
  hakictl apply --group ingest/github finance --pipeline orders-live
  hakictl apply --all --json`,
    )
    .action(async (options: ScopeOptions & { message?: string }, command: Command) => {
      const context = contextOf(command, io);
      const body = await applyBody(context, options);
      const message = options.message === undefined ? {} : { message: options.message };
      const published = await context.client.apply.apply({ ...body, ...message });
      const { revision, unchanged, warnings = [] } = published;
      context.print(published, () =>
        [
          unchanged
            ? `Nothing differs from ${revision.label}: nothing to publish.`
            : `Published ${revision.label} (${revision.file}), holds ${revision.pipelines}, changed: ${revision.changed.join(', ') || 'none'}`,
          ...(warnings.length > 0 ? [issueTable(warnings)] : []),
        ].join('\n'),
      );
    });

  withScope(program.command('validate'))
    .description('say what an apply would come to, without publishing anything')
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl validate --all\n  hakictl validate --pipeline gh-issues --json',
    )
    .action(async (options: ScopeOptions, command: Command) => {
      const context = contextOf(command, io);
      const validation = await context.client.apply.validate(await applyBody(context, options));
      context.print(validation, () => validationText(validation));
      if (!validation.valid) throw new Refused();
    });
}

function withScope(command: Command): Command {
  return command
    .option('--pipeline <id...>', 'only these pipelines')
    .option('--group <path...>', 'only these groups and what is below them; together with --pipeline, both')
    .option('--all', 'everything')
    .option('--doc <name>', 'the document', DEFAULT_DOC);
}

/** Names the version that the server holds now, so that what is shown is what goes live. @throws UsageError */
async function applyBody({ client }: Context, options: ScopeOptions): Promise<ApplyBody> {
  const scope = scopeOf(options);
  return { doc: options.doc, scope, version: await versionOf(client, options.doc, scope) };
}

/** Read from a pipeline where one is named: a token that was narrowed to it may not read the whole document. */
async function versionOf({ apply }: Client, doc: string, scope: Scope): Promise<DocVersion> {
  const first = scope.kind === 'pipelines' ? scope.pipelines[0] : undefined;
  try {
    if (first !== undefined) return (await apply.pipeline(doc, first)).version;
  } catch (error) {
    // One that was deleted from the document is still there to be applied away.
    if (!(error instanceof ApiProblem && error.problem.code === 'not_found')) throw error;
  }
  return (await apply.document(doc)).version;
}

function scopeOf({ pipeline = [], group = [], all }: ScopeOptions): Scope {
  const [first, ...others] = group;
  if (pipeline.length + group.length > 0 === (all !== undefined))
    throw new UsageError('Say what: --pipeline <id…>, --group <path…> or both, or else --all.');
  if (first === undefined) return all ? { kind: 'all' } : { kind: 'pipelines', pipelines: pipeline };
  return others.length + pipeline.length === 0
    ? { kind: 'group', group: first }
    : { kind: 'selection', groups: group, pipelines: pipeline };
}

function validationText({ valid, issues, revision, unchanged, diff }: Validation): string {
  const verdict = !valid
    ? 'Not valid: an apply would be refused.'
    : unchanged
      ? `Valid, and nothing differs from ${revision}.`
      : `Valid: an apply would publish ${revision}.`;
  return [
    verdict,
    ...(issues.length > 0 ? [issueTable(issues)] : []),
    ...(diff && !unchanged ? [diffLines(diff)] : []),
  ].join('\n');
}
