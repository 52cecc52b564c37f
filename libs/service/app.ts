// The Elysia app that every service's routes.ts builds on: problems for errors, and OpenAPI from the schemas.

import { openapi } from '@elysiajs/openapi';
import { readUtf8 } from '@hakiri/base/bytes';
import { isDeeperThan } from '@hakiri/base/json';
import type { ServiceName } from '@hakiri/contracts/http';
import { ProblemError } from '@hakiri/contracts/problem';
import { isDatabaseAway, isStorageFull } from '@hakiri/substrate/libsql/database';
import { Elysia } from 'elysia';
import { problemResponse } from './host.ts';
import { errorFields, type Logger } from './logger.ts';

const JSON_DEPTH_LIMIT = 64;

export function createApp(name: ServiceName, deps: { logger: Logger }) {
  // Normalizing would silently drop the fields that a closed schema is there to refuse.
  return new Elysia({ name, normalize: false })
    .use(
      openapi({
        path: `/openapi/${name}`,
        specPath: `/openapi/${name}.json`,
        provider: null,
        // A path such as revisions/<n>/manifest.toml is a route of ours, not a file.
        exclude: { staticFile: false },
        documentation: { info: { title: `hakiri-control ${name}`, version: '1' } },
      }),
    )
    .onRequest(({ request }) => refuseHostileJson(request))
    .onError(({ code, error, request }) => {
      if (error instanceof ProblemError)
        return problemResponse(error.code, error.problem.detail, error.problem.issues);
      switch (code) {
        case 'VALIDATION':
          return problemResponse('malformed', firstMisfit(error.all));
        case 'PARSE':
          return problemResponse('malformed', 'The body is not what its content type says.');
        case 'NOT_FOUND':
          return problemResponse(
            'not_found',
            `Nothing answers ${request.method} ${new URL(request.url).pathname}.`,
          );
        default:
          if (isDatabaseAway(error)) {
            deps.logger.warn('database_away', { path: new URL(request.url).pathname, ...errorFields(error) });
            return problemResponse('unavailable', 'The database does not answer. Try again shortly.');
          }
          if (isStorageFull(error)) {
            deps.logger.error('storage_full', { path: new URL(request.url).pathname, ...errorFields(error) });
            return problemResponse(
              'storage_full',
              'The disk of the server is full. Its operator has to make room.',
            );
          }
          deps.logger.error('request_failed', { path: new URL(request.url).pathname, ...errorFields(error) });
          return problemResponse(
            'internal',
            'The server failed at this request and has logged why. Trying again may help.',
          );
      }
    });
}

/**
 * Looked at before anything else does: describing a misfit costs the square of a body's depth. A copy of the body is read, so
 * that routes still have it.
 */
async function refuseHostileJson(request: Request): Promise<Response | undefined> {
  if (!request.headers.get('content-type')?.includes('json') || request.body === null) return undefined;
  const read = readUtf8(await request.clone().bytes());
  // A parser that replaces what it cannot read would let through what nobody wrote.
  if (read.kind === 'broken')
    return problemResponse(
      'malformed',
      `The body is not UTF-8: byte ${read.offset + 1}, in line ${read.line}. Save it as UTF-8 and try again.`,
    );
  if (!isDeeperThan(read.text, JSON_DEPTH_LIMIT)) return undefined;
  return problemResponse('malformed', `The body nests deeper than ${JSON_DEPTH_LIMIT} levels.`);
}

function firstMisfit(misfits: unknown[]): string {
  const first = misfits[0];
  if (typeof first !== 'object' || first === null) return 'The request does not fit its schema.';
  const path = 'path' in first ? String(first.path) : '';
  const message = descriptionOf(first) ?? ('message' in first ? String(first.message) : 'does not fit');
  return `${path || '/'}: ${message}`;
}

/** What a pattern or a choice lets through, in words: a regular expression helps nobody, and neither does "union". */
function descriptionOf(misfit: object): string | undefined {
  const schema = 'schema' in misfit ? misfit.schema : undefined;
  if (typeof schema !== 'object' || schema === null) return undefined;
  if (!('pattern' in schema) && !('anyOf' in schema)) return undefined;
  return 'description' in schema ? `expected ${schema.description}` : undefined;
}
