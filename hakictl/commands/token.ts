// Tokens of programs: made, listed and revoked at the server; narrowed and read offline, with public keys alone.
import type { TokenRole } from '@hakiri/contracts/roles';
import { ACTIONS, ROLE_ACTIONS } from '@hakiri/contracts/roles';
import type { Command } from 'commander';
import { duration, oneOf, wholeNumber } from '../arguments.ts';
import { contextOf, tokenInUse } from '../context.ts';
import { Refused, UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { table, time } from '../output.ts';

const ROLES = [
  'viewer',
  'editor',
  'applier',
  'admin',
  'owner',
  'node',
] as const satisfies readonly TokenRole[];
type CreateFlags = { role: TokenRole; days: number };
type NarrowFlags = { pipeline?: string[]; action?: string[]; readOnly?: boolean; expires?: number };

export function addTokenCommands(program: Command, io: Io): void {
  const token = program.command('token').description('tokens for programs: daemons, CI, agents');

  token
    .command('create')
    .description('make a token; it is shown once')
    .argument('<name>', 'what it is for')
    .requiredOption('--role <role>', ROLES.join(', '), oneOf(ROLES))
    .option('--days <count>', 'how long it lives', wholeNumber(1, 366), 30)
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl token create ci --role applier --days 90\n  hakictl token create rack-7 --role node',
    )
    .action(async (name: string, { role, days }: CreateFlags, command: Command) => {
      const { client, print } = contextOf(command, io);
      const issued = await client.auth.createToken({ name, role, ttlDays: days });
      print(
        issued,
        () =>
          `${issued.token}\n\nKeep it now: it is not shown again. It is ${issued.info.id}, valid until ${time(issued.info.expiresAt)}.`,
      );
    });

  token
    .command('list')
    .description('tokens of the team, without the tokens themselves')
    .addHelpText('after', '\nExample:\n  hakictl token list --json')
    .action(async (_options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const tokens = await client.auth.tokens();
      print({ tokens }, () =>
        table(
          ['ID', 'NAME', 'ROLE', 'CREATED', 'BY', 'EXPIRES', 'REVOKED'],
          tokens.map((info) => [
            info.id,
            info.name,
            info.role,
            time(info.createdAt),
            info.createdBy,
            time(info.expiresAt),
            time(info.revokedAt),
          ]),
        ),
      );
    });

  token
    .command('revoke')
    .description('end a token, and everything narrowed from it, within seconds')
    .argument('<id>', 'its id in the list')
    .addHelpText('after', '\nExample:\n  hakictl token revoke 01JD…')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      await client.auth.revokeToken(id);
      print({ revoked: id }, () => `Token ${id} is revoked.`);
    });

  token
    .command('attenuate')
    .description('make a narrower token from the one in use, to hand to somebody else')
    .option('--pipeline <id...>', 'serves these pipelines only')
    .option('--action <action...>', `serves these actions only: ${ACTIONS.join(', ')}`)
    .option('--read-only', 'serves reading only')
    .option('--expires <duration>', 'ends earlier: 90s, 15m, 1h, 7d', duration)
    .addHelpText(
      'after',
      `
Examples:
  hakictl token attenuate --read-only --expires 1h
  hakictl token attenuate --pipeline gh-issues --action manifest.apply doc.read

Whoever holds the second may run hakictl apply --pipeline gh-issues, and validate it, and nothing else.`,
    )
    .action(narrow);

  token
    .command('inspect')
    .description('verify a token with the server’s public keys and say whom it speaks for')
    .argument('[token]', 'the token (default: the one in use)')
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl token inspect\n  hakictl token inspect "$HAKIRI_TOKEN" --json',
    )
    .action(inspect);

  async function narrow(flags: NarrowFlags, command: Command): Promise<void> {
    const { client, print } = contextOf(command, io);
    const { attenuate } = await import('@hakiri/authz/token');
    const actions = allowedActions(flags);
    if (!actions && !flags.pipeline && flags.expires === undefined)
      throw new UsageError('Narrow it to what? Give --pipeline, --action, --read-only or --expires.');
    const narrowed = attenuate(await tokenInUse(command, io), await client.auth.keys(), {
      ...(actions ? { actions } : {}),
      ...(flags.pipeline ? { pipelines: flags.pipeline } : {}),
      ...(flags.expires === undefined ? {} : { expiresAtMs: Date.now() + flags.expires }),
    });
    print({ token: narrowed }, () => narrowed);
  }

  async function inspect(given: string | undefined, _options: unknown, command: Command): Promise<void> {
    const { client, print } = contextOf(command, io);
    const { verifyToken } = await import('@hakiri/authz/verify');
    const verified = verifyToken(given ?? (await tokenInUse(command, io)), await client.auth.keys());
    if (verified.kind !== 'verified') {
      const why =
        verified.kind === 'invalid' ? verified.reason : 'it is signed with a key this server does not have';
      print({ valid: false, reason: why }, () => `The token is not valid: ${why}.`);
      throw new Refused();
    }
    using opened = verified.token;
    const { expiresAtMs, revocationIds, ...who } = verified.principal;
    const expiresAt = new Date(expiresAtMs).toISOString();
    const blocks = Array.from({ length: opened.countBlocks() - 1 }, (_, index) =>
      opened.getBlockSource(index + 1).trim(),
    );
    print({ valid: true, ...who, expiresAt, narrowings: blocks, revocationIds }, () =>
      table(
        ['FIELD', 'VALUE'],
        [
          ['user', `${who.name} (${who.user})`],
          ['team', who.team],
          ['role', who.role],
          ['expires', `${time(expiresAt)}${expiresAtMs < Date.now() ? ' (expired)' : ''}`],
          ...blocks.map((block, index) => [`narrowing ${index + 1}`, block]),
        ],
      ),
    );
  }
}

function allowedActions({ action, readOnly }: NarrowFlags) {
  if (readOnly) return ROLE_ACTIONS.viewer;
  return action?.map((text) => {
    const found = ACTIONS.find((candidate) => candidate === text);
    if (found === undefined) throw new UsageError(`--action must be one of ${ACTIONS.join(', ')}.`);
    return found;
  });
}
