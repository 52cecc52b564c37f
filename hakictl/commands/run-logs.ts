// The log of a run: as far as it has come, or followed until the run has ended.
import { pause } from '@hakiri/client/wait';
import type { RunLogLine, RunState } from '@hakiri/contracts/scheduler';
import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { oneLine, time } from '../output.ts';

const FOLLOW_MS = 1_000;

export function addRunLogs(runs: Command, io: Io): void {
  runs
    .command('logs')
    .description('what the nodes of a run said: time, level, step, text')
    .argument('<run>', 'its id')
    .option('--follow', 'goes on until the run has ended; with --json one object a line')
    .addHelpText('after', '\nExamples:\n  hakictl runs logs 01JD… --follow\n  hakictl runs logs 01JD… --json')
    .action(async (id: string, { follow }: { follow?: boolean }, command: Command) => {
      const { client, print, json } = contextOf(command, io);
      if (!follow) {
        const log = await client.runs.logsSince(id);
        print(log, () => (log.lines.length === 0 ? 'No line yet.' : log.lines.map(lineText).join('\n')));
        return;
      }
      let after = 0;
      for (;;) {
        const { lines, state } = await client.runs.logsSince(id, after);
        for (const line of lines) io.out(`${json ? JSON.stringify(line) : lineText(line)}\n`);
        if (hasEnded(state)) return;
        after = lines.at(-1)?.number ?? after;
        await pause(FOLLOW_MS);
      }
    });
}

function lineText({ at, level, step, text }: RunLogLine): string {
  const where = step === undefined ? '' : `[${oneLine(step)}] `;
  return `${time(at)}  ${level.toUpperCase().padEnd(5)}  ${where}${oneLine(text)}`;
}

function hasEnded(state: RunState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}
