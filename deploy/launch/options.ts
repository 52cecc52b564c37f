// The options that `npm start` and `npm run cluster` share.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LOG_LEVELS, type LogLevel } from '@hakiri/service/logger';

export type LaunchOptions = {
  dataDir: string;
  /** Where the local node reads the files that pipelines name. */
  filesDir: string;
  hostname: string;
  port: number;
  json: boolean;
  logLevel: LogLevel;
  stepDelayMs: number;
};

const DEFAULT_PORT = 7420;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const OPTIONS_HELP = `  --data <dir>        everything it keeps (default ./data, or HAKIRI_DATA)
  --files <dir>       files that the local node reads (default <data>/files, seeded with the examples)
  --port <number>     one port for the page, the API and the sockets (default ${DEFAULT_PORT}, or HAKIRI_PORT; 0 picks a free one)
  --host <address>    address to listen on (default 127.0.0.1)
  --log <level>       silent, error, warn, info or debug (default warn)
  --json              print one machine-readable line when ready: {"url", "ownerToken", "ownerLink", …}
  --step-delay <ms>   let the local node rest before each step, to watch a run (default 0)
  --help              this text`;

/** Undefined when help was asked for. @throws UsageError */
export function readOptions(
  args: string[],
  env: Record<string, string | undefined>,
): LaunchOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const dataDir = resolve(notEmpty('--data', values.data ?? env.HAKIRI_DATA ?? 'data'));
  return {
    dataDir,
    filesDir: resolve(notEmpty('--files', values.files ?? `${dataDir}/files`)),
    hostname: notEmpty('--host', values.host ?? '127.0.0.1'),
    port: wholeNumber('--port', values.port ?? env.HAKIRI_PORT ?? String(DEFAULT_PORT), 65_535),
    json: values.json ?? false,
    logLevel: logLevel(values.log ?? env.HAKIRI_LOG ?? 'warn'),
    stepDelayMs: wholeNumber('--step-delay', values['step-delay'] ?? '0', 60_000),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        data: { type: 'string' },
        files: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        log: { type: 'string' },
        json: { type: 'boolean' },
        'step-delay': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new UsageError(`${name} is "${text}": it must be a whole number from 0 to ${max}.`);
}

function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((candidate) => candidate === text);
  if (level !== undefined) return level;
  throw new UsageError(`--log is "${text}": it must be one of ${LOG_LEVELS.join(', ')}.`);
}

/** An unset shell variable in quotes must not mean the current directory. */
function notEmpty(name: string, text: string): string {
  if (text !== '') return text;
  throw new UsageError(`${name} is empty: name a value, or leave the option out.`);
}
