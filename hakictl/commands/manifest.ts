// Apply and validate: what of the document goes live.
import { waitingSentence } from '@hakiri/client/apply';
import type { Client } from '@hakiri/client/client';
import { ApiProblem } from '@hakiri/client/errors';
import type { ApplyBody, Validation } from '@hakiri/contracts/apply';
import { DEFAULT_DOC, type DocVersion } from '@hakiri/contracts/names';
import type { PolicyVerdict } from '@hakiri/contracts/policy';
import type { Scope } from '@hakiri/contracts/scope';
import type { Command } from 'commander';
import { type Context, contextOf } from '../context.ts';
import { Refused, UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { diffLines, issueTable, table, time } from '../output.ts';
import { applyFromFile } from './from-file.ts';

type ApplyFlags = {
  message?: string;
  at?: string;
  timezone?: string;
  window?: boolean;
  latest?: boolean;
  override?: boolean;
  dryRun?: boolean;
  fromFile?: string;
  base?: string;
  folder?: string;
  withDrafts?: boolean;
};
type ScopeOptions = { doc: string; pipeline?: string[]; group?: string[]; all?: boolean };

export function addManifestCommands(program: Command, io: Io): void {
  withScope(program.command('apply'))
    .description('validate and publish the document, or a part of it, as the next revision')
    .option('-m, --message <text>', 'why, for those who read the list of revisions')
    .option('--at <time>', 'go live then: 2026-03-29T02:30:00Z, or without Z on the clock of --timezone')
    .option('--timezone <name>', 'of --at, such as Europe/Berlin')
    .option('--window', 'go live as soon as freezes and apply windows let')
    .option('--latest', 'when it goes later, take what the document holds then')
    .option('--override', 'apply in spite of a freeze; needs a message, and is on record')
    .option('--from-file <path>', 'first merge this file, or the folder with all below it, into the document')
    .option('--base <what>', 'of --from-file: a revision, a file or a folder to merge over')
    .option('--folder <name>', 'of --from-file: what the server remembers it under (default: its name)')
    .option('--with-drafts', 'of --from-file: also apply what people drafted in pipelines of the folder')
    .option('--dry-run', 'only say what would be published; with --json to the byte')
    .addHelpText(
      'after',
      `
Examples:
  hakictl apply --pipeline gh-issues -m 'poll every five minutes'
  hakictl apply --group ingest/github
  hakictl apply --group ingest/github finance --pipeline orders-live
  hakictl apply --all --at 2026-03-29T02:30 --timezone Europe/Berlin
  hakictl apply --all --dry-run
  hakictl apply --from-file pipelines/ --dry-run
  hakictl apply --all --json`,
    )
    .action(async (options: ScopeOptions & ApplyFlags, command: Command) => {
      const context = contextOf(command, io);
      const { fromFile } = options;
      if (fromFile !== undefined) {
        if (options.pipeline !== undefined || options.group !== undefined)
          throw new UsageError('--from-file says itself what is applied: leave --pipeline and --group out.');
        return applyFromFile(context, { ...options, fromFile }, flagsOf(options));
      }
      if (options.base !== undefined || options.folder !== undefined || options.withDrafts)
        throw new UsageError('--base, --folder and --with-drafts go with --from-file.');
      const body = { ...(await applyBody(context, options)), ...flagsOf(options) };
      if (options.dryRun) return dryRun(context, body);
      const sent = await context.client.apply.submit(body);
      if (sent.kind === 'waiting') {
        const { status } = sent;
        context.print(status, () => `${waitingSentence(status)}\nhakictl requests show ${status.id}`);
        return;
      }
      const { revision, unchanged, warnings = [] } = sent.published;
      context.print(sent.published, () =>
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

function flagsOf({ message, at, timezone, window, latest, override }: ApplyFlags): Partial<ApplyBody> {
  return {
    ...(message === undefined ? {} : { message }),
    ...(at === undefined ? {} : { at }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(window ? { window: 'next' as const } : {}),
    ...(latest ? { latest } : {}),
    ...(override ? { override } : {}),
  };
}

/** @throws Refused when the policy would */
async function dryRun({ client, print }: Context, body: ApplyBody): Promise<void> {
  const dry = await client.requests.dryRun(body);
  print(dry, () =>
    [
      dry.unchanged
        ? `Nothing differs from ${dry.revision}: nothing would be published.`
        : `It would publish ${dry.revision} (${dry.digest}).`,
      ...(dry.warnings.length > 0 ? [issueTable(dry.warnings)] : []),
      ...(dry.unchanged ? [] : [diffLines(dry.diff)]),
      policyText(dry.policy),
    ].join('\n'),
  );
  if (dry.policy.kind === 'refused') throw new Refused();
}

function policyText(verdict: PolicyVerdict): string {
  switch (verdict.kind) {
    case 'go':
      return verdict.overrode.length === 0
        ? 'It would go at once.'
        : `It would go at once, in spite of: ${verdict.overrode.join(', ')}.`;
    case 'approval':
      return `It would wait for approval of ${verdict.needs.map(({ group }) => group || 'everything').join(', ')}.`;
    case 'wait':
      return `It would go at ${verdict.until}.`;
    case 'refused':
      return `It would be refused: ${verdict.problem.detail}`;
  }
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

function validationText({ valid, issues, revision, unchanged, diff, upcoming = [] }: Validation): string {
  const verdict = !valid
    ? 'Not valid: an apply would be refused.'
    : unchanged
      ? `Valid, and nothing differs from ${revision}.`
      : `Valid: an apply would publish ${revision}.`;
  return [
    verdict,
    ...(issues.length > 0 ? [issueTable(issues)] : []),
    ...(diff && !unchanged ? [diffLines(diff)] : []),
    ...(upcoming.length > 0
      ? [
          table(
            ['PIPELINE', 'FIRES NEXT'],
            upcoming.map(({ pipeline, next }) => [pipeline, next.map(time).join(', ')]),
          ),
        ]
      : []),
  ].join('\n');
}
