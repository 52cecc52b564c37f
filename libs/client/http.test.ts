// The request path against a real HTTP server on this machine: what is sent, what is renewed, and how failures look.
import { afterEach, expect, test } from 'bun:test';
import { IDEMPOTENCY_HEADER } from '@hakiri/contracts/apply';
import type { Session } from '@hakiri/contracts/auth';
import { problem } from '@hakiri/contracts/problem';
import { createClient } from './client.ts';
import { ApiProblem, UnexpectedAnswer, Unreachable } from './errors.ts';
import { createSessionSource, type SessionStore } from './session.ts';

const opened: Bun.Server<undefined>[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.stop(true);
});

function serve(fetch: (request: Request) => Response | Promise<Response>): string {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch });
  opened.push(server);
  return `http://127.0.0.1:${server.port}`;
}

const me = { user: 'u1', name: 'Ada', team: 'default', role: 'owner', actions: [] };
const revision = {
  sequence: 1,
  number: 1,
  minor: 0,
  label: 'v1',
  file: 'manifest@v1.toml',
  digest: 'sha256:00',
  sizeBytes: 1,
  publishedAt: '2026-01-01T00:00:00.000Z',
  author: 'u1',
  message: '',
  doc: 'main',
  version: 'AA',
  scope: { kind: 'all' as const },
  pipelines: 1,
  changed: [],
};
const refused = (code: Parameters<typeof problem>[0], detail: string): Response => {
  const body = problem(code, detail);
  return Response.json(body, { status: body.status });
};
async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('[AP2] a refusal reaches the caller as the problem that the server sent', async () => {
  const issue = { path: '/pipelines/a', code: 'x.y', message: 'Mend it.', severity: 'error' as const };
  const url = serve(() => Response.json(problem('invalid_config', 'Mend it.', [issue]), { status: 422 }));
  const error = await failure(createClient({ url, token: 't' }).auth.me());
  expect(error).toBeInstanceOf(ApiProblem);
  expect(error instanceof ApiProblem && error.problem.issues).toEqual([issue]);
});

test('[AP2] an answer that does not fit its contract is never passed on', async () => {
  const url = serve(() => Response.json({ ...me, role: 'emperor' }));
  expect(await failure(createClient({ url }).auth.me())).toBeInstanceOf(UnexpectedAnswer);
});

test('[AP2] nobody there is told apart from a refusal', async () => {
  const gone = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() });
  const url = `http://127.0.0.1:${gone.port}`;
  await gone.stop(true);
  expect(await failure(createClient({ url }).auth.me())).toBeInstanceOf(Unreachable);
});

test('[AP4] an apply whose answer got lost is repeated under the same key, and polled until it is decided', async () => {
  const keys: (string | null)[] = [];
  let polls = 0;
  const url = serve((request) => {
    if (request.method === 'GET') {
      polls += 1;
      const state = polls < 2 ? { state: 'pending' } : { state: 'published', revision, unchanged: false };
      return Response.json({ id: 'a1', ...state });
    }
    keys.push(request.headers.get(IDEMPOTENCY_HEADER));
    if (keys.length === 1) return refused('unavailable', 'Shortly.');
    return Response.json({ id: 'a1', state: 'pending' }, { status: 202 });
  });
  const { apply } = createClient({ url, token: 't' });
  const published = await apply.apply({ scope: { kind: 'all' }, version: 'AA' });
  expect(published.revision.number).toBe(1);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1] ?? '');
  expect(polls).toBe(2);
});

test('[AP4] a refused apply is not repeated', async () => {
  let requests = 0;
  const url = serve(() => {
    requests += 1;
    return refused('denied', 'You may not apply.');
  });
  const { apply } = createClient({ url, token: 't' });
  expect(await failure(apply.apply({ scope: { kind: 'all' }, version: 'AA' }))).toBeInstanceOf(ApiProblem);
  expect(requests).toBe(1);
});

