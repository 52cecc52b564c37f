// What a newly applied manifest means for the schedules in force. Pure. A schedule that did not change keeps the tick it
// waits for; one that is new, changed or enabled again starts with its next tick from now on, so nothing is backfilled.
import { createHash } from 'node:crypto';
import { canonicalJson } from '@hakiri/base/json';
import type { PipelineConfig, ScheduleConfig, VariableConfig } from '@hakiri/contracts/config';
import { asJson } from '@hakiri/manifest/canonical';
import { slotOf } from './placement.ts';
import type { Body, ScheduleRow } from './store-schedules.ts';
import { dueTicks, planAbandoned, scheduleOf, type TickRow } from './tick-plan.ts';

export type Adoption = {
  put: ScheduleRow[];
  removed: string[];
  bodies: Body[];
  variables: string;
  /** Ticks that were due and will not fire any more. */
  abandoned: { schedule: ScheduleRow; row: TickRow }[];
};
/** What is new, as far as it decides when and where it runs: the rest of it is in its body. */
export type Fresh = {
  pipeline: Pick<PipelineConfig, 'key' | 'id' | 'enabled' | 'schedule' | 'placement'>;
  body: Body;
};
type TicksOf = (schedule: ScheduleConfig, afterMs: number, count: number) => readonly number[];

/**
 * `before` without the schedules of pipelines that are the same, and `manifest` without those pipelines. Yields between those that
 * are new or another, for which a tick is computed.
 */
export function* planAdoption(
  team: string,
  before: readonly ScheduleRow[],
  manifest: {
    fresh: readonly Fresh[];
    variables: readonly VariableConfig[];
  },
  nowMs: number,
  ticksOf: TicksOf,
): Generator<undefined, Adoption> {
  const known = new Map(before.map((row) => [row.key, row]));
  const variables = bodyOf(Object.fromEntries(manifest.variables.map(({ name, value }) => [name, value])));
  const firstTick = firstTicks(nowMs, ticksOf);
  const plan: Adoption = {
    put: [],
    removed: [],
    bodies: [variables],
    variables: variables.digest,
    abandoned: [],
  };
  const abandon = (row: ScheduleRow, change: string): void => {
    if (row.nextAtMs === null || row.nextAtMs > nowMs) return;
    const due = dueTicks((after, count) => ticksOf(scheduleOf(row), after, count), row.nextAtMs, nowMs);
    plan.abandoned.push({ schedule: row, row: planAbandoned(due, change) });
  };
  for (const { pipeline, body } of manifest.fresh) {
    const row = known.get(pipeline.key);
    known.delete(pipeline.key);
    if (row?.body === body.digest) continue;
    plan.bodies.push(body);
    const keeps = row !== undefined && sameTicks(row, pipeline);
    if (row && !keeps)
      abandon(row, pipeline.enabled ? 'the schedule was changed' : 'the pipeline was disabled');
    const nextAtMs = pipeline.enabled ? firstTick(pipeline.schedule) : null;
    plan.put.push(rowOf(team, pipeline, body.digest, keeps ? row.nextAtMs : nextAtMs));
    yield;
  }
  for (const row of known.values()) {
    plan.removed.push(row.key);
    abandon(row, 'the pipeline was removed');
  }
  return plan;
}

/** Many pipelines have one schedule: what it is due at is computed once. */
function firstTicks(nowMs: number, ticksOf: TicksOf): (schedule: ScheduleConfig) => number | null {
  const known = new Map<string, number | null>();
  return (schedule) => {
    const name = JSON.stringify([schedule.kind, schedule.expr, timezoneOf(schedule)]);
    const first = known.get(name) ?? ticksOf(schedule, nowMs, 1)[0] ?? null;
    known.set(name, first);
    return first;
  };
}

function rowOf(
  team: string,
  pipeline: Fresh['pipeline'],
  body: string,
  nextAtMs: number | null,
): ScheduleRow {
  const { key, id, enabled, schedule, placement } = pipeline;
  return {
    team,
    key,
    pipeline: id,
    body,
    enabled,
    kind: schedule.kind,
    expr: schedule.expr,
    timezone: timezoneOf(schedule),
    slot: slotOf(placement),
    nextAtMs,
  };
}

function sameTicks(row: ScheduleRow, { enabled, schedule }: Fresh['pipeline']): boolean {
  return (
    row.enabled === enabled &&
    row.kind === schedule.kind &&
    row.expr === schedule.expr &&
    row.timezone === timezoneOf(schedule)
  );
}

function timezoneOf(schedule: ScheduleConfig): string | null {
  return schedule.kind === 'cron' ? (schedule.timezone ?? null) : null;
}

/** As it is kept for runs. */
export function bodyOf(value: unknown): Body {
  const body = canonicalJson(asJson(value));
  return { digest: createHash('sha256').update(body).digest('hex'), body };
}
