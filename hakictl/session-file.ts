// The session of the last sign-in, in a file that its owner alone can read.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SessionStore } from '@hakiri/client/session';
import { Session } from '@hakiri/contracts/auth';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { withLock } from './file-lock.ts';

const Saved = Type.Object({ url: Type.String(), session: Session });
export type Saved = Static<typeof Saved>;

export function openSessionFile(env: Record<string, string | undefined>) {
  const path = join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'hakiri', 'session.json');

  function read(): Saved | undefined {
    try {
      const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
      return Value.Check(Saved, value) ? value : undefined;
    } catch {
      return undefined;
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
    write,
    forget,
    store: (url: string): SessionStore => ({
      load: () => {
        const saved = read();
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
