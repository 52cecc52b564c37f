// Signing in with a one-time link, signing out, and asking who one is.
import { createClient } from '@hakiri/client/client';
import { ApiProblem, Unreachable } from '@hakiri/client/errors';
import type { Me } from '@hakiri/contracts/auth';
import type { Command } from 'commander';
import { checkedUrl, contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { openSessionFile, type Saved } from '../session-file.ts';

export function addSignInCommands(program: Command, io: Io): void {
  program
    .command('login')
    .description('sign in with a one-time link, such as the one printed at the first start')
    .argument('<link>', 'the link, or its code alone together with --url')
    .option('--name <name>', 'your name, when an invitation leaves it open')
    .addHelpText(
      'after',
      `
Examples:
  hakictl login 'http://127.0.0.1:7420/#code=x1y2…'
  hakictl login x1y2… --url https://hakiri.example.com`,
    )
    .action(login);

  program
    .command('logout')
    .description('end the session, here and on the server')
    .addHelpText('after', '\nExample:\n  hakictl logout')
    .action(async (_options: unknown, command: Command) => {
      const json = command.optsWithGlobals<{ json?: boolean }>().json;
      const file = openSessionFile(io.env);
      const saved = file.load();
      file.forget();
      if (saved) await endOnServer(saved);
      io.out(json ? '{"signedOut":true}\n' : 'Signed out.\n');
    });

  program
    .command('whoami')
    .description('who you are to the server, and what you may do')
    .addHelpText('after', '\nExamples:\n  hakictl whoami\n  hakictl whoami --json')
    .action(async (_options: unknown, command: Command) => {
      const { client, print, url } = contextOf(command, io);
      const me = await client.auth.me();
      print(me, () => `${me.name} (${me.user}), ${me.role} of ${me.team} at ${url}\n${rightsText(me)}`);
    });

  async function login(link: string, options: { name?: string }, command: Command): Promise<void> {
    const globals = command.optsWithGlobals<{ url?: string; json?: boolean }>();
    const { code, url } = readLink(link, globals.url ?? io.env.HAKIRI_URL);
    const name = options.name === undefined ? {} : { name: options.name };
    const session = await createClient({ url }).auth.redeem({ code, ...name });
    const file = openSessionFile(io.env);
    file.write({ url, session });
    const { user, team, role } = session;
    io.out(
      globals.json
        ? `${JSON.stringify({ url, user, name: session.name, team, role, file: file.path }, null, 2)}\n`
        : `Signed in as ${session.name}, ${role} of ${team} at ${url}.\nThe session is in ${file.path}. Next: hakictl revisions, hakictl import <file>\n`,
    );
  }
}

function rightsText({ actions, pipelines }: Me): string {
  const may = `may: ${actions.join(', ') || 'nothing'}`;
  return pipelines ? `${may}\non these pipelines alone: ${pipelines.join(', ') || 'none'}` : may;
}

/** A session that has ended already, or a server that is away, is no reason to stay signed in here. */
async function endOnServer({ url, session }: Saved): Promise<void> {
  try {
    await createClient({ url, token: session.accessToken }).auth.logout();
  } catch (error) {
    if (!(error instanceof ApiProblem || error instanceof Unreachable)) throw error;
  }
}

/** A link names its server; a code alone needs one. @throws UsageError */
function readLink(text: string, url: string | undefined): { code: string; url: string } {
  const [address, code] = text.split('#code=');
  if (code) return { code, url: checkedUrl(address) };
  if (/^https?:/.test(text)) throw new UsageError('The link has no code in it: it must contain #code=…');
  return { code: text, url: checkedUrl(url) };
}
