// Auth as a whole for its tests: on the embedded substrate, behind a real port, with a clock that can be moved on and a second
// guard that knows only what the bus tells it, as every other service's does.
import { KeySet, Link, Session } from '@hakiri/contracts/auth';
import type { Action, MemberRole } from '@hakiri/contracts/roles';
import { createDeps } from '@hakiri/service/deps';
import type { Guard } from '@hakiri/service/guard';
import { listen } from '@hakiri/service/host';
import { silentLogger } from '@hakiri/service/logger';
import type { Messaging } from '@hakiri/service/messaging';
import { type Clock, systemClock } from '@hakiri/substrate/clock';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import type { Database } from '@hakiri/substrate/libsql/database';
import type { Substrate } from '@hakiri/substrate/substrate';
import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { AuthConfig } from '../config.ts';
import { createAuth } from '../service.ts';

export const OWNER_CODE = 'operator-owner-code-1';

export type Answer = { status: number; body: unknown };
type CallOptions = {
  token?: string;
  body?: unknown;
  rawBody?: string;
  headers?: Record<string, string>;
};
export type Stand = {
  url: string;
  /** Of another service: it has auth's word only. */
  elsewhere: Guard;
  messaging: Messaging;
  database: Database;
  substrate: Substrate;
  /** Moves auth's clock, and that of the guard elsewhere, on. */
  shift(ms: number): void;
  /** From now on nothing happens that is put off for `delayMs` or longer: what is promised within it comes without. */
  withoutTimersFrom(delayMs: number): void;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  owner(): Promise<Session>;
  /** Somebody new, invited with `by`. */
  join(by: Session, name: string, role: MemberRole): Promise<Session>;
  stop(): Promise<void>;
};

export async function startStand(dataDir: string, config: Partial<AuthConfig> = {}): Promise<Stand> {
  let shiftMs = 0;
  let longestMs = Number.POSITIVE_INFINITY;
  const clock: Clock = {
    ...systemClock,
    after: (delayMs, run) => systemClock.after(delayMs, () => (delayMs < longestMs ? run() : undefined)),
    now: () => systemClock.now() + shiftMs,
    monotonic: () => systemClock.monotonic() + shiftMs,
  };
  const substrate = await openEmbedded(dataDir, { clock });
  const deps = createDeps(substrate, 'auth', silentLogger);
  const other = createDeps(substrate, 'sync', silentLogger);
  const auth = await createAuth(deps, { ownerCode: OWNER_CODE, ...config });
  const host = listen([auth], { hostname: '127.0.0.1', port: 0 });
  await auth.start();
  await Promise.all([deps.guard.start(), other.guard.start()]);

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { token, body } = options;
    const rawBody = options.rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${host.url}/v1/auth${path}`, {
      method,
      headers: {
        ...(rawBody === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...options.headers,
      },
      ...(rawBody === undefined ? {} : { body: rawBody }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  return {
    url: host.url,
    elsewhere: other.guard,
    messaging: other.messaging,
    database: await deps.database('auth', ''),
    substrate,
    shift: (ms) => {
      shiftMs += ms;
    },
    withoutTimersFrom: (delayMs) => {
      longestMs = delayMs;
    },
    call,
    owner: async () => sessionOf(await call('POST', '/redeem', { body: { code: OWNER_CODE } })),
    join: async (by, name, role) => {
      const body = { kind: 'invite', name, role };
      const { code } = decoded(Link, await call('POST', '/links', { token: by.accessToken, body }));
      return sessionOf(await call('POST', '/redeem', { body: { code } }));
    },
    stop: async () => {
      await host.stop();
      await Promise.all([deps.guard.stop(), other.guard.stop()]);
      await auth.stop();
      await substrate.close();
    },
  };
}

export function sessionOf(answer: Answer): Session {
  return decoded(Session, answer);
}

export function keysOf(answer: Answer): KeySet {
  return decoded(KeySet, answer);
}

/** @throws when the answer is a problem or does not fit. */
export function decoded<Schema extends TSchema>(schema: Schema, { status, body }: Answer) {
  if (status !== 200) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
  return Value.Parse(schema, body);
}

/** What another service says to this token: `allowed`, or the code of the denial. */
export async function codeElsewhere(
  stand: Stand,
  token: string,
  action: Action = 'doc.read',
): Promise<string> {
  const decision = await stand.elsewhere.authorize(token, { action });
  return decision.kind === 'allowed' ? 'allowed' : decision.code;
}
