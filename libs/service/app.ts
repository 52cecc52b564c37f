// The Elysia app that every service's routes.ts builds on: problems for errors, OpenAPI, request metrics.

import { openapi } from '@elysiajs/openapi';
import type { ServiceName } from '@hakiri/contracts/http';
import { type ProblemCode, ProblemError, problem } from '@hakiri/contracts/problem';
import { Elysia } from 'elysia';
import { problemResponse } from './host.ts';
import { errorFields, type Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

export function createApp(name: ServiceName, deps: { logger: Logger; metrics: Metrics }) {
  const requests = deps.metrics.counter('http_requests_total', 'HTTP requests answered', ['status']);
  return new Elysia({ name })
    .use(
      openapi({
        path: `/openapi/${name}`,
        specPath: `/openapi/${name}.json`,
        provider: null,
        documentation: { info: { title: `hakiri-control ${name}`, version: '1' } },
      }),
    )
    .onAfterResponse(({ set }) => requests.inc({ status: String(set.status ?? 200) }))
    .onError(({ code, error, request }) => {
      if (error instanceof ProblemError)
        return answer(error.problem.code as ProblemCode, error.problem.detail, error.problem.issues);
      switch (code) {
        case 'VALIDATION':
          return answer('malformed', firstMisfit(error.all));
        case 'PARSE':
          return answer('malformed', 'The body is not what its content type says.');
        case 'NOT_FOUND':
          return answer('not_found', `Nothing answers ${request.method} ${new URL(request.url).pathname}.`);
        default:
          deps.logger.error('request_failed', { path: new URL(request.url).pathname, ...errorFields(error) });
          return answer(
            'internal',
            'The server failed at this request and has logged why. Trying again may help.',
          );
      }
    });

  function answer(...args: Parameters<typeof problem>): Response {
    requests.inc({ status: String(problem(...args).status) });
    return problemResponse(...args);
  }
}

function firstMisfit(misfits: unknown[]): string {
  const first = misfits[0];
  if (typeof first !== 'object' || first === null) return 'The request does not fit its schema.';
  const path = 'path' in first ? String(first.path) : '';
  const message = 'message' in first ? String(first.message) : 'does not fit';
  return `${path || '/'}: ${message}`;
}
