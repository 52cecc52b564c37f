// POST revert: entries of an earlier revision back into the documents.
import { IDEMPOTENCY_HEADER, IdempotencyKey } from '@hakiri/contracts/apply';
import { ProblemError } from '@hakiri/contracts/problem';
import { RevertBody, RevertResult } from '@hakiri/contracts/revert';
import type { Guard } from '@hakiri/service/guard';
import type { Cause } from '@hakiri/service/messaging';
import { traceOf } from '@hakiri/service/trace';
import type { Random } from '@hakiri/substrate/random';
import { Type } from '@sinclair/typebox';
import { Elysia } from 'elysia';
import type { RevertApply } from '../documents/revert-applies.ts';
import type { Reverter } from '../documents/reverter.ts';
import { isIdempotencyKey, preferredWaitMs } from './http-text.ts';
import { jsonAnswer } from './route-answers.ts';

export type RevertRoutesDeps = {
  guard: Guard;
  random: Random;
  reverter: Reverter;
  answerWaitMs: number;
  waitLimitMs: number;
};

export function revertRoutes({ guard, random, reverter, answerWaitMs, waitLimitMs }: RevertRoutesDeps) {
  return new Elysia({ name: 'apply-revert', prefix: '/v1/manifest' })
    .derive(async ({ request }) => ({ principal: await guard.identify(request) }))
    .post(
      '/revert',
      async ({ body, request, principal }) => {
        const { team, user, role } = principal;
        // A token that was narrowed to pipelines passes none of these: what comes back may be called otherwise now.
        await guard.require(request, { action: 'doc.write' });
        await guard.require(request, { action: 'doc.read' });
        await guard.require(request, { action: 'manifest.read' });
        const cause: Cause = { actor: { kind: 'user', id: user }, traceparent: traceOf(request, random) };
        let by: RevertApply | undefined;
        if (body.apply && !body.dryRun) {
          await guard.require(request, { action: 'manifest.apply' });
          const idempotencyKey = request.headers.get(IDEMPOTENCY_HEADER);
          if (!isIdempotencyKey(idempotencyKey))
            throw new ProblemError(
              'malformed',
              `To revert and apply send a header ${IDEMPOTENCY_HEADER} of 8 to 200 letters, digits, "_", ".", ":" or "-", new for each revert.`,
            );
          const preferred = preferredWaitMs(request.headers.get('prefer')) ?? answerWaitMs;
          const waitMs = Math.min(preferred, waitLimitMs);
          by = { author: user, authorRole: role, idempotencyKey, waitMs, signal: request.signal };
          if (principal.narrowedUntilMs !== undefined) by.untilMs = principal.narrowedUntilMs;
        }
        const result = await reverter.revert(team, body, by, cause, request.signal);
        const isOpen = result.documents.some(
          ({ apply }) => apply && apply.state !== 'published' && apply.state !== 'refused',
        );
        return Response.json(result, { status: isOpen ? 202 : 200 });
      },
      {
        body: RevertBody,
        detail: {
          summary: 'Write entries of an earlier revision back into the documents, and apply them if asked',
          parameters: [
            {
              name: IDEMPOTENCY_HEADER,
              in: 'header',
              schema: IdempotencyKey,
              description: 'With `apply`: new for each revert; a retry repeats it',
            },
            {
              name: 'prefer',
              in: 'header',
              schema: Type.String(),
              description: 'With `apply`: `wait=<seconds>` or `respond-async`',
            },
          ],
          tags: ['files'],
          responses: jsonAnswer(RevertResult, {
            202: {
              description:
                'An Apply is not finished, or waits for people or for a time: ask for it by its id',
              content: { 'application/json': { schema: RevertResult } },
            },
          }),
        },
      },
    );
}
