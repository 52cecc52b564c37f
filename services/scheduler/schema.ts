// The scheduler's own tables. Times are milliseconds since 1970. What the database enforces is said beside it.
import { sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

export { outbox } from '@hakiri/substrate/libsql/outbox';

/** The revision in force for each team. One that is not newer sets `stale` to 1, and the check undoes its whole batch. */
export const teams = sqliteTable(
  'teams',
  {
    team: text().primaryKey(),
    /** Its number, for people; minor revisions share it. */
    revision: integer().notNull(),
    /** What orders revisions. */
    sequence: integer().notNull().default(0),
    /** Into `bodies`: a JSON object of variable values by name. */
    variables: text().notNull(),
    stale: integer().notNull(),
  },
  (table) => [check('teams_monotonic', sql`${table.stale} = 0`)],
);

/** Pipelines and variables as JSON under their own digest: a schedule and all its runs share one copy. */
export const bodies = sqliteTable('bodies', {
  digest: text().primaryKey(),
  body: text().notNull(),
});

/** One row for each pipeline of the revision in force. */
export const schedules = sqliteTable(
  'schedules',
  {
    team: text().notNull(),
    key: text().notNull(),
    /** The human id. */
    pipeline: text().notNull(),
    body: text().notNull(),
    enabled: integer({ mode: 'boolean' }).notNull(),
    kind: text({ enum: ['cron', 'every', 'on-event'] }).notNull(),
    expr: text().notNull(),
    timezone: text(),
    slot: text().notNull(),
    /** The next tick; null when it is disabled, waits for an event, or has no further tick. */
    nextAtMs: integer('next_at_ms'),
  },
  (table) => [
    primaryKey({ columns: [table.team, table.key] }),
    index('schedules_due').on(table.nextAtMs).where(sql`next_at_ms is not null`),
    index('schedules_name').on(table.team, table.pipeline),
    index('schedules_event').on(table.team, table.expr).where(sql`kind = 'on-event'`),
  ],
);

/** What became of each due tick and event. A tick is decided once: `ledger_tick`. */
export const ledger = sqliteTable(
  'ledger',
  {
    sequence: integer().primaryKey({ autoIncrement: true }),
    team: text().notNull(),
    key: text().notNull(),
    pipeline: text().notNull(),
    dueAtMs: integer('due_at_ms').notNull(),
    /** Empty for a tick of the clock, else what happened: `v43`, or the id of the run that finished. */
    event: text().notNull(),
    decision: text({ enum: ['fired', 'skipped', 'late', 'dropped'] }).notNull(),
    reason: text().notNull(),
    count: integer().notNull(),
    run: text(),
    decidedAtMs: integer('decided_at_ms').notNull(),
  },
  (table) => [
    uniqueIndex('ledger_tick').on(table.team, table.key, table.dueAtMs, table.event),
    index('ledger_team').on(table.team, table.sequence),
    index('ledger_decided').on(table.decidedAtMs),
  ],
);

/** A pipeline has at most one run that has not ended: `runs_open`. */
export const runs = sqliteTable(
  'runs',
  {
    id: text().primaryKey(),
    team: text().notNull(),
    key: text().notNull(),
    pipeline: text().notNull(),
    revision: integer().notNull(),
    body: text().notNull(),
    variables: text().notNull(),
    slot: text().notNull(),
    cause: text({ enum: ['schedule', 'event', 'manual', 'retry'] }).notNull(),
    /** Runs that led to this one through events. */
    chain: integer().notNull(),
    dueAtMs: integer('due_at_ms').notNull(),
    traceparent: text().notNull(),
    /** Grows with every change of state, in step with `changes`. */
    version: integer().notNull(),
    // From here on: run-machine.ts's RunLife.
    state: text({ enum: ['waiting', 'claimed', 'running', 'succeeded', 'failed', 'cancelled'] }).notNull(),
    fence: integer().notNull(),
    steps: integer().notNull(),
    node: text(),
    owner: text(),
    leaseUntilMs: integer('lease_until_ms'),
    cancelRequested: integer('cancel_requested', { mode: 'boolean' }).notNull(),
    startedAtMs: integer('started_at_ms'),
    finishedAtMs: integer('finished_at_ms'),
    error: text(),
  },
  (table) => [
    uniqueIndex('runs_open').on(table.team, table.key).where(sql`finished_at_ms is null`),
    index('runs_waiting').on(table.team, table.slot, table.dueAtMs).where(sql`state = 'waiting'`),
    index('runs_leased').on(table.leaseUntilMs).where(sql`lease_until_ms is not null`),
    index('runs_team').on(table.team, table.id),
    index('runs_pipeline').on(table.team, table.key, table.id),
    index('runs_finished').on(table.finishedAtMs).where(sql`finished_at_ms is not null`),
  ],
);

/** Under which key somebody asked for a run: who repeats it gets that run. A key makes one: the primary key. */
export const asked = sqliteTable(
  'asked',
  {
    team: text().notNull(),
    author: text().notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    /** The same key for something else is a mistake of the caller. */
    what: text().notNull(),
    run: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.team, table.author, table.idempotencyKey] }),
    index('asked_run').on(table.run),
  ],
);

