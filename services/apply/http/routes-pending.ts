// GET pending and POST discard: what of a document is not live, and taking it back.
import { DEFAULT_DOC, DocId } from '@hakiri/contracts/names';
import { DiscardBody, DiscardResult, PendingPage } from '@hakiri/contracts/pending';
import { bearerToken } from '@hakiri/service/bearer';
import type { Guard } from '@hakiri/service/guard';
import type { Cause } from '@hakiri/service/messaging';
import { traceOf } from '@hakiri/service/trace';
import type { Random } from '@hakiri/substrate/random';
import { Type } from '@sinclair/typebox';
import { Elysia } from 'elysia';
import type { Discard } from '../documents/discard.ts';
import type { Pending } from '../documents/pending.ts';
import { jsonAnswer } from './route-answers.ts';

export type PendingRoutesDeps = {
  guard: Guard;
  random: Random;
  pending: Pick<Pending, 'page'>;
  discard: Discard;
};

const PendingQuery = Type.Object({
  doc: Type.Optional(DocId),
  after: Type.Optional(Type.String({ maxLength: 200 })),
});

export function pendingRoutes({ guard, random, pending, discard }: PendingRoutesDeps) {
  const causeOf = (user: string, request: Request): Cause => ({
    actor: { kind: 'user', id: user },
    traceparent: traceOf(request, random),
  });

  return new Elysia({ name: 'apply-pending', prefix: '/v1/manifest' })
    .derive(async ({ request }) => ({ principal: await guard.identify(request) }))
    .get(
      '/pending',
      async ({ query, request }) => {
        const { team, user } = await guard.require(request, { action: 'doc.read' });
        const { doc = DEFAULT_DOC, after } = query;
        return Response.json(await pending.page({ team, doc }, after, causeOf(user, request)));
      },
      {
        query: PendingQuery,
        detail: {
          summary: 'How the document differs from what was last applied of it',
          tags: ['apply'],
          responses: jsonAnswer(PendingPage),
        },
      },
    )
    .post(
      '/discard',
      async ({ body, request, principal }) => {
        await mayDiscard(guard, request, body);
        const { team, user } = principal;
        const { doc = DEFAULT_DOC } = body;
        return Response.json(await discard({ team, doc }, body, causeOf(user, request)));
      },
      {
        body: DiscardBody,
        detail: {
          summary: 'Write back what was last applied, as one update of the document',
          tags: ['apply'],
          responses: jsonAnswer(DiscardResult),
        },
      },
    );
}

/** A token that was narrowed to some pipelines may discard just those. */
async function mayDiscard(guard: Guard, request: Request, body: DiscardBody): Promise<void> {
  const { pipelines = [], variables = [] } = body;
  const isWhole = pipelines.length === 0 || variables.length > 0;
  // The answer tells how what was named differs.
  for (const action of ['doc.write', 'doc.read'] as const) {
    if (isWhole || (await guard.authorize(bearerToken(request), { action })).kind === 'allowed')
      await guard.require(request, { action });
    else for (const { pipeline } of pipelines) await guard.require(request, { action, pipeline });
  }
}
