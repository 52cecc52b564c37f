// The files that apply writes, as a source of manifests: no part of hakiri-control need run for it. They lie in a directory
// (a mounted share) or behind an HTTP address (a bucket, a mirror).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromUtf8 } from '@hakiri/base/bytes';
import { KEYS_FILE, SigningKeySet } from '@hakiri/contracts/delivery';
import { blobKey, INDEX_FILE, signatureFile } from '@hakiri/contracts/revision';
import { readBody } from '@hakiri/manifest/read-body';
import { decodeIndex } from '@hakiri/manifest/revision-index';
import { readSignedManifest } from '@hakiri/manifest/signature';
import type { ManifestSource } from './daemon-source.ts';
import { UnexpectedAnswer, Unreachable } from './errors.ts';
import { decodeAnswer } from './http.ts';

/** Reads one file by its key; undefined when it is not there. @throws Unreachable */
export type ReadFile = (key: string, signal: AbortSignal) => Promise<Uint8Array | undefined>;

export const BLOB_PAUSE_MS = 15_000;
const READ_TIMEOUT_MS = 30_000;

/** Asks for the index every `pauseMs`, and for the body that it names first when that is another. */
export function blobSource(options: { read: ReadFile; team: string; pauseMs?: number }): ManifestSource {
  const { read, team, pauseMs = BLOB_PAUSE_MS } = options;

  async function text(key: string, signal: AbortSignal): Promise<string> {
    const bytes = await read(key, signal);
    if (bytes === undefined) throw new Unreachable(`${key} is not there yet.`);
    return fromUtf8(bytes);
  }

  return {
    pauseMs,

    next: async (known, signal) => {
      const bytes = await read(blobKey(team, INDEX_FILE), signal);
      if (bytes === undefined) return 'empty';
      const index = decodeIndex(bytes);
      if (!index) throw new UnexpectedAnswer(`${INDEX_FILE} is no index of revisions.`);
      const [newest] = index.index.revisions;
      if (!newest) return 'empty';
      if (newest.sequence === known?.signed.sequence) return undefined;
      const body = await readBody((key) => read(key, signal), team, newest);
      if (body.kind === 'absent') throw new Unreachable(`${newest.file} is not there yet.`);
      // What is damaged goes on, too: the daemon refuses it, and says so.
      const toml = fromUtf8(body.bytes);
      if (newest.signature === undefined) return { signed: undefined, toml };
      const signed = readSignedManifest(await text(blobKey(team, signatureFile(newest)), signal));
      return { signed, toml };
    },

    keys: async (signal) => decodeAnswer(SigningKeySet, await text(KEYS_FILE, signal), KEYS_FILE).keys,
  };
}

/** @param folder what HAKIRI_BLOBS names. */
export function directoryFiles(folder: string): ReadFile {
  return async (key) => {
    try {
      return await readFile(join(folder, ...key.split('/')));
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
      throw new Unreachable(`${key} cannot be read.`, { cause });
    }
  };
}

/** @param url what stands before `teams/…`, such as `https://bucket.s3.example.com/prefix`. `fetch` may sign requests. */
export function httpFiles(
  url: string,
  fetch: (input: string, init: RequestInit) => Promise<Response> = globalThis.fetch,
): ReadFile {
  const base = url.replace(/\/+$/, '');
  return async (key, signal) => {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(READ_TIMEOUT_MS)]);
    try {
      const response = await fetch(`${base}/${key.split('/').map(encodeURIComponent).join('/')}`, {
        signal: bounded,
        cache: 'no-store',
      });
      if (response.status === 404) return undefined;
      if (!response.ok) throw new Unreachable(`${key} is answered with ${response.status}.`);
      return new Uint8Array(await response.arrayBuffer());
    } catch (cause) {
      signal.throwIfAborted();
      throw cause instanceof Unreachable ? cause : new Unreachable(`${base} does not answer.`, { cause });
    }
  };
}
