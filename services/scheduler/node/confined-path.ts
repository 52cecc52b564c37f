// Keeps what a pipeline names inside the directory it may read: no absolute path, no way up, no link that leads out.
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { StepError } from './step-error.ts';

/** The real path of an existing file. @throws StepError */
export async function confinedPath(root: string, ref: string): Promise<string> {
  const path = resolve(root, ref);
  if (isAbsolute(ref) || ref.includes('\0') || !isInside(resolve(root), path)) throw outside(ref);
  let real: string;
  try {
    real = await realpath(path);
  } catch {
    throw new StepError(`There is no file ${ref} on this node.`);
  }
  if (!isInside(await realpath(root), real)) throw outside(ref);
  return real;
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function outside(ref: string): StepError {
  return new StepError(
    `${ref} is not inside this node's data directory: name a file in it, by a relative path.`,
  );
}
