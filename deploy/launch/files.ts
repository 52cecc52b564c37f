// The local node's files: on a first start they are the examples, so that the example configuration runs as it is.
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const EXAMPLE_DATA = join(import.meta.dir, '../../examples/data');

export async function seedFiles(filesDir: string): Promise<void> {
  await mkdir(filesDir, { recursive: true });
  if ((await readdir(filesDir)).length === 0) await cp(EXAMPLE_DATA, filesDir, { recursive: true });
}

/** A secret kept beside the data, readable by its owner alone. */
export async function readSecret(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

export async function writeSecret(path: string, secret: string): Promise<void> {
  await writeFile(path, secret, { mode: 0o600 });
}
