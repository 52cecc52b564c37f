// Where a daemon gets manifests from: what each source has to be able to do, and the API as one.
import {
  type DaemonReport,
  KNOWN_SEQUENCE_HEADER,
  SIGNATURE_HEADER,
  type SignedManifest,
  type SigningKey,
  SigningKeySet,
} from '@hakiri/contracts/delivery';
import { readSignedManifest } from '@hakiri/manifest/signature';
import type { VerifiedManifest } from './daemon-verify.ts';
import { ApiProblem } from './errors.ts';
import { bodyText, createHttp, fixedToken, type TokenSource } from './http.ts';

/** What was fetched, not yet believed. */
export type Fetched = { signed: SignedManifest | undefined; toml: string };

export type ManifestSource = {
  /**
   * The newest manifest when it is another than `known`; undefined when there is no other, 'empty' when there is none at all. It
   * may wait for it.
   * @throws Unreachable and the like: asked again later.
   */
  next(known: VerifiedManifest | undefined, signal: AbortSignal): Promise<Fetched | 'empty' | undefined>;
  keys(signal: AbortSignal): Promise<SigningKey[]>;
  /** Tells what runs; a source without it tells nobody. */
  report?(report: DaemonReport, signal: AbortSignal): Promise<void>;
  /** Between two questions; for a source that waits by itself, nothing. */
  pauseMs: number;
};

/** How long the server holds a question open. */
const WAIT_S = 25;
const WAIT_GRACE_MS = 10_000;

/** The API: a long poll, which is held open by the server until there is news. */
export function apiSource(options: {
  url: string;
  /** Of role `node`. */
  token?: string;
  tokens?: TokenSource;
  waitS?: number;
  fetch?: (input: string, init: RequestInit) => Promise<Response>;
}): ManifestSource {
  const { url, tokens = fixedToken(options.token), waitS = WAIT_S } = options;
  const http = createHttp({ url, tokens, ...(options.fetch ? { fetch: options.fetch } : {}) });

  return {
    pauseMs: 0,

    next: async (known, signal) => {
      const headers: Record<string, string> =
        known === undefined
          ? {}
          : {
              'if-none-match': `"${known.signed.digest}"`,
              [KNOWN_SEQUENCE_HEADER]: String(known.signed.sequence),
            };
      const timeoutMs = waitS * 1000 + WAIT_GRACE_MS;
      try {
        const query = { wait: waitS };
        const response = await http.send('GET', '/v1/manifest/latest', { headers, query, signal, timeoutMs });
        const text = response.headers.get(SIGNATURE_HEADER);
        const signed = text === null ? undefined : readSignedManifest(text);
        if (response.status !== 304) return { signed, toml: await bodyText(response) };
        // What is newer may have the bytes that run: then its name is all that is news.
        const renamed = known && signed && signed.sequence > known.signed.sequence;
        return renamed ? { signed, toml: known.toml } : undefined;
      } catch (error) {
        if (error instanceof ApiProblem && error.problem.code === 'not_found') return 'empty';
        throw error;
      }
    },

    keys: async (signal) => (await http.call(SigningKeySet, 'GET', '/v1/manifest/keys', { signal })).keys,

    report: async (body, signal) => {
      const response = await http.send('POST', '/v1/manifest/reports', { body, signal });
      await response.body?.cancel();
    },
  };
}
