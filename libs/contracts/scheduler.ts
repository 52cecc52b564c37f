// What the scheduler says over HTTP, to people and to nodes, and in its events.
import { type Static, Type } from '@sinclair/typebox';
import { PipelineConfig } from './config.ts';

export const RUN_STATES = ['waiting', 'claimed', 'running', 'succeeded', 'failed', 'cancelled'] as const;
// Spelled out: from a mapped list Elysia would infer `never`.
export const RunState = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('claimed'),
  Type.Literal('running'),
  Type.Literal('succeeded'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
]);
export type RunState = (typeof RUN_STATES)[number];

export const RunStep = Type.Object({
  index: Type.Integer({ minimum: 0 }),
  name: Type.String(),
  finishedAt: Type.String(),
  fence: Type.Integer({ description: 'the claim under which it was finished' }),
  result: Type.Unknown(),
});
export type RunStep = Static<typeof RunStep>;

export const Run = Type.Object({
  id: Type.String(),
  pipeline: Type.String({ description: 'human id at the time of the tick' }),
  key: Type.String(),
  revision: Type.Integer(),
  cause: Type.Union([
    Type.Literal('schedule'),
    Type.Literal('event'),
    Type.Literal('manual'),
    Type.Literal('retry'),
  ]),
  dueAt: Type.String(),
  state: RunState,
  node: Type.Optional(Type.String()),
  fence: Type.Integer(),
  startedAt: Type.Optional(Type.String()),
  finishedAt: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
  cancelRequested: Type.Optional(
    Type.Boolean({ description: 'somebody cancelled it; it ends when its node has heard of it' }),
  ),
});
export type Run = Static<typeof Run>;
export const RunDetail = Type.Composite([Run, Type.Object({ steps: Type.Array(RunStep) })]);
export type RunDetail = Static<typeof RunDetail>;

export const ScheduleInfo = Type.Object({
  pipeline: Type.String(),
  key: Type.String(),
  kind: Type.String(),
  expr: Type.String(),
  timezone: Type.Optional(Type.String({ description: 'of a cron; UTC when absent' })),
  enabled: Type.Boolean(),
  nextAt: Type.Optional(Type.String()),
});
export type ScheduleInfo = Static<typeof ScheduleInfo>;

/** What became of one due tick (or, for `on-event`, of one event). */
export const LedgerEntry = Type.Object({
  pipeline: Type.String(),
  key: Type.String(),
  dueAt: Type.String(),
  decision: Type.Union([
    Type.Literal('fired'),
    Type.Literal('skipped'),
    Type.Literal('late'),
    Type.Literal('dropped'),
  ]),
  reason: Type.String(),
  /** How many ticks the row stands for, from `dueAt` on: more than one only when older missed ticks were dropped together. */
  count: Type.Integer({ minimum: 1 }),
  run: Type.Optional(Type.String()),
});
export type LedgerEntry = Static<typeof LedgerEntry>;

export const NodeInfo = Type.Object({
  name: Type.String(),
  pools: Type.Array(Type.String()),
  labels: Type.Array(Type.String()),
  lastSeenAt: Type.String(),
  runs: Type.Array(Type.String({ description: 'ids of the runs it holds now' })),
});
export type NodeInfo = Static<typeof NodeInfo>;

/**
 * Over the bus, to apply: with which names, pools and labels the team's nodes were seen, each once, until they are forgotten.
 * Without `places` there is more than fits into PLACES_LIMIT_BYTES.
 */
export const PlacesRequest = Type.Object({});
export const PlacesReply = Type.Object({
  places: Type.Optional(
    Type.Object({
      nodes: Type.Array(Type.String()),
      pools: Type.Array(Type.String()),
      labels: Type.Array(Type.String()),
    }),
  ),
});
export type PlacesReply = Static<typeof PlacesReply>;
export const PLACES_LIMIT_BYTES = 256 * 1024;

// Pages. `next`, when there is more, goes into the query as `after`. Runs and the ledger come newest first, schedules and nodes by name.
export const LIST_LIMIT = 500;
export const ListQuery = Type.Object({
  after: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIST_LIMIT, default: 100 })),
});
export type ListQuery = Static<typeof ListQuery>;
/** `pipeline` is a human id or a key. */
export const PipelineListQuery = Type.Composite([
  ListQuery,
  Type.Object({ pipeline: Type.Optional(Type.String({ maxLength: 100 })) }),
]);
export type PipelineListQuery = Static<typeof PipelineListQuery>;
export const RunListQuery = Type.Composite([
  PipelineListQuery,
  Type.Object({ state: Type.Optional(RunState) }),
]);
export type RunListQuery = Static<typeof RunListQuery>;
const next = Type.Optional(Type.String());
export const RunPage = Type.Object({ runs: Type.Array(Run), next });
export const LedgerPage = Type.Object({ entries: Type.Array(LedgerEntry), next });
export const SchedulePage = Type.Object({ schedules: Type.Array(ScheduleInfo), next });
export const NodePage = Type.Object({ nodes: Type.Array(NodeInfo), next });
export type RunPage = Static<typeof RunPage>;
export type LedgerPage = Static<typeof LedgerPage>;
export type SchedulePage = Static<typeof SchedulePage>;
export type NodePage = Static<typeof NodePage>;

