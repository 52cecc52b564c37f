// Who runs what, and the keys that sign manifests.
import { type Daemon, KEY_OVERLAP_S, type SigningKeySet } from '@hakiri/contracts/delivery';
import type { Command } from 'commander';
import { duration } from '../arguments.ts';
import { contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { table, time } from '../output.ts';

const DRIFTS = {
  other_digest: 'runs other bytes than this revision has',
  unknown_revision: 'runs a revision that was never published',
  silent: 'does not report any more',
} as const;
const SECONDS_OF = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
] as const;

export function addDeliveryCommands(program: Command, io: Io): void {
  program
    .command('daemons')
    .description('list the daemons, with what they run and how far that is behind')
    .option('--behind', 'only those that do not run the latest')
    .addHelpText('after', '\nExamples:\n  hakictl daemons\n  hakictl daemons --behind --json')
    .action(async ({ behind }: { behind?: boolean }, command: Command) => {
      const { client, print } = contextOf(command, io);
      const { latest, daemons } = await client.delivery.daemons();
      const shown = behind ? daemons.filter(needsLook) : daemons;
      print({ latest, daemons: shown }, () => {
        if (daemons.length === 0)
          return 'No daemon has reported. Make it a token: hakictl token create <name> --role node';
        return [
          table(
            ['DAEMON', 'RUNS', 'BEHIND', 'LAST SEEN', 'STATE', 'WHAT IS WRONG'],
            shown.map((daemon) => [
              daemon.name,
              daemon.label ?? (daemon.sequence === 0 ? 'nothing' : '?'),
              lag(daemon),
              time(daemon.lastSeen),
              daemon.state,
              daemon.drift === undefined ? (daemon.detail ?? '') : DRIFTS[daemon.drift],
            ]),
          ),
          `${daemons.filter(({ runsLatest }) => runsLatest).length} of ${daemons.length} run what ${latest?.label ?? 'nothing'} says.`,
        ].join('\n');
      });
    });

  const keys = program.command('keys').description('the keys that sign manifests');

  keys
    .command('list', { isDefault: true })
    .description('list them, oldest first')
    .addHelpText('after', '\nExamples:\n  hakictl keys\n  hakictl keys list --json > keys.json')
    .action(async (_options: unknown, command: Command) => {
      const { client, print } = contextOf(command, io);
      const set = await client.delivery.keys();
      print(set, () => keyTable(set));
    });

  keys
    .command('rotate')
    .description('publish the next key, which signs when its time has come')
    .option(
      '--overlap <duration>',
      'until then: 90s, 15m, 1h, 7d; 0 is at once, also while another waits',
      overlap,
      KEY_OVERLAP_S,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl keys rotate\n  hakictl keys rotate --overlap 7d\n  hakictl keys rotate --overlap 0',
    )
    .action(async (options: { overlap: number }, command: Command) => {
      const { client, print } = contextOf(command, io);
      const set = await client.delivery.rotateKeys({ overlapS: options.overlap });
      print(set, () => keyTable(set));
    });
}

function needsLook({ runsLatest, drift, state }: Daemon): boolean {
  return !runsLatest || drift !== undefined || state !== 'running';
}

/** `2 revisions, 5m`. */
function lag({ behindRevisions, behindS }: Daemon): string {
  if (behindRevisions === 0) return '';
  const revisions = behindRevisions === 1 ? '1 revision' : `${behindRevisions} revisions`;
  const [seconds, unit] = SECONDS_OF.find(([size]) => behindS >= size) ?? [1, 's'];
  return `${revisions}, ${Math.floor(behindS / seconds)}${unit}`;
}

function keyTable({ keys }: SigningKeySet): string {
  return table(
    ['KEY', 'SIGNS FROM', 'UNTIL', 'ENDORSED BY'],
    keys.map(({ kid, signsFrom, signsSince = signsFrom, signsUntil, endorsement }) => [
      kid,
      signsUntil !== undefined && signsUntil < signsSince ? 'never: replaced before' : time(signsSince),
      time(signsUntil),
      endorsement?.key,
    ]),
  );
}

function overlap(text: string): number {
  return text === '0' ? 0 : Math.ceil(duration(text) / 1000);
}
