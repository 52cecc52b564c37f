// Configuration files of a checkout: one file, or a folder with all below it.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { FOLDER_FILES_LIMIT, type FolderFile } from '@hakiri/contracts/merge';
import { UsageError } from './failure.ts';

/** One request carries all of them; the server takes 8 MiB, and JSON makes text longer. */
const BYTES_LIMIT = 6 * 1024 * 1024;
const DEPTH_LIMIT = 20;
const SKIPPED = ['node_modules'];

/** Sorted by name. @throws UsageError */
export async function readConfigFiles(path: string): Promise<FolderFile[]> {
  const root = resolve(path);
  const names = await namesIn(root, path);
  if (names.length === 0) throw new UsageError(`${path} has no .toml and no .json file. Check the path.`);
  if (names.length > FOLDER_FILES_LIMIT)
    throw new UsageError(`${path} has ${names.length} files: at most ${FOLDER_FILES_LIMIT} go at once.`);
  const files: FolderFile[] = [];
  let bytes = 0;
  for (const name of names) {
    const text = await readText(name === '' ? root : join(root, name));
    bytes += Buffer.byteLength(text);
    if (bytes > BYTES_LIMIT)
      throw new UsageError(`${path} has more than ${BYTES_LIMIT} bytes: split it over several documents.`);
    files.push({ name: name === '' ? basename(root) : name.split(sep).join('/'), text });
  }
  return files;
}

/** What the server remembers the files of `path` under, unless somebody says. @throws UsageError */
export function folderNameOf(path: string): string {
  const name = basename(resolve(path))
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 100);
  if (/^[A-Za-z0-9]/.test(name)) return name;
  throw new UsageError(`Give the folder a name with --folder: ${path} makes none.`);
}

/** Of a file that is named itself the name is ''. */
async function namesIn(root: string, shown: string): Promise<string[]> {
  const found = await stat(root).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${shown} cannot be read. Check the path.`);
  if (!found.isDirectory()) return [''];
  const names: string[] = [];
  const look = async (folder: string, depth: number): Promise<void> => {
    if (depth > DEPTH_LIMIT) throw new UsageError(`${folder} is more than ${DEPTH_LIMIT} folders deep.`);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || SKIPPED.includes(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await look(path, depth + 1);
      else if (/\.(toml|json)$/i.test(entry.name)) names.push(relative(root, path));
    }
  };
  await look(root, 0);
  return names.sort();
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`${path} cannot be read. Check the path.`, { cause });
  }
}
