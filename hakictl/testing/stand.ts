// hakictl against a whole server in this process, in a folder of its own: what people type, what they read, and the exit code.
import { afterAll, afterEach, beforeAll, beforeEach } from 'bun:test';
import { join } from 'node:path';
import { type Embedded, startEmbedded } from '@hakiri/embedded/embedded';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { runCommandLine } from '../command-line.ts';

export type Outcome = { code: number; out: string; err: string };

/** Called once in a test file, outside of its tests: one server for all of them, or one for each. */
export function useStand(scope: 'file' | 'each') {
  let directory: TempDirectory | undefined;
  let server: Embedded | undefined;
  const [before, after] = scope === 'file' ? [beforeAll, afterAll] : [beforeEach, afterEach];
  before(async () => {
    directory = await makeTempDirectory();
    const dataDir = join(directory.path, 'data');
    server = await startEmbedded({ dataDir, hostname: '127.0.0.1', port: 0, logLevel: 'error' });
  });
  after(async () => {
    await server?.stop();
    await directory?.remove();
  });

  const stand = {
    get folder(): string {
      if (directory === undefined) throw new Error('no test runs');
      return directory.path;
    },
    get server(): Embedded {
      if (server === undefined) throw new Error('no test runs');
      return server;
    },
    /** As the owner. */
    run: async (words: readonly string[], stdin = ''): Promise<Outcome> => {
      const outcome = { out: '', err: '' };
      const { url, ownerToken } = stand.server;
      const code = await runCommandLine(words, {
        env: { HAKIRI_URL: url, HAKIRI_TOKEN: ownerToken, XDG_CONFIG_HOME: stand.folder },
        out: (text) => {
          outcome.out += text;
        },
        err: (text) => {
          outcome.err += text;
        },
        stdin: async () => stdin,
      });
      return { code, ...outcome };
    },
    hakictl: (line: string, stdin?: string): Promise<Outcome> => stand.run(line.split(' '), stdin),
    json: async (line: string) => JSON.parse((await stand.hakictl(`${line} --json`)).out),
  };
  return stand;
}
