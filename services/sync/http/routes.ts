// Documents without a socket: list, create, read as JSON, as Loro bytes, or one pipeline of them.
import { DocId } from '@hakiri/contracts/names';
import { ProblemError } from '@hakiri/contracts/problem';
import { createApp } from '@hakiri/service/app';
import { hasEtag } from '@hakiri/service/etag';
import type { Guard } from '@hakiri/service/guard';
import type { Logger } from '@hakiri/service/logger';
import type { Metrics } from '@hakiri/service/metrics';
import { t } from 'elysia';
import type { Registrar } from '../team/registrar.ts';
import type { Reads, Wanted } from './reads.ts';
import type { RescueLimits } from './rescue-gate.ts';
import { documentRoutes } from './routes-documents.ts';
import { rescueRoutes } from './routes-rescue.ts';

const READ = { action: 'doc.read' } as const;
const DocParams = t.Object({ doc: DocId });
const PipelineParams = t.Composite([DocParams, t.Object({ id: t.String({ minLength: 1, maxLength: 100 }) })]);
const VersionQuery = t.Object({
  version: t.Optional(t.String({ maxLength: 200_000, description: 'as it was then; without, as it is' })),
});
const HISTORY_PAGE = 50;
const HistoryQuery = t.Object({
  pipeline: t.Optional(t.String({ minLength: 1, maxLength: 100, description: 'human id or key' })),
  user: t.Optional(t.String({ minLength: 1, maxLength: 100 })),
  before: t.Optional(t.String({ maxLength: 64, description: '`next` of the page before' })),
  limit: t.Optional(t.Integer({ minimum: 1, maximum: 500 })),
});

export function createRoutes(deps: {
  guard: Guard;
  reads: Reads;
  registrar: Registrar;
  /** A larger update is refused. */
  updateBytes: number;
  rescues: RescueLimits;
  logger: Logger;
  metrics: Metrics;
}) {
  const { guard, reads } = deps;
  return createApp('sync', deps)
    .use(documentRoutes(deps))
    .use(rescueRoutes(deps))
    .get(
      '/v1/docs/:doc',
      async ({ request, params, query }) => {
        const { team } = await guard.require(request, READ);
        const read = await reads.view({ team, doc: params.doc }, wantedBy(request, query.version));
        return answer(request, read, (view) => Response.json(view));
      },
      {
        params: DocParams,
        query: VersionQuery,
        detail: { summary: 'The document as JSON, with its version', tags: ['documents'] },
      },
    )
    .get(
      '/v1/docs/:doc/bytes',
      async ({ request, params, query }) => {
        const { team } = await guard.require(request, READ);
        const read = await reads.bytes({ team, doc: params.doc }, wantedBy(request, query.version));
        return answer(request, read, (bytes) => new Response(bytes.slice()));
      },
      {
        params: DocParams,
        query: VersionQuery,
        detail: { summary: 'The document as a Loro snapshot', tags: ['documents'] },
      },
    )
    .get(
      '/v1/docs/:doc/history',
      async ({ request, params, query }) => {
        const { team } = await guard.require(request, READ);
        const { limit = HISTORY_PAGE, pipeline, user, before } = query;
        const page = await reads.history({ team, doc: params.doc }, { pipeline, user, before, limit });
        if (page === undefined) throw new ProblemError('not_found', 'There is no such document.');
        return Response.json(page);
      },
      {
        params: DocParams,
        query: HistoryQuery,
        detail: { summary: 'Who changed what, newest first', tags: ['documents'] },
      },
    )
    .get(
      '/v1/docs/:doc/pipelines/:id',
      async ({ request, params, query }) => {
        const { team } = await guard.identify(request);
        const read = await reads.pipeline({ team, doc: params.doc }, params.id, query.version);
        // Asked for the id that people see, also when the request named the key: a narrowed token names ids.
        const id = typeof read?.value?.id === 'string' ? read.value.id : params.id;
        await guard.require(request, { ...READ, pipeline: id });
        return answer(request, read, (pipeline) => Response.json(pipeline));
      },
      {
        params: PipelineParams,
        query: VersionQuery,
        detail: { summary: 'One pipeline, by id or key', tags: ['documents'] },
      },
    );
}

function wantedBy({ headers }: Request, at: string | undefined): Wanted {
  return { ifNoneMatch: headers.get('if-none-match'), at };
}

/** Nothing read: no such thing. Without a value: what the caller has is current. */
function answer<T>(
  { headers }: Request,
  read: { etag: string; value: T | undefined } | undefined,
  respond: (value: T) => Response,
): Response {
  if (read === undefined)
    throw new ProblemError('not_found', 'There is no such document, or no such pipeline.');
  const { etag, value } = read;
  const isKnown = value === undefined || hasEtag(headers.get('if-none-match'), etag);
  const response = isKnown ? new Response(null, { status: 304 }) : respond(value);
  response.headers.set('etag', etag);
  response.headers.set('cache-control', 'private, no-cache');
  return response;
}
