// The team: members, invitations, roles, and the audit log.
import type { MemberRole } from '@hakiri/contracts/roles';
import type { Command } from 'commander';
import { oneOf, wholeNumber } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { Refused } from '../failure.ts';
import type { Io } from '../io.ts';
import { table, time } from '../output.ts';

const ROLES = ['viewer', 'editor', 'applier', 'admin', 'owner'] as const satisfies readonly MemberRole[];
type AuditFlags = { after?: number; limit: number; verify?: boolean };

export function addTeamCommands(program: Command, io: Io): void {
  const members = program.command('members').description('who is in the team');

  members
    .command('list', { isDefault: true })
    .description('everybody, with role')
    .addHelpText('after', '\nExample:\n  hakictl members --json')
    .action(async (_options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const list = await client.auth.members();
      print({ members: list }, () =>
        table(
          ['USER', 'NAME', 'ROLE', 'SINCE'],
          list.map((member) => [member.user, member.name, member.role, time(member.since)]),
        ),
      );
    });

  members
    .command('invite')
    .description('make a link with which somebody joins the team, once')
    .argument('<name>', 'their name')
    .requiredOption('--role <role>', ROLES.join(', '), oneOf(ROLES))
    .addHelpText('after', '\nExample:\n  hakictl members invite Bob --role editor')
    .action(async (name: string, { role }: { role: MemberRole }, command: Command) => {
      const { client, print, url } = contextOf(command, io);
      const { code, expiresAt } = await client.auth.createLink({ kind: 'invite', name, role });
      const link = `${url}/#code=${code}`;
      print(
        { link, code, expiresAt },
        () => `${link}\n\nIt works once, until ${time(expiresAt)}. Send it to ${name}.`,
      );
    });

  members
    .command('link')
    .description('make a link with which you sign in yourself elsewhere, once')
    .addHelpText('after', '\nExample:\n  hakictl members link')
    .action(async (_options: unknown, command: Command) => {
      const { client, print, url } = contextOf(command, io);
      const { code, expiresAt } = await client.auth.createLink({ kind: 'self' });
      const link = `${url}/#code=${code}`;
      print({ link, code, expiresAt }, () => `${link}\n\nIt works once, until ${time(expiresAt)}.`);
    });

  members
    .command('role')
    .description('change somebody’s role')
    .argument('<user>', 'id in the list')
    .argument('<role>', ROLES.join(', '), oneOf(ROLES))
    .addHelpText('after', '\nExample:\n  hakictl members role 01JD… applier')
    .action(async (user: string, role: MemberRole, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const member = await client.auth.updateMember(user, { role });
      print(member, () => `${member.name} is now ${member.role}.`);
    });

  members
    .command('remove')
    .description('take somebody out of the team')
    .argument('<user>', 'id in the list')
    .addHelpText('after', '\nExample:\n  hakictl members remove 01JD…')
    .action(async (user: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      await client.auth.removeMember(user);
      print({ removed: user }, () => `${user} is no longer in the team.`);
    });

  program
    .command('audit')
    .description('the audit log: who did, or tried, what; the newest entries, the latest last')
    .option(
      '--after <sequence>',
      'the entries behind this one instead, the oldest of them first',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .option('--limit <count>', 'how many', wholeNumber(1, 500), 100)
    .option('--verify', 'recompute the chain of hashes instead of listing')
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl audit --limit 20\n  hakictl audit --after 500 --json\n  hakictl audit --verify',
    )
    .action(async ({ after, limit, verify }: AuditFlags, command: Command) => {
      const context = contextOf(command, io);
      if (verify) return verifyAudit(context);
      const page = await context.client.auth.audit(
        after === undefined ? { newest: true, limit } : { after, limit },
      );
      const first = page.entries[0]?.sequence ?? 1;
      const before = `hakictl audit --after ${Math.max(0, first - 1 - limit)} --limit ${limit}`;
      context.print(page, () =>
        [
          table(
            ['#', 'AT', 'WHO', 'ACTION', 'OUTCOME', 'TARGET', 'DETAIL'],
            page.entries.map((entry) => [
              entry.sequence,
              time(entry.at),
              `${entry.actor.kind}:${entry.actor.id}`,
              entry.action,
              entry.outcome,
              entry.target,
              JSON.stringify(entry.detail),
            ]),
          ),
          ...(after === undefined && first > 1 ? [`There are older ones: ${before}`] : []),
          ...(page.next === undefined ? [] : [`There are newer ones: hakictl audit --after ${page.next}`]),
        ].join('\n'),
      );
    });
}

async function verifyAudit({ client, print }: Context): Promise<void> {
  const check = await client.auth.verifyAudit();
  print(check, () =>
    check.intact
      ? `All ${check.entries} entries hold. Head: ${check.head}`
      : `The log was changed: entry ${check.brokenAt} does not fit the one before it.`,
  );
  if (!check.intact) throw new Refused();
}
