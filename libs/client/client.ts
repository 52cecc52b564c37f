// The client of hakiri-control, for programs and for the page: one object for one server and one token source.
// Live documents are apart, in sync.ts, so that a program that edits none does not load Loro.
import { createApply } from './apply.ts';
import { createAuth } from './auth.ts';
import { createDelivery } from './delivery.ts';
import { createDocuments } from './documents.ts';
import { createHttp, fixedToken, type TokenSource } from './http.ts';
import { createRequests } from './requests.ts';
import { createRuns } from './runs.ts';
import { createStoreCheck } from './store-check.ts';

export type ClientOptions = {
  /** Of the server: `http://127.0.0.1:7420`. */
  url: string;
  /** A token as it is, or a source that renews it (see session.ts). Without either, only sign-in works. */
  token?: string;
  tokens?: TokenSource;
  fetch?: (input: string, init: RequestInit) => Promise<Response>;
};

export type Client = ReturnType<typeof createClient>;

export function createClient(options: ClientOptions) {
  const tokens = options.tokens ?? fixedToken(options.token);
  const http = createHttp({ url: options.url, tokens, ...(options.fetch ? { fetch: options.fetch } : {}) });
  return {
    url: http.url,
    tokens,
    auth: createAuth(http),
    apply: createApply(http),
    delivery: createDelivery(http),
    requests: createRequests(http),
    documents: createDocuments(http),
    runs: createRuns(http),
    store: createStoreCheck(http),
  };
}
