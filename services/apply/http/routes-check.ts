// POST store/check: whether the blob store has what was published, answered as it is found out.

import { utf8 } from '@hakiri/base/bytes';
import { ProblemError } from '@hakiri/contracts/problem';
import { StoreCheckBody, StoreCheckLine } from '@hakiri/contracts/store-check';
import type { Guard } from '@hakiri/service/guard';
import { errorFields, type Logger } from '@hakiri/service/logger';
import { traceOf } from '@hakiri/service/trace';
import type { Random } from '@hakiri/substrate/random';
import { Elysia } from 'elysia';
import type { Checker } from '../publish/checker.ts';
import { textAnswer } from './route-answers.ts';

export type CheckRoutesDeps = { guard: Guard; random: Random; logger: Logger; checker: Checker };

export function checkRoutes({ guard, random, logger, checker }: CheckRoutesDeps) {
  return new Elysia({ name: 'apply-check', prefix: '/v1/manifest' })
    .derive(async ({ request }) => ({ principal: await guard.require(request, { action: 'team.manage' }) }))
    .post(
      '/store/check',
      ({ body, request, principal: { team, user } }) => {
        const cause = { actor: { kind: 'user' as const, id: user }, traceparent: traceOf(request, random) };
        const lines = checker.check({ team, cause, deleteUnreferenced: body.deleteUnreferenced ?? false });
        if (lines === undefined)
          throw new ProblemError(
            'rate_limited',
            'The store of your team is being checked, or was a moment ago. Wait for its report, or a minute.',
          );
        return new Response(streamOf(lines, logger), {
          headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' },
        });
      },
      {
        body: StoreCheckBody,
        detail: {
          summary: 'Whether the blob store has what was published: nothing missing, damaged or unreferenced',
          tags: ['revisions'],
          responses: textAnswer('application/x-ndjson', StoreCheckLine),
        },
      },
    );
}

/** One line when the reader is ready for it; who leaves ends the check. */
function streamOf(lines: AsyncGenerator<StoreCheckLine, void>, logger: Logger): ReadableStream<Uint8Array> {
  const encoded = (line: StoreCheckLine): Uint8Array => utf8(`${JSON.stringify(line)}\n`);
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const { done, value } = await lines.next();
        if (done) controller.close();
        else controller.enqueue(encoded(value));
      } catch (error) {
        logger.error('store_check_failed', errorFields(error));
        const detail =
          'The blob store or the database failed under the check. Nothing is known of the rest: try again.';
        controller.enqueue(encoded({ kind: 'failed', detail }));
        controller.close();
      }
    },
    cancel: async () => {
      await lines.return();
    },
  });
}
