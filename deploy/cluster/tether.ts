// Ends a child process when this one dies, however it dies: a shell waits at the other end of a pipe that closes with us.
// Orphans would hold the data directory, and nobody would know.
import type { Subprocess } from 'bun';

/** Kept here, so that garbage collection cannot close a pipe before its time. */
const held = new Set<Subprocess<'pipe', 'ignore', 'ignore'>>();

/** `release` when the child has ended by itself. */
export function tether(pid: number): { release(): void } {
  const watcher = Bun.spawn(
    // Ctrl-C goes to the whole group: the watcher must outlive it, or nobody watches an orderly stop that fails.
    ['/bin/sh', '-c', 'trap "" INT HUP TERM; read -r _; kill -9 "$1"', 'sh', String(pid)],
    { stdin: 'pipe', stdout: 'ignore', stderr: 'ignore' },
  );
  watcher.unref();
  held.add(watcher);
  return {
    release: () => {
      watcher.kill('SIGKILL');
      held.delete(watcher);
    },
  };
}
