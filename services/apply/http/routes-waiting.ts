// Requests after they were made: listed, looked at, approved, rejected, cancelled.

import type { Principal } from '@hakiri/authz/principal';
import { ApplyStatus } from '@hakiri/contracts/apply';
import {
  ApproveBody,
  REQUEST_PAGE_LIMIT,
  RejectBody,
  RequestList,
  RequestView,
} from '@hakiri/contracts/approval';
import { ProblemError } from '@hakiri/contracts/problem';
import { bearerToken } from '@hakiri/service/bearer';
import type { Guard } from '@hakiri/service/guard';
import { traceOf } from '@hakiri/service/trace';
import type { Random } from '@hakiri/substrate/random';
import { Elysia, t } from 'elysia';
import type { LookAnew, Person, Settle, Waiting } from '../policy/waiting.ts';
import type { Intake } from '../requests/intake.ts';
import type { Looks } from '../requests/looks.ts';
import { type Reach, reachOf, statusWithin, viewWithin } from '../requests/reach.ts';
import type { RequestViews } from '../requests/request-view.ts';
import type { Store } from '../store/store.ts';
import { isWaiting, type RequestRow } from '../store/store-rows.ts';
import { jsonAnswer } from './route-answers.ts';
import { allow } from './routes-requests.ts';

const READ = { action: 'manifest.read' } as const;
const APPROVE = { action: 'manifest.approve' } as const;

export type WaitingRoutesDeps = {
  guard: Guard;
  random: Random;
  store: Store;
  intake: Pick<Intake, 'settled'>;
  views: RequestViews;
  looks: Looks;
  waiting: Pick<Waiting, 'approve' | 'reject' | 'cancel'>;
  reconsider: LookAnew;
  answerWaitMs: number;
};

export function waitingRoutes(deps: WaitingRoutesDeps) {
  const { guard, random, store, views, waiting } = deps;

  async function find(team: string, id: string): Promise<RequestRow> {
    const row = await store.request(team, id);
    if (!row) throw new ProblemError('not_found', 'Your team made no Apply request with this id.');
    return row;
  }

  function personOf({ user, role }: Principal, request: Request): Person {
    return {
      user,
      role,
      cause: { actor: { kind: 'user', id: user }, traceparent: traceOf(request, random) },
    };
  }

  const settleOf =
    (request: Request): Settle =>
    (row) =>
      deps.intake.settled(row, deps.answerWaitMs, request.signal);

  /** Of what it asked for its author alone was found to be allowed. */
  const reachIn = (request: Request, row: RequestRow, isAuthor: boolean): Promise<Reach> =>
    reachOf(guard, request, isAuthor ? row.body.scope : undefined);
  const answer = async (request: Request, user: string, row: RequestRow): Promise<Response> => {
    const isAuthor = row.author === user;
    const reach = await reachIn(request, row, isAuthor);
    return Response.json(statusWithin(reach, isAuthor, await views.status(row)));
  };
  const may = async (request: Request, action: 'manifest.read' | 'doc.read' | 'team.manage') =>
    (await guard.authorize(bearerToken(request), { action })).kind === 'allowed';

  return new Elysia({ name: 'apply-waiting', prefix: '/v1/manifest' })
    .derive(async ({ request }) => ({ principal: await guard.identify(request) }))
    .get(
      '/requests',
      async ({ query, request }) => {
        const { team, user } = await guard.require(request, READ);
        const { state = 'waiting', key, before, limit = 20 } = query;
        if (key !== undefined) {
          const row = await store.ofKey({ team, author: user, idempotencyKey: key });
          return Response.json({ requests: row ? [await views.summary(row)] : [] });
        }
        return Response.json(await views.list(team, state, before, limit));
      },
      {
        query: t.Object({
          state: t.Optional(
            t.Union([t.Literal('waiting'), t.Literal('refused'), t.Literal('all')], {
              description:
                '`waiting` (unfinished) when absent; `refused`: that had waited, and did not go live. Ended ones are kept for a day',
            }),
          ),
          key: t.Optional(
            t.String({
              maxLength: 200,
              description: 'idempotency key of your own: that request alone, whatever became of it',
            }),
          ),
          before: t.Optional(t.String({ maxLength: 60 })),
          limit: t.Optional(t.Integer({ minimum: 1, maximum: REQUEST_PAGE_LIMIT })),
        }),
        detail: {
          summary: 'Apply requests, newest first',
          tags: ['apply'],
          responses: jsonAnswer(RequestList),
        },
      },
    )
    .get(
      '/requests/:id',
      async ({ params, request, principal }) => {
        const found = await store.request(principal.team, params.id);
        // Who may make the very request may know what became of it, also with a token that reads nothing else.
        if (found?.author === principal.user && !(await may(request, 'manifest.read')))
          await allow(guard, request, 'manifest.apply', found.body.scope);
        else await guard.require(request, READ);
        if (!found) throw new ProblemError('not_found', 'Your team made no Apply request with this id.');
        const isAuthor = found.author === principal.user;
        const reach = await reachIn(request, found, isAuthor);
        const answered = async (withProposal: boolean) =>
          Response.json(viewWithin(reach, isAuthor, await views.view(found, withProposal)));
        // Only what it would change takes whole documents to find out.
        return isWaiting(found) && (await may(request, 'doc.read'))
          ? deps.looks.run(found.team, request.signal, () => answered(true))
          : answered(false);
      },
      {
        detail: {
          summary: 'What became of an Apply request; while it waits, with what it would change',
          tags: ['apply'],
          responses: jsonAnswer(RequestView),
        },
      },
    )
    .post(
      '/requests/:id/approve',
      async ({ params, body, request }) => {
        const principal = await guard.require(request, APPROVE);
        const row = await find(principal.team, params.id);
        return answer(
          request,
          principal.user,
          await waiting.approve(row, personOf(principal, request), body, settleOf(request), (found) =>
            deps.looks.run(found.team, request.signal, () => deps.reconsider(found)),
          ),
        );
      },
      {
        body: ApproveBody,
        detail: {
          summary: 'Agree that exactly this goes live',
          tags: ['apply'],
          responses: jsonAnswer(ApplyStatus),
        },
      },
    )
    .post(
      '/requests/:id/reject',
      async ({ params, body, request }) => {
        const principal = await guard.require(request, APPROVE);
        const row = await find(principal.team, params.id);
        const person = personOf(principal, request);
        return answer(
          request,
          principal.user,
          await waiting.reject(row, person, body.reason, settleOf(request)),
        );
      },
      {
        body: RejectBody,
        detail: { summary: 'Refuse it, and say why', tags: ['apply'], responses: jsonAnswer(ApplyStatus) },
      },
    )
    .post(
      '/requests/:id/cancel',
      async ({ params, request, principal }) => {
        const row = await store.request(principal.team, params.id);
        if (row?.author === principal.user) await allow(guard, request, 'manifest.apply', row.body.scope);
        else await guard.require(request, { action: 'team.manage' });
        if (!row) throw new ProblemError('not_found', 'Your team made no Apply request with this id.');
        return answer(
          request,
          principal.user,
          await waiting.cancel(row, personOf(principal, request), settleOf(request)),
        );
      },
      {
        detail: {
          summary: 'Take back a request that is not published, as its author or an admin',
          tags: ['apply'],
          responses: jsonAnswer(ApplyStatus),
        },
      },
    );
}
