// The node's own place for what one step hands to the next: a directory a run, a file a step, forgotten when the run ends.
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A run that nobody came back to for this long is over. */
const FORGET_AFTER_MS = 7 * 24 * 60 * 60_000;

export type WorkDirectory = ReturnType<typeof createWorkDirectory>;

export function createWorkDirectory(root: string) {
  return {
    fileOf: (run: string, step: number): string => join(root, run, `${step}.ndjson`),

    forget: (run: string): Promise<void> => rm(join(root, run), { recursive: true, force: true }),

    /** Makes it, and forgets what was left behind long ago. */
    async open(nowMs: number): Promise<void> {
      await mkdir(root, { recursive: true });
      for (const name of await readdir(root)) {
        const { mtimeMs } = await stat(join(root, name));
        if (nowMs - mtimeMs > FORGET_AFTER_MS) await rm(join(root, name), { recursive: true, force: true });
      }
    },
  };
}
