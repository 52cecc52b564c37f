// Builds the commands, runs one, and turns what happened into an exit code and, when it failed, into what to do next.
import { Command, CommanderError } from 'commander';
import { addConfigCommands } from './commands/config.ts';
import { addDeliveryCommands } from './commands/delivery.ts';
import { addDocumentCommands } from './commands/docs.ts';
import { addManifestCommands } from './commands/manifest.ts';
import { addPendingCommands } from './commands/pending.ts';
import { addPipelineCommands } from './commands/pipeline.ts';
import { addRequestCommands } from './commands/requests.ts';
import { addRevertCommand } from './commands/revert.ts';
import { addRevisionCommands } from './commands/revisions.ts';
import { addRunCommands } from './commands/runs.ts';
import { addScheduleCommands } from './commands/schedules.ts';
import { addSignInCommands } from './commands/sign-in.ts';
import { addStoreCommands } from './commands/store.ts';
import { addTeamCommands } from './commands/team.ts';
import { addTokenCommands } from './commands/token.ts';
import { EXIT, reportFailure, UsageError } from './failure.ts';
import type { Io } from './io.ts';

const AFTER_HELP = `
Exit codes: ${EXIT.ok} done, ${EXIT.refused} refused, ${EXIT.usage} wrong usage, ${EXIT.unreachable} server not reachable, ${EXIT.conflict} files and document in conflict.

Environment:
  HAKIRI_URL, HAKIRI_TOKEN   server and token, instead of a sign-in (good for CI); --url and --token go before them
  XDG_CONFIG_HOME            where hakiri/session.json is kept (default ~/.config)
`;

/** Never throws: the exit code says how it went. */
export async function runCommandLine(args: readonly string[], io: Io): Promise<number> {
  const json = args.includes('--json');
  const program = createProgram(io, json);
  let command: string | undefined;
  program.hook('preAction', (_program, action) => {
    command = action.name();
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(error, { io, json, command });
    if (error.exitCode === 0) return EXIT.ok;
    return json ? reportFailure(new UsageError(usageText(error)), { io, json }) : EXIT.usage;
  }
}

function createProgram(io: Io, json: boolean): Command {
  const program = new Command('hakictl')
    .description('Edit, apply and run pipeline configuration with hakiri-control.')
    .option('--url <url>', 'address of the server')
    .option('--token <token>', 'token to use (rather set HAKIRI_TOKEN: other users can see arguments)')
    .option('--json', 'print the result, or the problem, as one JSON document')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .addHelpText('afterAll', ({ command }) => (command.parent === null ? AFTER_HELP : exitCodes()));
  for (const add of [
    addSignInCommands,
    addManifestCommands,
    addRequestCommands,
    addRevisionCommands,
    addPendingCommands,
    addRevertCommand,
    addDeliveryCommands,
    addConfigCommands,
    addPipelineCommands,
    addDocumentCommands,
    addRunCommands,
    addScheduleCommands,
    addStoreCommands,
    addTokenCommands,
    addTeamCommands,
  ])
    add(program, io);
  // With --json, what commander says of wrong usage goes into the one document.
  govern(program, json ? { ...io, err: () => {} } : io);
  return program;
}

/** Every command reports through `io`, and ends by throwing instead of ending the process. */
function govern(command: Command, io: Io): void {
  command.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err });
  command.showHelpAfterError(`(${[...ancestors(command)].join(' ')} --help says more)`);
  for (const child of command.commands) govern(child, io);
}

/** Of commander's own errors: without its prefix; help that nobody asked for is a command that nobody named. */
function usageText({ code, message }: CommanderError): string {
  if (code === 'commander.help') return 'Which command? hakictl --help lists them.';
  return message.replace(/^error: /, '');
}

function* ancestors(command: Command): Generator<string> {
  if (command.parent) yield* ancestors(command.parent);
  yield command.name();
}

function exitCodes(): string {
  return `\nExit codes: ${EXIT.ok} done, ${EXIT.refused} refused, ${EXIT.usage} wrong usage, ${EXIT.unreachable} server not reachable, ${EXIT.conflict} files and document in conflict.\n`;
}
