// One request to the API: the token goes out, a renewed one is tried once when it has expired, problems become ApiProblem,
// silence becomes Unreachable, and what comes back is decoded against its contract, never cast.
import type { Static, TSchema } from '@sinclair/typebox';
import { Errors } from '@sinclair/typebox/errors';
import { Check } from '@sinclair/typebox/value';
import { parseJson, problemOf, UnexpectedAnswer, Unreachable } from './errors.ts';

/** Where tokens come from. A plain token is a source that never renews. */
export type TokenSource = {
  /** The token to send now; undefined sends none. */
  token(): Promise<string | undefined>;
  /** The server called `refused` expired: another one, or undefined when there is none to be had. */
  renew(refused: string): Promise<string | undefined>;
};

export type RequestOptions = {
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON, unless it is text or bytes with a content type of its own. */
  body?: unknown;
  contentType?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** How long the answer's head may take. Streams go on after it. */
  timeoutMs?: number;
};

export interface Http {
  /** Without a slash at the end. */
  readonly url: string;
  readonly tokens: TokenSource;
  /** @throws ApiProblem, Unreachable, UnexpectedAnswer */
  call<Schema extends TSchema>(
    schema: Schema,
    method: string,
    path: string,
    options?: RequestOptions,
  ): Promise<Static<Schema>>;
  /** For what is not JSON: any 2xx or 304 answer, its body not yet read. @throws ApiProblem, Unreachable */
  send(method: string, path: string, options?: RequestOptions): Promise<Response>;
}

export const REQUEST_TIMEOUT_MS = 30_000;

export function fixedToken(token: string | undefined): TokenSource {
  return { token: async () => token, renew: async () => undefined };
}

export function createHttp(options: {
  url: string;
  tokens: TokenSource;
  fetch?: (input: string, init: RequestInit) => Promise<Response>;
}): Http {
  const url = options.url.replace(/\/+$/, '');
  const { tokens } = options;
  const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));

  async function attempt(
    method: string,
    target: string,
    token: string | undefined,
    request: RequestOptions,
  ): Promise<Response> {
    const headers: Record<string, string> = { ...request.headers };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    const init: RequestInit = { method, headers, redirect: 'error' };
    if (request.body !== undefined) {
      headers['content-type'] = request.contentType ?? 'application/json';
      init.body = request.contentType ? plainBody(request.body) : JSON.stringify(request.body);
    }
    // The timeout covers the head alone: a long stream must outlive it.
    const head = new AbortController();
    const timer = setTimeout(() => head.abort(), request.timeoutMs ?? REQUEST_TIMEOUT_MS);
    init.signal = request.signal ? AbortSignal.any([head.signal, request.signal]) : head.signal;
    try {
      return await fetch(target, init);
    } catch (cause) {
      request.signal?.throwIfAborted();
      throw new Unreachable(`${url} does not answer. Check the address and that the server runs.`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  async function send(method: string, path: string, request: RequestOptions = {}): Promise<Response> {
    const target = `${url}${path}${queryText(request.query)}`;
    const token = await tokens.token();
    let response = await attempt(method, target, token, request);
    if (response.status === 401 && token !== undefined) {
      const renewed = await tokens.renew(token);
      if (renewed !== undefined && renewed !== token) {
        await response.body?.cancel();
        response = await attempt(method, target, renewed, request);
      }
    }
    if (response.ok || response.status === 304) return response;
    throw await problemOf(response);
  }

  return {
    url,
    tokens,
    send,
    async call(schema, method, path, request = {}) {
      const response = await send(method, path, request);
      return decodeAnswer(schema, await bodyText(response), `${method} ${path}`);
    },
  };
}

/** @throws UnexpectedAnswer when `text` is not JSON of that schema. */
export function decodeAnswer<Schema extends TSchema>(
  schema: Schema,
  text: string,
  what: string,
): Static<Schema> {
  const value = parseJson(text);
  if (Check(schema, value)) return value;
  const misfit = Errors(schema, value).First();
  throw new UnexpectedAnswer(
    `The answer to ${what} does not fit its contract${misfit ? ` at ${misfit.path || '/'}: ${misfit.message}` : ''}. ` +
      'Are client and server of one version?',
  );
}

function plainBody(body: unknown): string | Uint8Array<ArrayBuffer> {
  return body instanceof Uint8Array ? body.slice() : String(body);
}

export async function bodyText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new Unreachable('The connection broke in the middle of an answer.', { cause });
  }
}

function queryText(query: RequestOptions['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}
