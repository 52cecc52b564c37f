// A directory of a test's own, gone after it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type TempDirectory = { path: string; remove(): Promise<void> };

export async function makeTempDirectory(): Promise<TempDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'hakiri-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
