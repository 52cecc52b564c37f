// A daemon in a page: it runs the newest manifest that it believes, and goes on with the last good one whatever is down.
//
//   HAKIRI_URL=http://127.0.0.1:7420 HAKIRI_TOKEN=<of role node> bun examples/daemon.ts
//   HAKIRI_BLOBS=/mnt/hakiri HAKIRI_TEAM=default bun examples/daemon.ts     # from the files alone
//
// HAKIRI_KEYS, a file that `hakictl keys --json` wrote, says which keys are believed; without it, those seen first.
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { createDaemon } from '@hakiri/client/daemon';
import { blobSource, directoryFiles, httpFiles } from '@hakiri/client/daemon-blobs';
import { fileCache } from '@hakiri/client/daemon-cache';
import { apiSource } from '@hakiri/client/daemon-source';
import { decodeAnswer } from '@hakiri/client/http';
import { SigningKeySet } from '@hakiri/contracts/delivery';
import { parseManifest } from '@hakiri/manifest/parse';

const { HAKIRI_URL, HAKIRI_TOKEN = '', HAKIRI_BLOBS, HAKIRI_TEAM = 'default', HAKIRI_KEYS } = process.env;
const { HAKIRI_CACHE = './hakiri-cache/manifest.json' } = process.env;

const read = HAKIRI_BLOBS?.startsWith('http') ? httpFiles(HAKIRI_BLOBS) : directoryFiles(HAKIRI_BLOBS ?? '.');
const keys =
  HAKIRI_KEYS && decodeAnswer(SigningKeySet, await readFile(HAKIRI_KEYS, 'utf8'), HAKIRI_KEYS).keys;

const daemon = createDaemon({
  name: hostname(),
  source: HAKIRI_URL
    ? apiSource({ url: HAKIRI_URL, token: HAKIRI_TOKEN })
    : blobSource({ read, team: HAKIRI_TEAM }),
  cache: fileCache(HAKIRI_CACHE),
  ...(keys ? { keys } : {}),
  adopt: ({ signed, toml, from, runtimeChanged }) => {
    // A name or a description was changed: nothing that runs is another.
    if (!runtimeChanged) return void process.stdout.write(`${signed.label}: only texts changed\n`);
    const manifest = parseManifest(toml);
    // Of a format that this daemon does not know: what runs goes on.
    if (manifest.kind === 'refused') throw new Error(manifest.issues.map(({ message }) => message).join(' '));
    process.stdout.write(`${signed.label} from the ${from}: ${manifest.draft.pipelines.length} pipelines\n`);
  },
  onProblem: (problem) => {
    process.stderr.write(`${problem.kind}: ${'detail' in problem ? problem.detail : problem.error}\n`);
  },
});

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
await daemon.run(ending.signal);
