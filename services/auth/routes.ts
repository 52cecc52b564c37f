// Everything that auth answers over HTTP.
import type { Principal } from '@hakiri/authz/principal';
import { KeySet, Me, RedeemBody, RefreshBody, Session } from '@hakiri/contracts/auth';
import { ProblemError } from '@hakiri/contracts/problem';
import { ACTIONS, PIPELINE_ACTIONS } from '@hakiri/contracts/roles';
import { createApp } from '@hakiri/service/app';
import { bearerToken } from '@hakiri/service/bearer';
import type { Guard } from '@hakiri/service/guard';
import type { Logger } from '@hakiri/service/logger';
import type { Metrics } from '@hakiri/service/metrics';
import { Elysia } from 'elysia';
import { type TeamRoutesDeps, teamRoutes } from './routes-team.ts';
import type { Sessions } from './sessions.ts';

const KEYS_MAX_AGE_S = 60;

type AuthRoutesDeps = TeamRoutesDeps & {
  logger: Logger;
  metrics: Metrics;
  sessions: Sessions;
  publishedKeys(): Promise<KeySet>;
  /** False when the request's address has tried too often. */
  mayAttempt(request: Request): boolean;
  /** Where it comes from, and with which program. */
  clientOf(request: Request): string;
};

export function createRoutes(deps: AuthRoutesDeps) {
  return createApp('auth', deps).use(openRoutes(deps)).use(ownRoutes(deps)).use(teamRoutes(deps));
}

/** For everyone: what turns a secret into a session, and the keys to verify with. */
function openRoutes({ sessions, publishedKeys, mayAttempt, clientOf }: AuthRoutesDeps) {
  function limited(request: Request): void {
    if (mayAttempt(request)) return;
    throw new ProblemError('rate_limited', 'Too many attempts from this address. Wait a minute.');
  }

  return new Elysia({ name: 'auth-open', prefix: '/v1/auth', tags: ['session'] })
    .post(
      '/redeem',
      ({ request, body }) => {
        limited(request);
        return sessions.redeem(body.code, body.name);
      },
      { body: RedeemBody, response: Session, detail: { summary: 'Sign in with a one-time code' } },
    )
    .post(
      '/refresh',
      ({ request, body }) => {
        limited(request);
        return sessions.refresh(body.refreshToken, clientOf(request));
      },
      { body: RefreshBody, response: Session, detail: { summary: 'Renew a session' } },
    )
    .get(
      '/keys',
      ({ set }) => {
        set.headers['cache-control'] = `public, max-age=${KEYS_MAX_AGE_S}`;
        return publishedKeys();
      },
      { response: KeySet, detail: { summary: 'The public keys that tokens verify with' } },
    );
}

/** For whoever is signed in, whatever their role. */
function ownRoutes({ guard, sessions }: AuthRoutesDeps) {
  return new Elysia({ name: 'auth-own', prefix: '/v1/auth', tags: ['session'] })
    .get('/me', async ({ request }) => describeMe(guard, request, await guard.identify(request)), {
      response: Me,
      detail: { summary: 'Who the token speaks for and what it may do' },
    })
    .post(
      '/logout',
      async ({ request, set }) => {
        await sessions.logout(await guard.identify(request));
        set.status = 204;
      },
      { detail: { summary: 'End the session of this token' } },
    );
}

/** The actions are asked of the token itself, so that a narrowed one says how narrow it is. */
async function describeMe(guard: Guard, request: Request, principal: Principal): Promise<Me> {
  const token = bearerToken(request);
  const actions: string[] = [];
  const { user, name, team, role, pipelines } = principal;
  // The rights on each of its pipelines are the same.
  const pipeline = pipelines?.[0];
  const asked = pipelines === undefined ? ACTIONS : pipeline === undefined ? [] : PIPELINE_ACTIONS;
  for (const action of asked) {
    const access = pipeline === undefined ? { action } : { action, pipeline };
    if ((await guard.authorize(token, access)).kind === 'allowed') actions.push(action);
  }
  return { user, name, team, role, actions, ...(pipelines ? { pipelines: [...pipelines] } : {}) };
}
