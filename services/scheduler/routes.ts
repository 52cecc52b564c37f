// The scheduler over HTTP: schedules, the ledger and runs for people; claims, heartbeats and checkpoints for nodes.
import type { Access, Principal } from '@hakiri/authz/principal';
import { IDEMPOTENCY_HEADER, IdempotencyKey } from '@hakiri/contracts/apply';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Action } from '@hakiri/contracts/roles';
import {
  Claim,
  ClaimBody,
  FinishBody,
  HeartbeatBody,
  HeartbeatReply,
  LedgerPage,
  LIST_LIMIT,
  ListQuery,
  LOG_PAGE_LIMIT,
  LogBody,
  LogReply,
  NodePage,
  PipelineListQuery,
  Run,
  RunDetail,
  RunListQuery,
  RunLogPage,
  RunPage,
  SchedulePage,
  StartRunBody,
  StepBody,
} from '@hakiri/contracts/scheduler';
import { createApp } from '@hakiri/service/app';
import type { Guard } from '@hakiri/service/guard';
import type { Logger } from '@hakiri/service/logger';
import type { Metrics } from '@hakiri/service/metrics';
import { traceOf } from '@hakiri/service/trace';
import type { Random } from '@hakiri/substrate/random';
import { Type } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import { t } from 'elysia';
import { type By, runView } from './announce.ts';
import type { Claims, Worker } from './claims.ts';
import type { Logs } from './logs.ts';
import type { RunControl } from './run-control.ts';
import type { RunRow, RunStore } from './store.ts';
import type { Views } from './views.ts';

const DEFAULT_LIMIT = 100;
const NO_CONTENT = 204;
const KEYED = {
  parameters: [
    {
      name: IDEMPOTENCY_HEADER,
      in: 'header' as const,
      required: false,
      schema: IdempotencyKey,
      description: 'New for each run; who repeats it gets that run, and no other begins',
    },
  ],
};

