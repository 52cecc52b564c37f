// POST apply and validate, GET requests/<id>.
import {
  ApplyBody,
  ApplyStatus,
  IDEMPOTENCY_HEADER,
  IdempotencyKey,
  Validation,
} from '@hakiri/contracts/apply';
import { type Problem, ProblemError, problem } from '@hakiri/contracts/problem';
import type { Action } from '@hakiri/contracts/roles';
import type { Scope } from '@hakiri/contracts/sync';
import { bearerToken } from '@hakiri/service/bearer';
import type { Guard } from '@hakiri/service/guard';
import { problemResponse } from '@hakiri/service/host';
import { traceOf } from '@hakiri/service/trace';
import type { Random } from '@hakiri/substrate/random';
import { Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { Elysia } from 'elysia';
import { preferredWaitMs } from './http-text.ts';
import type { Intake } from './intake.ts';
import { jsonAnswer } from './route-answers.ts';
import type { Validate } from './validate.ts';

const READ = { action: 'manifest.read' } as const;
const isIdempotencyKey = TypeCompiler.Compile(IdempotencyKey);

export type RequestRoutesDeps = {
  guard: Guard;
  random: Random;
  intake: Intake;
  validate: Validate;
  answerWaitMs: number;
  waitLimitMs: number;
};

export function requestRoutes(deps: RequestRoutesDeps) {
  const { guard, random, intake, validate } = deps;

  return new Elysia({ name: 'apply-requests', prefix: '/v1/manifest' })
    .derive(async ({ request }) => ({ principal: await guard.identify(request) }))
    .post(
      '/apply',
      async ({ body, request, principal }) => {
        await allow(guard, request, 'manifest.apply', body.scope);
        const idempotencyKey = request.headers.get(IDEMPOTENCY_HEADER);
        if (!isIdempotencyKey.Check(idempotencyKey))
          throw new ProblemError(
            'malformed',
            `Send a header ${IDEMPOTENCY_HEADER} of 8 to 200 letters, digits, "_", ".", ":" or "-", new for each Apply.`,
          );
        const preferred = preferredWaitMs(request.headers.get('prefer')) ?? deps.answerWaitMs;
        const asked = {
          team: principal.team,
          author: principal.user,
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
            return outcome(answer.status);
        }
      },
      {
        body: ApplyBody,
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
          responses: jsonAnswer(ApplyStatus, {
            202: {
              description: 'Pending: ask where Location says',
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
        const cause = {
          actor: { kind: 'user' as const, id: principal.user },
          traceparent: traceOf(request, random),
        };
        const answer = await validate(principal.team, body, cause);
        return answer.kind === 'validation'
          ? Response.json(answer.validation)
          : problemAnswer(answer.problem);
      },
      {
        body: ApplyBody,
        detail: {
          summary: 'What an Apply would come to',
          tags: ['apply'],
          responses: jsonAnswer(Validation),
        },
      },
    )
    .get(
      '/requests/:id',
      async ({ params, request, principal }) => {
        const found = await intake.status(principal.team, params.id);
        const mayRead = (await guard.authorize(bearerToken(request), READ)).kind === 'allowed';
        // Who may make the very request may know what became of it, also with a token that reads nothing else.
        if (!mayRead && found?.author === principal.user)
          await allow(guard, request, 'manifest.apply', found.scope);
        else await guard.require(request, READ);
        if (!found) throw new ProblemError('not_found', 'Your team made no Apply request with this id.');
        return Response.json(found.status);
      },
      {
        detail: {
          summary: 'What became of an Apply request',
          tags: ['apply'],
          responses: jsonAnswer(ApplyStatus),
        },
      },
    );
}

/** A token that was narrowed to some pipelines may act on a scope of just those. */
async function allow(guard: Guard, request: Request, action: Action, scope: Scope): Promise<void> {
  if (scope.kind !== 'pipelines') {
    await guard.require(request, { action });
    return;
  }
  if ((await guard.authorize(bearerToken(request), { action })).kind === 'allowed') return;
  for (const pipeline of scope.pipelines) await guard.require(request, { action, pipeline });
}

function outcome(status: ApplyStatus): Response {
  switch (status.state) {
    case 'published':
      return Response.json(status);
    case 'pending':
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

function problemAnswer(reason: Problem): Response {
  return Response.json(reason, {
    status: reason.status,
    headers: { 'content-type': 'application/problem+json' },
  });
}