test('[AP11] events go on behind the last one seen when the connection breaks', async () => {
  const asked: (string | null)[] = [];
  const url = serve((request) => {
    asked.push(request.headers.get('last-event-id'));
    const number = asked.length;
    const data = JSON.stringify({
      doc: 'main',
      revision: { ...revision, sequence: number, number, label: `v${number}` },
    });
    return new Response(`: hello\n\nevent: applied\nid: ${number}\ndata: ${data}\n\n`, {
      headers: { 'content-type': 'text/event-stream' },
    });
  });
  const stop = new AbortController();
  const seen: number[] = [];
  for await (const event of createClient({ url, token: 't' }).apply.events({ signal: stop.signal })) {
    seen.push(event.revision.number);
    if (seen.length === 2) stop.abort();
  }
  expect(seen).toEqual([1, 2]);
  expect(asked.slice(0, 2)).toEqual([null, '1']);
});

const session = (accessToken: string, expiresInMs: number): Session => ({
  accessToken,
  accessExpiresAt: new Date(Date.now() + expiresInMs).toISOString(),
  refreshToken: `refresh-of-${accessToken}-long-enough`,
  user: 'u1',
  name: 'Ada',
  team: 'default',
  role: 'owner',
});

function memoryStore(first: Session): SessionStore {
  let held: Session | undefined = first;
  return {
    load: () => held,
    save: (next) => {
      held = next;
    },
  };
}

test('[AU2] a token near its end is renewed once, however many requests need it', async () => {
  let refreshes = 0;
  const used = new Set<string | null>();
  const url = serve((request) => {
    if (new URL(request.url).pathname === '/v1/auth/refresh') {
      refreshes += 1;
      return Response.json(session('second', 600_000));
    }
    used.add(request.headers.get('authorization'));
    return Response.json(me);
  });
  const tokens = createSessionSource({ url, store: memoryStore(session('first', 1_000)) });
  const { auth } = createClient({ url, tokens });
  await Promise.all([auth.me(), auth.me(), auth.me()]);
  expect(refreshes).toBe(1);
  expect([...used]).toEqual(['Bearer second']);
});

test('[AU2] a token that the server calls expired is renewed and the request repeated', async () => {
  const url = serve((request) => {
    if (new URL(request.url).pathname === '/v1/auth/refresh')
      return Response.json(session('second', 600_000));
    if (request.headers.get('authorization') === 'Bearer second') return Response.json(me);
    return refused('token_expired', 'Refresh.');
  });
  const tokens = createSessionSource({ url, store: memoryStore(session('first', 600_000)) });
  expect((await createClient({ url, tokens }).auth.me()).user).toBe('u1');
});

test('[AU2] a session that cannot be renewed ends, is forgotten, and says so', async () => {
  const url = serve(() => refused('unauthenticated', 'Sign in.'));
  const store = memoryStore(session('first', 1_000));
  const tokens = createSessionSource({ url, store });
  let ended = 0;
  tokens.onEnd(() => {
    ended += 1;
  });
  expect(await tokens.token()).toBeUndefined();
  expect(ended).toBe(1);
  expect(store.load()).toBeUndefined();
});

test('[AU2] a server that is away does not end a session', async () => {
  const url = serve(() => refused('unavailable', 'Shortly.'));
  const store = memoryStore(session('first', 1_000));
  expect(await failure(createSessionSource({ url, store }).token())).toBeInstanceOf(ApiProblem);
  expect(store.load()?.accessToken).toBe('first');
});

test('[AU2.17] a session is kept unless the server says that it is over: not when a gateway or another program answers', async () => {
  const answers = [
    () => new Response('<h1>Not found</h1>', { status: 404 }),
    () => new Response('no', { status: 401 }),
    () => new Response('too large', { status: 413 }),
    () => refused('malformed', 'Correct it.'),
    () => refused('storage_full', 'The disk is full.'),
  ];
  for (const answer of answers) {
    const store = memoryStore(session('first', 1_000));
    let ended = 0;
    const tokens = createSessionSource({ url: serve(answer), store });
    tokens.onEnd(() => {
      ended += 1;
    });
    expect(await failure(tokens.token())).toBeInstanceOf(ApiProblem);
    expect([ended, store.load()?.accessToken]).toEqual([0, 'first']);
  }
});
