// Apply requests that wait for people or for a time: listed, looked at, decided; and the policy that lets them wait.
import type { ApplyStatus } from '@hakiri/contracts/apply';
import type { RequestSummary, RequestView } from '@hakiri/contracts/approval';
import { ApplyPolicy, type SavedPolicy } from '@hakiri/contracts/policy';
import { Value } from '@sinclair/typebox/value';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { diffLines, issueTable, table, time } from '../output.ts';
import { readText } from '../text-file.ts';

type ListFlags = { all?: boolean; limit: number; before?: string };

export function addRequestCommands(program: Command, io: Io): void {
  const requests = program
    .command('requests')
    .description('applies that wait for approval or for their time');

  requests
    .command('list', { isDefault: true })
    .description('those that wait, newest first')
    .option('--all', 'also those that ended within the last day')
    .option('--limit <count>', 'how many', wholeNumber(1, 100), 20)
    .option('--before <id>', 'only those before this one')
    .addHelpText('after', '\nExamples:\n  hakictl requests\n  hakictl requests list --all --json')
    .action(async ({ all, limit, before }: ListFlags, command: Command) => {
      const { client, print } = contextOf(command, io);
      const page = await client.requests.list({
        state: all ? 'all' : 'waiting',
        limit,
        ...(before === undefined ? {} : { before }),
      });
      print(page, () =>
        page.requests.length === 0
          ? 'Nothing waits.'
          : table(['ID', 'BY', 'ASKED', 'STATE', 'WAITS FOR', 'MESSAGE'], page.requests.map(rowOf)),
      );
    });

  requests
    .command('show')
    .description('what became of one; while it waits, exactly what it would change')
    .argument('<id>', 'of the list')
    .addHelpText('after', '\nExample:\n  hakictl requests show 01JD…')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const view = await client.requests.show(id);
      print(view, () => viewText(view));
    });

  requests
    .command('approve')
    .description('agree that it goes live, with exactly what `show` shows')
    .argument('<id>', 'of the list')
    .option('--digest <digest>', 'of what you looked at (default: what it would change now)')
    .option('-m, --message <text>', 'for the record')
    .addHelpText('after', "\nExample:\n  hakictl requests approve 01JD… --digest sha256:… -m 'looks right'")
    .action(async (id: string, options: { digest?: string; message?: string }, command: Command) => {
      const { client, print } = contextOf(command, io);
      const digest = options.digest ?? (await proposalDigest(client.requests.show(id)));
      const status = await client.requests.approve(id, digest, options.message);
      print(status, () => statusText(status));
    });

  requests
    .command('reject')
    .description('refuse it, and say why')
    .argument('<id>', 'of the list')
    .requiredOption('-m, --message <text>', 'why')
    .addHelpText('after', "\nExample:\n  hakictl requests reject 01JD… -m 'not on Friday'")
    .action(async (id: string, options: { message: string }, command: Command) => {
      const { client, print } = contextOf(command, io);
      const status = await client.requests.reject(id, options.message);
      print(status, () => statusText(status));
    });

  requests
    .command('cancel')
    .description('take back your own, or as an admin anybody’s')
    .argument('<id>', 'of the list')
    .addHelpText('after', '\nExample:\n  hakictl requests cancel 01JD…')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const status = await client.requests.cancel(id);
      print(status, () => statusText(status));
    });

  const policy = program
    .command('policy')
    .description('who has to agree before what goes live, and when nothing may');

  policy
    .command('show', { isDefault: true })
    .description('as JSON, in the form that `set` takes, with its version')
    .addHelpText('after', '\nExample:\n  hakictl policy show > policy.json')
    .action(async (_options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const saved = await client.requests.policy();
      print(saved, () => JSON.stringify(saved, null, 2));
    });

  policy
    .command('set')
    .description('save a policy; refused when somebody saved another after the version in the file')
    .argument('<file>', 'what `show` printed, changed; or - for standard input')
    .addHelpText('after', '\nExample:\n  hakictl policy set policy.json')
    .action(async (file: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const body = policyOf(file === '-' ? await io.stdin() : await readText(file));
      const saved = await client.requests.savePolicy(body);
      print(saved, () => `Saved version ${saved.version}.`);
    });
}

async function proposalDigest(shown: Promise<RequestView>): Promise<string> {
  const { proposal, unavailable } = await shown;
  if (proposal) return proposal.digest;
  throw new UsageError(
    unavailable ?? 'It does not wait for approval: hakictl requests show says what became of it.',
  );
}

/** @throws UsageError */
function policyOf(text: string): Pick<SavedPolicy, 'version' | 'policy'> {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw new UsageError('The file is not JSON. Begin with: hakictl policy show > policy.json');
  }
  if (typeof read === 'object' && read !== null && 'version' in read && 'policy' in read) {
    const { version, policy } = read;
    if (typeof version === 'number' && Value.Check(ApplyPolicy, policy)) return { version, policy };
    const [first] = Value.Errors(ApplyPolicy, policy);
    if (first) throw new UsageError(`${first.path || '/'}: ${first.message}.`);
  }
  throw new UsageError(
    'The file has no `version` and `policy`. Begin with: hakictl policy show > policy.json',
  );
}

function rowOf(request: RequestSummary): (string | undefined)[] {
  return [
    request.id,
    request.author,
    time(request.createdAt),
    request.state,
    waitsFor(request),
    request.message,
  ];
}

function waitsFor({ dueAt, state, approval }: ApplyStatus): string {
  if (dueAt !== undefined) return time(dueAt);
  if (state !== 'awaiting_approval') return '';
  return (approval?.needs ?? [])
    .map(({ group, approvals, given }) => `${group || 'everything'} ${given}/${approvals}`)
    .join(', ');
}

function statusText(status: ApplyStatus): string {
  switch (status.state) {
    case 'published':
      return `Published ${status.revision?.label ?? ''}.`;
    case 'scheduled':
      return `It goes live at ${time(status.dueAt)}.`;
    case 'awaiting_approval':
      return `It still waits for approval: ${waitsFor(status)}.`;
    case 'refused':
      return `It is refused: ${status.problem?.detail ?? ''}`;
    case 'pending':
      return 'It is being applied.';
  }
}

function viewText(view: RequestView): string {
  const { proposal, approval, unavailable } = view;
  const given = (approval?.approvals ?? []).map(({ user, at, reason, isVoid, counts }) => [
    user,
    time(at),
    isVoid ? 'void: the content changed since' : counts ? 'counts' : 'does not count: may not approve now',
    reason,
  ]);
  return [
    table(['ID', 'BY', 'ASKED', 'STATE', 'WAITS FOR', 'MESSAGE'], [rowOf(view)]),
    ...(given.length > 0 ? ['', table(['APPROVED BY', 'AT', '', 'REASON'], given)] : []),
    ...(view.problem
      ? ['', view.problem.detail, ...(view.problem.issues ? [issueTable(view.problem.issues)] : [])]
      : []),
    ...(unavailable === undefined ? [] : ['', unavailable]),
    ...(proposal ? ['', diffLines(proposal.diff), '', `digest ${proposal.digest}`] : []),
  ].join('\n');
}
