// Builds the service worker after the page, with the list of the page's files in it: what the page needs to open without a server.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'vite';

/** Of workbox: a file whose name carries its digest needs no revision. */
type Entry = { url: string; revision: string | null };

const PUBLIC = ['/icon.svg', '/app.webmanifest'];

export function precache(): Plugin {
  return {
    name: 'precache',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const entries: Entry[] = [];
      const digest = createHash('sha256');
      for (const [name, file] of Object.entries(bundle).sort()) {
        digest.update(file.type === 'chunk' ? file.code : file.source);
        if (name.startsWith('assets/')) entries.push({ url: `/${name}`, revision: null });
      }
      for (const url of PUBLIC) digest.update(await readFile(join(dir, url)));
      const revision = digest.digest('hex').slice(0, 16);
      for (const url of ['/index.html', ...PUBLIC]) entries.push({ url, revision });
      await buildWorker(dir, entries);
    },
  };
}

async function buildWorker(outDir: string, entries: readonly Entry[]): Promise<void> {
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { PRECACHED: JSON.stringify(entries) },
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2023',
      rolldownOptions: {
        input: join(import.meta.dirname, 'offline/worker.ts'),
        output: { entryFileNames: 'worker.js', format: 'iife' },
      },
    },
  });
}
