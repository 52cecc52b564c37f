// Everything that apply answers over HTTP.
import { createApp } from '@hakiri/service/app';
import type { Logger } from '@hakiri/service/logger';
import { type ImportRoutesDeps, importRoutes } from './routes-import.ts';
import { type RequestRoutesDeps, requestRoutes } from './routes-requests.ts';
import { type RevisionRoutesDeps, revisionRoutes } from './routes-revisions.ts';

export function createRoutes(
  deps: RequestRoutesDeps & RevisionRoutesDeps & ImportRoutesDeps & { logger: Logger },
) {
  return createApp('apply', deps).use(requestRoutes(deps)).use(revisionRoutes(deps)).use(importRoutes(deps));
}
