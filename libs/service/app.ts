// The Elysia app that every service's routes.ts builds on: problems for errors, and OpenAPI from the schemas.

import { openapi } from '@elysiajs/openapi';
import { isDeeperThan } from '@hakiri/base/json';
import type { ServiceName } from '@hakiri/contracts/http';
import { ProblemError } from '@hakiri/contracts/problem';
import { Elysia } from 'elysia';
import { problemResponse } from './host.ts';
import { errorFields, type Logger } from './logger.ts';

/** Of a JSON body. What carries files (import) reads its body itself. */
const JSON_LIMIT_BYTES = 1024 * 1024;
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
    .onParse(({ request, contentType }) =>
      contentType === 'application/json' ? boundedJson(request) : undefined,
    )
    .onError(({ code, error, request }) => {
      // What onParse throws arrives wrapped.
      const refusal = error instanceof Error && error.cause instanceof ProblemError ? error.cause : error;
      if (refusal instanceof ProblemError)
        return problemResponse(refusal.code, refusal.problem.detail, refusal.problem.issues);
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
          deps.logger.error('request_failed', { path: new URL(request.url).pathname, ...errorFields(error) });
          return problemResponse(
            'internal',
            'The server failed at this request and has logged why. Trying again may help.',
          );
      }
    });
}

/** Bounded before anything looks at it: describing a misfit costs the square of a body's depth. */
async function boundedJson(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text.length > JSON_LIMIT_BYTES)
    throw new ProblemError('too_large', `The body is over ${JSON_LIMIT_BYTES} bytes.`);
  if (isDeeperThan(text, JSON_DEPTH_LIMIT))
    throw new ProblemError('malformed', `The body nests deeper than ${JSON_DEPTH_LIMIT} levels.`);
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError('malformed', 'The body is not JSON.');
  }
}

function firstMisfit(misfits: unknown[]): string {
  const first = misfits[0];
  if (typeof first !== 'object' || first === null) return 'The request does not fit its schema.';
  const path = 'path' in first ? String(first.path) : '';
  const message = 'message' in first ? String(first.message) : 'does not fit';
  return `${path || '/'}: ${message}`;
}
