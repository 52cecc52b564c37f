// Ends a child process when this one dies, however it dies: a shell waits at the other end of a pipe that closes with us.
// Orphans would hold the data directory, or memory and a port, and nobody would know.
import type { Subprocess } from 'bun';

/** Kept here, so that garbage collection cannot close a pipe before its time. */
const held = new Set<Subprocess<'pipe', 'ignore', 'ignore'>>();

/** Until the child has ended. */
export function tether(child: Subprocess): void {
  const watcher = Bun.spawn(
    // Ctrl-C goes to the whole group: the watcher must outlive it, or nobody watches an orderly stop that fails.
    ['/bin/sh', '-c', 'trap "" INT HUP TERM; read -r _; kill -9 "$1"', 'sh', String(child.pid)],
    { stdin: 'pipe', stdout: 'ignore', stderr: 'ignore' },
  );
  watcher.unref();
  held.add(watcher);
  void child.exited.then(() => {
    watcher.kill('SIGKILL');
    held.delete(watcher);
  });
}
