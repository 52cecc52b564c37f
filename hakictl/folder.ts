// Configuration files of a checkout: one file, or a folder with all below it.
import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { FOLDER_BYTES_LIMIT, FOLDER_FILES_LIMIT, type FolderFile } from '@hakiri/contracts/merge';
import { UsageError } from './failure.ts';
import { readText } from './text-file.ts';

const DEPTH_LIMIT = 20;
/** Links can lead to the same folder on many ways. */
const FOLDERS_LIMIT = 10_000;
const SKIPPED = ['node_modules'];
const CONFIG_FILE = /\.(toml|json)$/i;

export type ConfigFiles = {
  /** Sorted by name. */
  files: FolderFile[];
  /** Hidden files and folders, and those of package managers: whoever thought that they belong has to know. */
  skipped: string[];
};

/** @throws UsageError */
export async function readConfigFiles(path: string): Promise<ConfigFiles> {
  const root = resolve(path);
  const { names, skipped } = await namesIn(root, path);
  if (names.length === 0) throw new UsageError(`${path} has no .toml and no .json file. Check the path.`);
  const files: FolderFile[] = [];
  let bytes = 0;
  for (const name of names) {
    const text = await readText(name === '' ? root : join(root, name));
    bytes += Buffer.byteLength(text);
    if (bytes > FOLDER_BYTES_LIMIT)
      throw new UsageError(
        `${path} has more than ${FOLDER_BYTES_LIMIT} bytes: split it over several documents.`,
      );
    files.push({ name: name === '' ? basename(root) : name.split(sep).join('/'), text });
  }
  return { files, skipped };
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
async function namesIn(root: string, shown: string): Promise<{ names: string[]; skipped: string[] }> {
  const found = await stat(root).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${shown} cannot be read. Check the path.`);
  if (!found.isDirectory()) return { names: [''], skipped: [] };
  const top = await realpath(root);
  const [names, skipped]: [string[], string[]] = [[], []];
  let folders = 0;
  /** `above` are the real paths that lead here. */
  const look = async (folder: string, above: readonly string[]): Promise<void> => {
    if (above.length > DEPTH_LIMIT)
      throw new UsageError(`${folder} is more than ${DEPTH_LIMIT} folders deep.`);
    folders += 1;
    if (folders > FOLDERS_LIMIT) throw new UsageError(`${shown} has more than ${FOLDERS_LIMIT} folders.`);
    for (const entry of await entriesOf(folder)) {
      const path = join(folder, entry.name);
      const name = relative(root, path);
      const isConfig = CONFIG_FILE.test(entry.name);
      if (entry.name.startsWith('.') || SKIPPED.includes(entry.name)) {
        if (isConfig || !entry.isFile()) skipped.push(name);
        continue;
      }
      // A name that is not UTF-8 is read as another, under which there is nothing.
      if (entry.name.includes('\uFFFD') && (await lstat(path).catch(() => undefined)) === undefined)
        throw new UsageError(
          `${name} has a name that is not UTF-8 (\uFFFD stands for what is not). Rename it and try again.`,
        );
      if (entry.isSymbolicLink()) {
        const target = await targetOf(path, name, top, above);
        if (target === 'folder') await look(path, [...above, await realpath(path)]);
        else if (target === 'file') names.push(name);
      } else if (entry.isDirectory()) await look(path, [...above, await realpath(path)]);
      else if (isConfig && !entry.isFile()) throw new UsageError(notFile(name));
      else if (isConfig) names.push(name);
      if (names.length > FOLDER_FILES_LIMIT)
        throw new UsageError(`${shown} has more than ${FOLDER_FILES_LIMIT} files: no more go at once.`);
    }
  };
  await look(root, [top]);
  return { names: names.sort(), skipped: skipped.sort() };
}

/** @throws UsageError */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new UsageError(`${folder} cannot be read. Check who may read it.`, { cause });
  }
}

/** Whoever reads a pipe or a device may wait for ever. */
function notFile(name: string): string {
  return `${name} is a pipe, a socket or a device, and no file. Move it out of the folder.`;
}

/**
 * A link that was passed over would take the pipelines behind it out of the document, so one that is not followed is an error:
 * only what is in the folder was reviewed with it. One to a file, by whose name it is no configuration, has none behind it, and
 * is passed over as such a file is; of one that leads nowhere nobody knows. @throws UsageError
 */
async function targetOf(
  path: string,
  name: string,
  top: string,
  above: readonly string[],
): Promise<'folder' | 'file' | 'other'> {
  const real = await realpath(path).catch(() => undefined);
  const found = real && (await stat(real).catch(() => undefined));
  if (real === undefined || !found)
    throw new UsageError(`${name} is a link that leads nowhere. Mend it or delete it.`);
  if (!found.isDirectory() && !CONFIG_FILE.test(name)) return 'other';
  if (real !== top && !real.startsWith(top.endsWith(sep) ? top : top + sep))
    throw new UsageError(
      `${name} is a link that leads out of the folder, to ${real}. Move the files into the folder, or name one that holds both.`,
    );
  if (!found.isDirectory() && !found.isFile()) throw new UsageError(notFile(name));
  if (!found.isDirectory()) return 'file';
  if (above.includes(real)) throw new UsageError(`${name} is a link that leads back to a folder it is in.`);
  return 'folder';
}
