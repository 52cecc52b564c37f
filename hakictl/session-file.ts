// The session of the last sign-in, in a file that its owner alone can read.
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SessionStore } from '@hakiri/client/session';
import { pause } from '@hakiri/client/wait';
import { Session } from '@hakiri/contracts/auth';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

const Saved = Type.Object({ url: Type.String(), session: Session });
export type Saved = Static<typeof Saved>;

/** A renewal takes one request; a lock older than this was left behind by a process that died. */
const LOCK_STALE_MS = 60_000;
const LOCK_RETRY_MS = 50;

export type SessionFile = ReturnType<typeof openSessionFile>;

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
      alone: (work) => withLock(`${path}.lock`, work),
    }),
  };
}

async function withLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  while (!take(path)) await pause(LOCK_RETRY_MS);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch {
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > LOCK_STALE_MS) rmSync(path, { force: true });
    return false;
  }
}
