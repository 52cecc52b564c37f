// Keeps a process running, as Kubernetes or Nomad would: starts it, starts it again when it dies, ends it when asked.
import { tether } from '@hakiri/substrate/tether';
import type { Subprocess } from 'bun';

export type ProcessSpec = { name: string; script: string; env: Record<string, string> };
export type Supervised = {
  name: string;
  /** Undefined while it is down. */
  pid(): number | undefined;
  /** SIGKILL, as a crash would; it comes back unless `hold` is given, then `resume` brings it back. */
  kill(options?: { hold: boolean }): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
};

const RESTART_DELAY_MS = 200;
const STOP_DEADLINE_MS = 12_000;

export function supervise(spec: ProcessSpec): Supervised {
  let child: Subprocess | undefined;
  let wanted = true;

  const start = (): void => {
    if (child || !wanted) return;
    const started = Bun.spawn([process.execPath, spec.script], {
      env: { ...process.env, ...spec.env },
      stdin: 'ignore',
      stdout: 'inherit',
      stderr: 'inherit',
    });
    child = started;
    tether(started);
    void started.exited.then(() => {
      child = undefined;
      if (wanted) setTimeout(start, RESTART_DELAY_MS);
    });
  };

  start();
  return {
    name: spec.name,
    pid: () => child?.pid,
    kill: async (options) => {
      wanted = !options?.hold;
      const victim = child;
      victim?.kill('SIGKILL');
      await victim?.exited;
    },
    resume: () => {
      wanted = true;
      start();
    },
    stop: async () => {
      wanted = false;
      const victim = child;
      if (!victim) return;
      victim.kill('SIGTERM');
      const deadline = setTimeout(() => victim.kill('SIGKILL'), STOP_DEADLINE_MS);
      await victim.exited;
      clearTimeout(deadline);
    },
  };
}
