// The Elysia app that every service's routes.ts builds on: problems for errors, and OpenAPI from the schemas.

import { openapi } from '@elysiajs/openapi';
import type { ServiceName } from '@hakiri/contracts/http';
import { ProblemError } from '@hakiri/contracts/problem';
import { Elysia } from 'elysia';
import { problemResponse } from './host.ts';
import { errorFields, type Logger } from './logger.ts';

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
          deps.logger.error('request_failed', { path: new URL(request.url).pathname, ...errorFields(error) });
          return problemResponse(
            'internal',
            'The server failed at this request and has logged why. Trying again may help.',
          );
      }
    });
}

function firstMisfit(misfits: unknown[]): string {
  const first = misfits[0];
  if (typeof first !== 'object' || first === null) return 'The request does not fit its schema.';
  const path = 'path' in first ? String(first.path) : '';
  const message = 'message' in first ? String(first.message) : 'does not fit';
  return `${path || '/'}: ${message}`;
}
