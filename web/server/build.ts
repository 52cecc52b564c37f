// Builds the page with Vite when its sources are others than the last time, into a folder named after them. Several processes
// may do so at once: each builds aside, and the first to be done is everybody's. An image runs this file while it is made.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dir, '../..');
const BUILDS = join(ROOT, '.cache/page');
/** A path within braces finds nothing, so that there are two. */
const FILES = '**/*.{ts,tsx,css,html,svg,json,toml,webmanifest}';
const SOURCES = [`web/${FILES}`, `libs/{base,contracts,config-doc,manifest,client}/${FILES}`];
const NO_SOURCE = /node_modules|\.test\.tsx?$|\/(testing|tests|golden|fixtures|server)\//;
const ZIPPED = /\.(html|js|css|wasm|svg|webmanifest)$/;
const BUILDS_KEPT = 4;

/** The folder with `index.html` in it. @throws with what Vite said */
export async function builtPage(): Promise<string> {
  const folder = join(BUILDS, await digestOfSources());
  if (existsSync(join(folder, 'index.html'))) return folder;
  await mkdir(BUILDS, { recursive: true });
  const aside = await mkdtemp(join(BUILDS, 'building-'));
  try {
    await vite(aside);
    await zip(aside);
    await rename(aside, folder).catch((error) => {
      if (!existsSync(join(folder, 'index.html'))) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  await forgetOld(folder);
  return folder;
}

async function digestOfSources(): Promise<string> {
  const paths = SOURCES.flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: ROOT })]).filter(
    (path) => !NO_SOURCE.test(path),
  );
  if (paths.length === 0) throw new Error('the page has no sources: it would never be built anew');
  const hash = new Bun.CryptoHasher('sha256');
  for (const path of [...paths.sort(), 'package-lock.json'])
    hash.update(`${path}\0`).update(await Bun.file(join(ROOT, path)).bytes());
  return hash.digest('hex').slice(0, 16);
}

async function vite(outDir: string): Promise<void> {
  const command = [
    '--bun',
    join(ROOT, 'node_modules/.bin/vite'),
    'build',
    '--emptyOutDir',
    '--outDir',
    outDir,
  ];
  // Who runs tests builds what everybody is served: React has another build for tests.
  const child = Bun.spawn(['env', 'NODE_ENV=production', process.execPath, ...command], {
    cwd: join(ROOT, 'web'),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const said = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0)
    throw new Error(`vite build failed:\n${Bun.stripANSI((await said).join('\n'))}`);
}

/** Beside each file, so that no server does it again. */
async function zip(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (!ZIPPED.test(name)) continue;
    const bytes = await Bun.file(join(folder, name)).bytes();
    await Bun.write(join(folder, `${name}.gz`), Bun.gzipSync(bytes, { level: 9 }));
  }
}

/** A server that runs since yesterday has its page in memory: only what is built is kept on disk. */
async function forgetOld(newest: string): Promise<void> {
  const others = (await readdir(BUILDS)).filter(
    (name) => /^[0-9a-f]{16}$/.test(name) && !newest.endsWith(name),
  );
  const aged = others.map((name) => ({
    path: join(BUILDS, name),
    at: Bun.file(join(BUILDS, name, 'index.html')).lastModified,
  }));
  for (const { path } of aged.sort((a, b) => b.at - a.at).slice(BUILDS_KEPT - 1))
    await rm(path, { recursive: true, force: true });
}

if (import.meta.main) process.stdout.write(`${await builtPage()}\n`);
