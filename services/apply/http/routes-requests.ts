// POST apply, its dry run and validate.
import {
  ApplyBody,
  ApplyStatus,
  IDEMPOTENCY_HEADER,
  IdempotencyKey,
  Validation,
} from '@hakiri/contracts/apply';
import { DryRun } from '@hakiri/contracts/approval';
import { type Problem, ProblemError, problem } from '@hakiri/contracts/problem';
import type { Action } from '@hakiri/contracts/roles';
import type { Scope } from '@hakiri/contracts/scope';
import { checkZone } from '@hakiri/manifest/check-schedule';
import { bearerToken } from '@hakiri/service/bearer';
import type { Guard } from '@hakiri/service/guard';
import { problemResponse } from '@hakiri/service/host';
import { traceOf } from '@hakiri/service/trace';
import type { Random } from '@hakiri/substrate/random';
import { Type } from '@sinclair/typebox';
import { Elysia } from 'elysia';
import { timingOf } from '../policy/gate.ts';
import type { DryRunner } from '../requests/dry-run.ts';
import type { Intake } from '../requests/intake.ts';
import type { Looks } from '../requests/looks.ts';
import { problemWithin, reachOf, statusWithin, validationWithin } from '../requests/reach.ts';
import type { Validate } from '../requests/validate.ts';
import { isIdempotencyKey, preferredWaitMs } from './http-text.ts';
import { jsonAnswer } from './route-answers.ts';

const ApplyQuery = Type.Object({
  dryRun: Type.Optional(
    Type.Union([Type.Literal('true'), Type.Literal('false')], {
      description: 'only say what would be published, to the byte; needs no idempotency key',
    }),
  ),
});
const TIMING =
  'Write `at` as `2026-03-29T02:30:00Z`, or without an offset and with a `timezone` such as Europe/Berlin; and name either `at` or `window`.';

export type RequestRoutesDeps = {
  guard: Guard;
  random: Random;
  intake: Intake;
  validate: Validate;
  dryRun: DryRunner;
  looks: Looks;
  answerWaitMs: number;
  waitLimitMs: number;
};

export function requestRoutes(deps: RequestRoutesDeps) {
  const { guard, random, intake, validate, dryRun, looks } = deps;

  return new Elysia({ name: 'apply-requests', prefix: '/v1/manifest' })
    .derive(async ({ request }) => ({ principal: await guard.identify(request) }))
    .post(
      '/apply',
      async ({ body, query, request, principal }) => {
        await allow(guard, request, 'manifest.apply', body.scope);
        const reach = await reachOf(guard, request, body.scope);
        refuseTiming(body);
        if (query.dryRun === 'true') {
          const cause = { actor: userActor(principal.user), traceparent: traceOf(request, random) };
          return looks.run(principal.team, request.signal, async () => {
            const dry = await dryRun(principal.team, principal, body, cause, reach);
            if (dry.kind === 'dry_run') return Response.json(dry.dryRun);
            return problemAnswer(problemWithin(reach, dry.problem));
          });
        }
        const { narrowedUntilMs: untilMs } = principal;
        const timing = timingOf(body);
        if (untilMs !== undefined && timing?.kind === 'at' && timing.dueAtMs >= untilMs)
          throw new ProblemError('denied', beyond(untilMs));
        const idempotencyKey = request.headers.get(IDEMPOTENCY_HEADER);
        if (!isIdempotencyKey(idempotencyKey))
          throw new ProblemError(
            'malformed',
            `Send a header ${IDEMPOTENCY_HEADER} of 8 to 200 letters, digits, "_", ".", ":" or "-", new for each Apply.`,
          );
        const preferred = preferredWaitMs(request.headers.get('prefer')) ?? deps.answerWaitMs;
        const asked = {
          team: principal.team,
          author: principal.user,
          authorRole: principal.role,
          ...(untilMs === undefined ? {} : { untilMs }),
          idempotencyKey,
          body,
          traceparent: traceOf(request, random),
        };
        const answer = await intake.submit(asked, Math.min(preferred, deps.waitLimitMs), request.signal);
        switch (answer.kind) {
          case 'mismatch':
            return problemResponse(
              'idempotency_mismatch',
              'You used this idempotency key for another Apply. Use a new key.',
            );
          case 'full':
            return problemResponse(
              'rate_limited',
              'Many Applies of your team are not finished yet. Try again when some are.',
            );
          case 'status':
            return outcome(statusWithin(reach, true, answer.status));
        }
      },
      {
        body: ApplyBody,
        query: ApplyQuery,
        detail: {
          summary: 'Take a scope of the document live',
          parameters: [
            {
              name: IDEMPOTENCY_HEADER,
              in: 'header',
              required: true,
              schema: IdempotencyKey,
              description: 'New for each Apply; a retry repeats it',
            },
            {
              name: 'prefer',
              in: 'header',
              schema: Type.String(),
              description: '`wait=<seconds>` or `respond-async`',
            },
          ],
          tags: ['apply'],
          responses: jsonAnswer(Type.Union([ApplyStatus, DryRun]), {
            202: {
              description: 'Not yet: pending, waiting for approval or for its time; ask where Location says',
              content: { 'application/json': { schema: ApplyStatus } },
            },
          }),
        },
      },
    )
    .post(
      '/validate',
      async ({ body, request, principal }) => {
        await allow(guard, request, 'doc.read', body.scope);
        const reach = await reachOf(guard, request, body.scope);
        const cause = {
          actor: userActor(principal.user),
          traceparent: traceOf(request, random),
        };
        return looks.run(principal.team, request.signal, async () => {
          const answer = await validate(principal.team, body, cause);
          return answer.kind === 'validation'
            ? Response.json(validationWithin(reach, answer.validation))
            : problemAnswer(problemWithin(reach, answer.problem));
        });
      },
      {
        body: ApplyBody,
        detail: {
          summary: 'What an Apply would come to',
          tags: ['apply'],
          responses: jsonAnswer(Validation),
        },
      },
    );
}

/** A token that was narrowed to some pipelines may act on a scope of just those. */
export async function allow(guard: Guard, request: Request, action: Action, scope: Scope): Promise<void> {
  if (scope.kind !== 'pipelines') {
    await guard.require(request, { action });
    return;
  }
  if ((await guard.authorize(bearerToken(request), { action })).kind === 'allowed') return;
  for (const pipeline of scope.pipelines) await guard.require(request, { action, pipeline });
}

export function outcome(status: ApplyStatus): Response {
  switch (status.state) {
    case 'published':
      return Response.json(status);
    case 'pending':
    case 'awaiting_approval':
    case 'scheduled':
      return Response.json(status, {
        status: 202,
        headers: { location: `/v1/manifest/requests/${status.id}` },
      });
    case 'refused':
      return problemAnswer(
        status.problem ?? problem('internal', 'The request was refused without a reason.'),
      );
  }
}

export function problemAnswer(reason: Problem): Response {
  return Response.json(reason, {
    status: reason.status,
    headers: { 'content-type': 'application/problem+json' },
  });
}

function beyond(untilMs: number): string {
  const until = new Date(untilMs).toISOString();
  return `This token is good until ${until}: name an earlier time, or use a token that is good for longer.`;
}

function userActor(id: string) {
  return { kind: 'user' as const, id };
}

/** @throws ProblemError */
function refuseTiming(body: ApplyBody): void {
  const zone = body.timezone === undefined ? [] : checkZone(body.timezone, '/timezone');
  const [unknown] = zone;
  if (unknown !== undefined) throw new ProblemError('malformed', unknown.message, zone);
  if (timingOf(body) === undefined) throw new ProblemError('malformed', TIMING);
}
