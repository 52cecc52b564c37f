// What people see: pages of schedules, ledger rows, runs and nodes. A page is asked for with one row more than it shows, so
// that `next` is there exactly when there is more.
import { ProblemError } from '@hakiri/contracts/problem';
import type {
  LedgerPage,
  NodePage,
  PipelineListQuery,
  RunDetail,
  RunListQuery,
  RunPage,
  SchedulePage,
} from '@hakiri/contracts/scheduler';
import { isoTime, runView } from './announce.ts';
import { stepView } from './claims.ts';
import type { RunRow, RunStore } from './store.ts';
import type { LedgerRow, ScheduleRow, ScheduleStore } from './store-schedules.ts';

export type Views = ReturnType<typeof createViews>;

export function createViews(store: RunStore, schedules: ScheduleStore) {
  return {
    async schedules(team: string, after: string, limit: number): Promise<SchedulePage> {
      const page = cut(await schedules.page(team, after, limit + 1), limit, (row) => row.pipeline);
      return { schedules: page.rows.map(scheduleView), ...page.next };
    },

    async ledger(team: string, query: PipelineListQuery, limit: number): Promise<LedgerPage> {
      const before = query.after === undefined ? undefined : sequenceOf(query.after);
      const rows = await schedules.ledger(team, { pipeline: query.pipeline, before }, limit + 1);
      const page = cut(rows, limit, (row) => String(row.sequence));
      return { entries: page.rows.map(ledgerView), ...page.next };
    },

    async runs(team: string, query: RunListQuery, limit: number): Promise<RunPage> {
      const page = cut(await store.list(team, query, limit + 1), limit, (row) => row.id);
      return { runs: page.rows.map(runView), ...page.next };
    },

    async run(row: RunRow): Promise<RunDetail> {
      return { ...runView(row), steps: (await store.steps(row.id)).map(stepView) };
    },

    async nodes(team: string, after: string, limit: number): Promise<NodePage> {
      const [rows, held] = await Promise.all([store.nodes(team, after, limit + 1), store.held(team)]);
      const page = cut(rows, limit, (row) => row.name);
      const nodes = page.rows.map(({ name, pools, labels, lastSeenAtMs }) => ({
        name,
        pools,
        labels,
        lastSeenAt: isoTime(lastSeenAtMs),
        runs: held.filter(({ node }) => node === name).map(({ id }) => id),
      }));
      return { nodes, ...page.next };
    },
  };
}

function scheduleView({ pipeline, key, kind, expr, timezone, enabled, nextAtMs }: ScheduleRow) {
  return {
    pipeline,
    key,
    kind,
    expr,
    ...(timezone === null ? {} : { timezone }),
    enabled,
    ...(nextAtMs === null ? {} : { nextAt: isoTime(nextAtMs) }),
  };
}

function ledgerView({ pipeline, key, dueAtMs, decision, reason, count, run }: LedgerRow) {
  return {
    pipeline,
    key,
    dueAt: isoTime(dueAtMs),
    decision,
    reason,
    count,
    ...(run === null ? {} : { run }),
  };
}

function cut<Row>(rows: readonly Row[], limit: number, cursor: (row: Row) => string) {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? { next: cursor(last) } : {} };
}

function sequenceOf(after: string): number {
  if (/^[0-9]{1,15}$/.test(after)) return Number(after);
  throw new ProblemError('malformed', '/after: give the `next` of the page before.');
}
