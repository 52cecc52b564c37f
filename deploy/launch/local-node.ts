// What the local node of a laptop needs before it starts: a token of its own, its folders, and on a first start the example
// files, so that the example configuration runs as it is.
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@hakiri/client/client';

export type LocalNode = {
  name: string;
  pools: string[];
  token: string;
  dataRoot: string;
  outputRoot: string;
};

const EXAMPLE_DATA = join(import.meta.dir, '../../examples/data');
const TOKEN_DAYS = 366;

export async function prepareLocalNode(
  url: string,
  ownerToken: string,
  folders: { dataDir: string; filesDir: string },
): Promise<LocalNode> {
  const token = await keptToken(url, ownerToken, join(folders.dataDir, 'node.token'));
  await seedFiles(folders.filesDir);
  return {
    name: 'local',
    pools: ['default'],
    token,
    dataRoot: folders.filesDir,
    outputRoot: join(folders.dataDir, 'tables'),
  };
}

/** The token of the last start while it works, so that a restart adds none. */
async function keptToken(url: string, ownerToken: string, file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined && (await isAccepted(url, kept))) return kept;
  const { auth } = createClient({ url, token: ownerToken });
  const { token } = await auth.createToken({ name: 'local node', role: 'node', ttlDays: TOKEN_DAYS });
  await writeFile(file, token, { mode: 0o600 });
  return token;
}

async function isAccepted(url: string, token: string): Promise<boolean> {
  try {
    await createClient({ url, token }).auth.me();
    return true;
  } catch {
    return false;
  }
}

async function seedFiles(filesDir: string): Promise<void> {
  await mkdir(filesDir, { recursive: true });
  if ((await readdir(filesDir)).length === 0) await cp(EXAMPLE_DATA, filesDir, { recursive: true });
}