export function createRoutes(deps: {
  guard: Guard;
  logger: Logger;
  metrics: Metrics;
  random: Random;
  store: RunStore;
  views: Views;
  control: RunControl;
  claims: Claims;
  logs: Logs;
}) {
  const { guard, random, store, views, control, claims, logs } = deps;

  /** The run `id`, if the caller may do `action` with it; another team's run is not there, before rights are looked at. */
  async function allowedRun(request: Request, id: string, action: Action): Promise<{ row: RunRow; by: By }> {
    const { team } = await guard.identify(request);
    const row = await store.find(id);
    if (row?.team !== team) throw new ProblemError('not_found', `There is no run ${id}.`);
    const principal = await guard.require(request, { action, pipeline: row.pipeline });
    return { row, by: byUser(request, principal) };
  }

  async function worker(request: Request): Promise<Worker> {
    const principal = await guard.require(request, { action: 'runs.work' });
    return { team: principal.team, owner: principal.user, traceparent: traceOf(request, random) };
  }

  function byUser(request: Request, principal: Principal): By {
    const kind = principal.role === 'node' ? 'node' : 'user';
    return { actor: { kind, id: principal.user }, traceparent: traceOf(request, random) };
  }

  // Query texts become numbers only through Elysia's own schema types.
  const page = {
    after: ListQuery.properties.after,
    limit: t.Optional(t.Integer({ minimum: 1, maximum: LIST_LIMIT })),
  };
  const ofPipeline = { ...page, pipeline: PipelineListQuery.properties.pipeline };
  const withId = Type.Object({ id: Type.String({ maxLength: 100 }) });

  return createApp('scheduler', deps)
    .get(
      '/v1/schedules',
      async ({ request, query }) => {
        const { team } = await guard.require(request, { action: 'runs.read' });
        return views.schedules(team, query.after ?? '', query.limit ?? LIST_LIMIT);
      },
      { query: t.Object(page), response: SchedulePage },
    )
    .get(
      '/v1/schedules/ledger',
      async ({ request, query }) => {
        const { team } = await guard.require(request, reading(query.pipeline));
        return views.ledger(team, query, query.limit ?? DEFAULT_LIMIT);
      },
      { query: t.Object(ofPipeline), response: LedgerPage },
    )
    .get(
      '/v1/runs',
      async ({ request, query }) => {
        const { team } = await guard.require(request, reading(query.pipeline));
        return views.runs(team, query, query.limit ?? DEFAULT_LIMIT);
      },
      { query: t.Object({ ...ofPipeline, state: RunListQuery.properties.state }), response: RunPage },
    )
    .get(
      '/v1/runs/:id',
      async ({ request, params }) => views.run((await allowedRun(request, params.id, 'runs.read')).row),
      { params: withId, response: RunDetail },
    )
    .get(
      '/v1/runs/:id/logs',
      async ({ request, params, query }) =>
        logs.page((await allowedRun(request, params.id, 'runs.read')).row, query),
      {
        params: withId,
        query: t.Object({
          after: t.Optional(t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
          limit: t.Optional(t.Integer({ minimum: 1, maximum: LOG_PAGE_LIMIT })),
        }),
        response: RunLogPage,
      },
    )
    .post(
      '/v1/runs',
      async ({ request, body }) => {
        const principal = await guard.require(request, { action: 'runs.control', pipeline: body.pipeline });
        const [by, key] = [byUser(request, principal), keyIn(request)];
        return runView(await control.start(principal.team, by, body.pipeline, key));
      },
      { body: StartRunBody, response: Run, detail: KEYED },
    )
    .post(
      '/v1/runs/:id/cancel',
      async ({ request, params }) => {
        const { row, by } = await allowedRun(request, params.id, 'runs.control');
        return runView(await control.cancel(row, by));
      },
      { params: withId, response: Run },
    )
    .post(
      '/v1/runs/:id/retry',
      async ({ request, params }) => {
        const { row, by } = await allowedRun(request, params.id, 'runs.control');
        return runView(await control.retry(row, by, keyIn(request)));
      },
      { params: withId, response: Run, detail: KEYED },
    )
    .get(
      '/v1/nodes',
      async ({ request, query }) => {
        const { team } = await guard.require(request, { action: 'runs.read' });
        return views.nodes(team, query.after ?? '', query.limit ?? DEFAULT_LIMIT);
      },
      { query: t.Object(page), response: NodePage },
    )
    .post(
      '/v1/nodes/claim',
      async ({ request, body }) => {
        const claim = await claims.claim(await worker(request), body, {
          signal: request.signal,
          stillAllowed: async () => void (await guard.require(request, { action: 'runs.work' })),
        });
        return claim ? Response.json(claim) : new Response(null, { status: NO_CONTENT });
      },
      { body: ClaimBody, response: { 200: Claim, 204: Type.Void() } },
    )
    .post(
      '/v1/runs/:id/heartbeat',
      async ({ request, params, body }) => claims.heartbeat(await worker(request), params.id, body.fence),
      { params: withId, body: HeartbeatBody, response: HeartbeatReply },
    )
    .post(
      '/v1/runs/:id/steps',
      async ({ request, params, body }) => claims.step(await worker(request), params.id, body),
      { params: withId, body: StepBody, response: HeartbeatReply },
    )
    .post(
      '/v1/runs/:id/logs',
      async ({ request, params, body }) => logs.add(await worker(request), params.id, body),
      { params: withId, body: LogBody, response: LogReply },
    )
    .post(
      '/v1/runs/:id/finish',
      async ({ request, params, body }) =>
        runView(await claims.finish(await worker(request), params.id, body)),
      { params: withId, body: FinishBody, response: Run },
    );
}

/** @throws ProblemError when there is one that cannot be one */
function keyIn(request: Request): string | undefined {
  const key = request.headers.get(IDEMPOTENCY_HEADER) ?? undefined;
  if (key === undefined || Check(IdempotencyKey, key)) return key;
  throw new ProblemError(
    'malformed',
    `A header ${IDEMPOTENCY_HEADER} has 8 to 200 letters, digits, "_", ".", ":" or "-", new for each run. Leave it out, or send such a one.`,
  );
}

/** A token that was narrowed to a pipeline may read what is asked of that pipeline alone. */
function reading(pipeline: string | undefined): Access {
  return pipeline === undefined ? { action: 'runs.read' } : { action: 'runs.read', pipeline };
}
