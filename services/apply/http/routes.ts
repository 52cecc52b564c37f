// Everything that apply answers over HTTP.
import { createApp } from '@hakiri/service/app';
import type { Logger } from '@hakiri/service/logger';
import { type CheckRoutesDeps, checkRoutes } from './routes-check.ts';
import { type DeliveryRoutesDeps, deliveryRoutes } from './routes-delivery.ts';
import { type ImportRoutesDeps, importRoutes } from './routes-import.ts';
import { type MergeRoutesDeps, mergeRoutes } from './routes-merge.ts';
import { type PendingRoutesDeps, pendingRoutes } from './routes-pending.ts';
import { type PolicyRoutesDeps, policyRoutes } from './routes-policy.ts';
import { type RequestRoutesDeps, requestRoutes } from './routes-requests.ts';
import { type RevertRoutesDeps, revertRoutes } from './routes-revert.ts';
import { type RevisionRoutesDeps, revisionRoutes } from './routes-revisions.ts';
import { type WaitingRoutesDeps, waitingRoutes } from './routes-waiting.ts';

type RoutesDeps = RequestRoutesDeps &
  WaitingRoutesDeps &
  PendingRoutesDeps &
  PolicyRoutesDeps &
  RevisionRoutesDeps &
  DeliveryRoutesDeps &
  CheckRoutesDeps &
  ImportRoutesDeps &
  MergeRoutesDeps &
  RevertRoutesDeps & { logger: Logger };

export function createRoutes(deps: RoutesDeps) {
  return createApp('apply', deps)
    .use(requestRoutes(deps))
    .use(waitingRoutes(deps))
    .use(pendingRoutes(deps))
    .use(policyRoutes(deps))
    .use(revisionRoutes(deps))
    .use(deliveryRoutes(deps))
    .use(checkRoutes(deps))
    .use(importRoutes(deps))
    .use(mergeRoutes(deps))
    .use(revertRoutes(deps));
}