export const StartRunBody = Type.Object(
  { pipeline: Type.String({ minLength: 1 }) },
  { additionalProperties: false },
);

// The protocol of nodes: POST /v1/nodes/claim (long poll; 204 when nothing came), then POST /v1/runs/:id/heartbeat and
// /steps (answer HeartbeatReply), /logs (answers LogReply) and /finish (answers the Run). All but the claim carry its fence; with
// a fence that has passed on they write nothing and get `stale_claim`.
export const ClaimBody = Type.Object(
  {
    node: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{0,99}$' }),
    pools: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 20 }),
    labels: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 50 }),
    waitS: Type.Integer({ minimum: 0, maximum: 30 }),
    /** A node that starts anew says so: what it held before is handed back to it first, without waiting for the TTL. */
    restarted: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type ClaimBody = Static<typeof ClaimBody>;
export const Claim = Type.Object({
  run: Run,
  fence: Type.Integer(),
  leaseMs: Type.Integer(),
  pipeline: PipelineConfig,
  variables: Type.Record(Type.String(), Type.String()),
  /** What earlier claims finished, in order: go on behind the last of them. */
  steps: Type.Array(RunStep),
});
export type Claim = Static<typeof Claim>;
export const STEP_RESULT_LIMIT_BYTES = 1024 * 1024;
export const STEPS_LIMIT = 1024;
export const HeartbeatBody = Type.Object({ fence: Type.Integer() }, { additionalProperties: false });
export const HeartbeatReply = Type.Object({ leaseMs: Type.Integer(), cancel: Type.Boolean() });
export const StepBody = Type.Object(
  {
    fence: Type.Integer(),
    index: Type.Integer({ minimum: 0 }),
    name: Type.String({ minLength: 1, maxLength: 200 }),
    result: Type.Unknown(),
  },
  { additionalProperties: false },
);
export type StepBody = Static<typeof StepBody>;
export const FinishBody = Type.Object(
  {
    fence: Type.Integer(),
    outcome: Type.Union([Type.Literal('succeeded'), Type.Literal('failed'), Type.Literal('cancelled')]),
    error: Type.Optional(Type.String({ maxLength: 4000 })),
  },
  { additionalProperties: false },
);
export type FinishBody = Static<typeof FinishBody>;

// The log of a run: what its nodes say while they work. GET /v1/runs/:id/logs answers pages in the order in which lines came;
// `after` is the number of the last line that is known.
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LogLevel = Type.Union([
  Type.Literal('debug'),
  Type.Literal('info'),
  Type.Literal('warn'),
  Type.Literal('error'),
]);
export type LogLevel = (typeof LOG_LEVELS)[number];
/** A longer text is cut, and says so. */
export const LOG_TEXT_LIMIT_CHARS = 4_000;
export const LOG_STEP_LIMIT_CHARS = 200;
/** Lines of one request. */
export const LOG_BATCH_LIMIT = 200;
/** Of a run. Beyond either, one line says that the rest is dropped. */
export const LOG_LINES_LIMIT = 10_000;
export const LOG_LIMIT_BYTES = 4 * 1024 * 1024;
/** Errors that are kept beyond. */
export const LOG_ERRORS_LIMIT = 100;
/** Lines of one page. */
export const LOG_PAGE_LIMIT = 1_000;
export const LogLine = Type.Object(
  {
    at: Type.String({ maxLength: 40, description: 'RFC 3339, by the clock of the node' }),
    level: LogLevel,
    step: Type.Optional(Type.String({ maxLength: LOG_STEP_LIMIT_CHARS })),
    text: Type.String(),
  },
  { additionalProperties: false },
);
export type LogLine = Static<typeof LogLine>;
export const LogBody = Type.Object(
  {
    fence: Type.Integer(),
    sequence: Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description:
        'of the first line, counted from 0 within the claim; lines the scheduler has are passed over',
    }),
    lines: Type.Array(LogLine, { minItems: 1, maxItems: LOG_BATCH_LIMIT }),
  },
  { additionalProperties: false },
);
export type LogBody = Static<typeof LogBody>;
export const LogReply = Type.Object({
  next: Type.Integer({ description: 'the sequence that follows what the scheduler has of this claim' }),
});
export type LogReply = Static<typeof LogReply>;
export const RunLogLine = Type.Object({
  number: Type.Integer({ minimum: 1, description: 'its place in the log of the run' }),
  at: Type.String(),
  level: LogLevel,
  fence: Type.Integer({ description: 'the claim under which it was written' }),
  step: Type.Optional(Type.String()),
  text: Type.String(),
});
export type RunLogLine = Static<typeof RunLogLine>;
export const RunLogPage = Type.Object({
  /** Of the run, read before the lines: one that has ended gets hardly any more. */
  state: RunState,
  lines: Type.Array(RunLogLine),
  next: Type.Optional(Type.Integer({ description: 'goes into the query as `after`: there is more now' })),
});
export type RunLogPage = Static<typeof RunLogPage>;
export const RunLogQuery = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LOG_PAGE_LIMIT, default: LOG_PAGE_LIMIT })),
});
export type RunLogQuery = Static<typeof RunLogQuery>;

export const RunFinishedData = Type.Object({ run: Run });