/** Every change of a run's state. Two writers that read the same version cannot both write the next: the primary key. */
export const changes = sqliteTable(
  'changes',
  {
    run: text().notNull(),
    version: integer().notNull(),
    state: text().notNull(),
    fence: integer().notNull(),
    atMs: integer('at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.run, table.version] })],
);

/** Checkpoints. A step is finished once: the primary key. */
export const steps = sqliteTable(
  'steps',
  {
    run: text().notNull(),
    index: integer('step_index').notNull(),
    name: text().notNull(),
    fence: integer().notNull(),
    finishedAtMs: integer('finished_at_ms').notNull(),
    /** JSON. */
    result: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.run, table.index] })],
);

/** How far the log of a run has come; a run without lines has none. What comes under another fence than the run's sets `stale` to 1. */
export const logs = sqliteTable(
  'logs',
  {
    run: text().primaryKey(),
    /** The claim that wrote last, and the sequence that its next line has. */
    fence: integer().notNull(),
    nextSequence: integer('next_sequence').notNull(),
    /** The number of the last line. */
    lastNumber: integer('last_number').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    /** Errors that came after it was full. */
    lateErrors: integer('late_errors').notNull(),
    isFull: integer('is_full', { mode: 'boolean' }).notNull(),
    stale: integer().notNull(),
  },
  (table) => [check('logs_fence', sql`${table.stale} = 0`)],
);

/** Two writers that read the same head cannot both write the next line: the primary key. */
export const logLines = sqliteTable(
  'log_lines',
  {
    run: text().notNull(),
    number: integer().notNull(),
    fence: integer().notNull(),
    atMs: integer('at_ms').notNull(),
    level: text({ enum: ['debug', 'info', 'warn', 'error'] }).notNull(),
    step: text(),
    text: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.run, table.number] })],
);

export const nodes = sqliteTable(
  'nodes',
  {
    team: text().notNull(),
    name: text().notNull(),
    pools: text({ mode: 'json' }).$type<string[]>().notNull(),
    labels: text({ mode: 'json' }).$type<string[]>().notNull(),
    lastSeenAtMs: integer('last_seen_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.team, table.name] }), index('nodes_seen').on(table.lastSeenAtMs)],
);

/**
 * The newest epoch of the ticker that wrote. A ticker that lost its lease without noticing says an older one: its batch
 * sets `stale` to 1, and the check undoes all of it.
 */
export const ticker = sqliteTable(
  'ticker',
  {
    id: integer().primaryKey(),
    epoch: integer().notNull(),
    stale: integer().notNull(),
  },
  (table) => [check('ticker_epoch', sql`${table.stale} = 0`)],
);
