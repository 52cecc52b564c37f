// POST merge and PATCH pipelines/<id>: configuration that is kept elsewhere, and programs that change one pipeline.
import { fromUtf8 } from '@hakiri/base/bytes';
import { MERGE_PATCH_TYPE, MergeBody, MergeResult } from '@hakiri/contracts/merge';
import { DEFAULT_DOC, DocId, DocVersion } from '@hakiri/contracts/names';
import { ProblemError, problem } from '@hakiri/contracts/problem';
import { PipelineView } from '@hakiri/contracts/sync';
import type { Guard } from '@hakiri/service/guard';
import type { Cause } from '@hakiri/service/messaging';
import { traceOf } from '@hakiri/service/trace';
import type { Random } from '@hakiri/substrate/random';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { Elysia } from 'elysia';
import type { Merger } from '../documents/merger.ts';
import type { Patcher } from '../documents/patcher.ts';
import type { Looks } from '../requests/looks.ts';
import { jsonAnswer } from './route-answers.ts';

export type MergeRoutesDeps = {
  guard: Guard;
  random: Random;
  looks: Looks;
  merger: Merger;
  patcher: Patcher;
};

const PatchQuery = Type.Object({ doc: Type.Optional(DocId) });
const PatchParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 100, description: 'human id or key' }),
});
const PatchBody = {
  type: 'object' as const,
  description: 'The fields to change (RFC 7396); null empties one',
};
/** A longer version is told in the body alone: proxies cut long headers. */
const ETAG_LIMIT_CHARS = 4_000;

export function mergeRoutes({ guard, random, looks, merger, patcher }: MergeRoutesDeps) {
  const causeOf = (user: string, request: Request): Cause => ({
    actor: { kind: 'user', id: user },
    traceparent: traceOf(request, random),
  });

  return new Elysia({ name: 'apply-merge', prefix: '/v1/manifest' })
    .derive(async ({ request }) => ({ principal: await guard.identify(request) }))
    .post(
      '/merge',
      async ({ body, request }) => {
        const { team, user } = await guard.require(request, { action: 'doc.write' });
        // The answer tells of both.
        await guard.require(request, { action: 'doc.read' });
        await guard.require(request, { action: 'manifest.read' });
        const { doc = DEFAULT_DOC } = body;
        return looks.run(team, request.signal, async () => {
          const merge = await merger.merge({ team, doc }, body, causeOf(user, request));
          if (merge.kind === 'merged') return Response.json(merge.result);
          const { detail, conflicts } = merge;
          return Response.json(
            { ...problem('merge_conflict', detail), conflicts },
            { status: 409, headers: { 'content-type': 'application/problem+json' } },
          );
        });
      },
      {
        body: MergeBody,
        detail: {
          summary: 'Merge a folder of files into the document, over what it had last',
          tags: ['files'],
          responses: jsonAnswer(MergeResult),
        },
      },
    )
    .patch(
      '/pipelines/:id',
      async ({ params, query, request, principal }) => {
        const { team, user } = principal;
        const { doc = DEFAULT_DOC } = query;
        const mayWrite = async (id: string): Promise<void> => {
          await guard.require(request, { action: 'doc.write', pipeline: id });
        };
        // Before anything is read: who may not write it does not learn whether it is there.
        await mayWrite(params.id);
        const since = versionOf(request.headers.get('if-match'));
        checkPatchType(request);
        const bytes = await request.bytes();
        const cause = causeOf(user, request);
        const view = await looks.run(team, request.signal, () =>
          patcher.patch({ team, doc }, params.id, parsePatch(bytes), since, mayWrite, cause),
        );
        const headers = view.version.length > ETAG_LIMIT_CHARS ? {} : { etag: `"${view.version}"` };
        return Response.json(view, { headers });
      },
      {
        parse: 'none',
        params: PatchParams,
        query: PatchQuery,
        detail: {
          summary: 'Change one pipeline by a JSON Merge Patch',
          description:
            'One update of the document, in the name of the token’s user. `If-Match: "<version>"`, of a document or a pipeline that was read: only if nobody touched the pipeline after it.',
          tags: ['files'],
          requestBody: { required: true, content: { [MERGE_PATCH_TYPE]: { schema: PatchBody } } },
          responses: jsonAnswer(PipelineView),
        },
      },
    );
}

/** @throws ProblemError */
function versionOf(ifMatch: string | null): string | undefined {
  if (ifMatch === null || ifMatch.trim() === '*') return undefined;
  const version = /^"([^"]*)"$/.exec(ifMatch.trim())?.[1];
  if (Value.Check(DocVersion, version)) return version;
  throw new ProblemError(
    'malformed',
    'Write `If-Match` as one `version` of the document in double quotes, or leave it out.',
  );
}

/** @throws ProblemError */
function checkPatchType(request: Request): void {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== MERGE_PATCH_TYPE)
    throw new ProblemError('malformed', `Send ${MERGE_PATCH_TYPE} (RFC 7396), not ${type || 'nothing'}.`);
}

/** @throws ProblemError */
function parsePatch(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    throw new ProblemError('malformed', 'The patch is not JSON. Correct it and try again.');
  }
}
