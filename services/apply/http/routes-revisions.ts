// What was published: the list, one revision, its TOML, the difference of two, the latest (long poll), and the event stream.
import {
  AppliedData,
  ManifestDiff,
  REVISION_HEADER,
  REVISION_PAGE_LIMIT,
  RevisionPage,
  SEQUENCE_HEADER,
} from '@hakiri/contracts/apply';
import { KNOWN_SEQUENCE_HEADER, SIGNATURE_HEADER } from '@hakiri/contracts/delivery';
import { ProblemError } from '@hakiri/contracts/problem';
import { parseLabel, Revision, RevisionLabel, type RevisionName } from '@hakiri/contracts/revision';
import { diffText } from '@hakiri/manifest/diff-text';
import { encodeSignedManifest } from '@hakiri/manifest/signature';
import { bearerToken } from '@hakiri/service/bearer';
import { hasEtag } from '@hakiri/service/etag';
import type { Guard } from '@hakiri/service/guard';
import { Elysia, type Static, t } from 'elysia';
import type { Events, Reader } from '../delivery/events.ts';
import type { Revisions } from '../delivery/revisions.ts';
import { signedManifest } from '../publish/signing.ts';
import type { Looks } from '../requests/looks.ts';
import { etagOf, sequenceIn } from './http-text.ts';
import { jsonAnswer, textAnswer } from './route-answers.ts';

const READ = { action: 'manifest.read' } as const;
const PageQuery = t.Object({
  before: t.Optional(t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'sequence' })),
  limit: t.Optional(t.Integer({ minimum: 1, maximum: REVISION_PAGE_LIMIT })),
});
const DiffQuery = t.Object({ from: t.Optional(RevisionLabel), to: t.Optional(RevisionLabel) });
const LatestQuery = t.Object({
  wait: t.Optional(t.Integer({ minimum: 0, maximum: 86_400, description: 'seconds' })),
});
const RevisionParams = t.Object({ revision: RevisionLabel });
const PAGE_DEFAULT = 50;
const TOML_ANSWER = textAnswer('application/toml', t.String(), {
  304: { description: 'You have it already' },
});

export type RevisionRoutesDeps = {
  guard: Guard;
  revisions: Revisions;
  events: Events;
  looks: Looks;
  waitLimitMs: number;
};

export function revisionRoutes(deps: RevisionRoutesDeps) {
  const { guard, revisions, events } = deps;

  async function latest(request: Request, reader: Reader, { wait = 0 }: Static<typeof LatestQuery>) {
    const has = (revision: Revision): boolean =>
      hasEtag(request.headers.get('if-none-match'), etagOf(revision));
    const known = sequenceIn(request.headers.get(KNOWN_SEQUENCE_HEADER));
    if (known !== undefined && !(await events.caughtUp(reader, known, request.signal)))
      return new Response(null, {
        status: 304,
        headers: { 'cache-control': 'no-cache', 'retry-after': '1' },
      });
    const isNews = (revision: Revision | undefined): boolean => {
      if (revision === undefined) return false;
      return known === undefined ? !has(revision) : revision.sequence > known;
    };
    const waitMs = Math.min(wait * 1000, deps.waitLimitMs);
    const revision = await events.next(reader, isNews, waitMs, request.signal);
    if (!revision) throw new ProblemError('not_found', 'Nothing was applied yet. Wait for the first Apply.');
    const headers = manifestHeaders(reader.team, revision, 'no-cache');
    // A newer one may have the bytes that the reader has: then its name and signature are all that is news.
    if (!isNews(revision) || has(revision)) return new Response(null, { status: 304, headers });
    return new Response(await revisions.text(reader.team, revision), { headers });
  }

  return new Elysia({ name: 'apply-revisions', prefix: '/v1/manifest' })
    .derive(async ({ request }) => {
      const { team, user, expiresAtMs } = await guard.require(request, READ);
      const reader: Reader = { team, user, expiresAtMs, token: bearerToken(request) ?? '' };
      return { reader };
    })
    .get(
      '/revisions',
      async ({ query, reader }) =>
        Response.json(await revisions.page(reader.team, query.before, query.limit ?? PAGE_DEFAULT)),
      {
        query: PageQuery,
        detail: {
          summary: 'Revisions, newest first',
          tags: ['revisions'],
          responses: jsonAnswer(RevisionPage),
        },
      },
    )
    .get(
      '/revisions/:revision',
      async ({ params, reader }) =>
        Response.json(await revisions.get(reader.team, parseLabel(params.revision))),
      {
        params: RevisionParams,
        detail: { summary: 'One revision', tags: ['revisions'], responses: jsonAnswer(Revision) },
      },
    )
    .get(
      '/revisions/:revision/manifest.toml',
      async ({ params, request, reader }) => {
        const revision = await revisions.get(reader.team, parseLabel(params.revision));
        const headers = manifestHeaders(reader.team, revision, 'private, max-age=31536000, immutable');
        return hasEtag(request.headers.get('if-none-match'), etagOf(revision))
          ? new Response(null, { status: 304, headers })
          : new Response(await revisions.text(reader.team, revision), { headers });
      },
      {
        params: RevisionParams,
        detail: { summary: 'Its TOML, as published', tags: ['revisions'], responses: TOML_ANSWER },
      },
    )
    .get(
      '/diff',
      async ({ query, request, reader }) => {
        const [from, to] = [nameIn(query.from), nameIn(query.to)];
        return deps.looks.run(reader.team, request.signal, async () => {
          const diff = await revisions.diff(reader.team, from, to);
          return request.headers.get('accept')?.startsWith('text/plain')
            ? new Response(diffText(diff), { headers: { 'content-type': 'text/plain; charset=utf-8' } })
            : Response.json(diff);
        });
      },
      {
        query: DiffQuery,
        detail: {
          summary: 'The difference of two revisions',
          tags: ['revisions'],
          description: 'With `Accept: text/plain` as text for people, as `hakictl diff` prints it.',
          responses: jsonAnswer(ManifestDiff, {}, { 'text/plain': { schema: t.String() } }),
        },
      },
    )
    .get('/latest', ({ request, query, reader }) => latest(request, reader, query), {
      query: LatestQuery,
      detail: {
        summary: 'The latest manifest; with If-None-Match and wait a long poll',
        tags: ['delivery'],
        responses: TOML_ANSWER,
      },
    })
    .get(
      '/events',
      async ({ request, reader }) =>
        new Response(await events.stream(reader, sequenceIn(request.headers.get('last-event-id'))), {
          headers: {
            'content-type': 'text/event-stream',
            'cache-control': 'no-cache',
            'x-accel-buffering': 'no',
          },
        }),
      {
        detail: {
          summary: 'Server-sent events: each revision as it is published',
          tags: ['delivery'],
          responses: textAnswer('text/event-stream', AppliedData),
        },
      },
    );
}

function manifestHeaders(team: string, revision: Revision, cacheControl: string): Record<string, string> {
  const signed = signedManifest(team, revision);
  return {
    'content-type': 'application/toml; charset=utf-8',
    'cache-control': cacheControl,
    etag: etagOf(revision),
    [REVISION_HEADER]: revision.label,
    [SEQUENCE_HEADER]: String(revision.sequence),
    ...(signed ? { [SIGNATURE_HEADER]: encodeSignedManifest(signed) } : {}),
  };
}

function nameIn(label: string | undefined): RevisionName | undefined {
  return label === undefined ? undefined : parseLabel(label);
}
