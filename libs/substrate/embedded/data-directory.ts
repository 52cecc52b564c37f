// A data directory belongs to one process at a time. The operating system keeps the claim, so a process that was killed
// leaves nothing to clean up.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HeldLock, tryLock } from '../directory/file-lock.ts';

export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';
}

/** Makes the directory when it is missing. @throws DataDirectoryInUse */
export async function claimDataDirectory(dataDir: string): Promise<HeldLock> {
  await mkdir(dataDir, { recursive: true });
  const lock = tryLock(join(dataDir, 'lock.db'));
  const note = join(dataDir, 'owner');
  if (lock === undefined) {
    const owner = await readFile(note, 'utf8').catch(() => 'unknown');
    throw new DataDirectoryInUse(
      `Another process (id ${owner.trim()}) uses the data directory ${dataDir}: stop it, or choose another directory with --data.`,
    );
  }
  await writeFile(note, `${process.pid}\n`);
  return lock;
}
