// The session of the last sign-in, in a file that its owner alone can read.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseJson } from '@hakiri/client/errors';
import type { SessionStore } from '@hakiri/client/session';
import { Session } from '@hakiri/contracts/auth';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { UsageError } from './failure.ts';
import { withLock } from './file-lock.ts';

const Saved = Type.Object({ url: Type.String(), session: Session });
export type Saved = Static<typeof Saved>;

export function openSessionFile(env: Record<string, string | undefined>) {
  const path = join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'hakiri', 'session.json');

  /** Undefined when there is none. @throws UsageError when there is one that says nothing. */
  function read(): Saved | undefined {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
      throw new UsageError(`The session in ${path} cannot be read. Check the file's owner and rights.`, {
        cause,
      });
    }
    const value = parseJson(text);
    if (Value.Check(Saved, value)) return value;
    throw new UsageError(`The session in ${path} is broken. Sign in again with: hakictl login <link>`);
  }

  /** Undefined also when it is broken. */
  function load(): Saved | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }

  /** Whole or not at all, and never readable by others, not even for a moment. */
  function write(saved: Saved): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(saved), { mode: 0o600 });
    renameSync(draft, path);
  }

  function forget(): void {
    rmSync(path, { force: true });
  }

  return {
    path,
    read,
    load,
    write,
    forget,
    store: (url: string): SessionStore => ({
      load: () => {
        const saved = load();
        return saved?.url === url ? saved.session : undefined;
      },
      save: (session) => (session ? write({ url, session }) : forget()),
      alone: (work) => {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        return withLock(`${path}.lock`, work);
      },
    }),
  };
}
