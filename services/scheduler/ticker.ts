// Sleeps until the earliest tick or lease is due, and lets what is due happen. One process at a time ticks, by a lease that
// is taken only when something is due: while nothing is, nobody polls, renews or writes.

import { nextTicks } from '@hakiri/manifest/schedule';
import { errorFields, type Logger } from '@hakiri/service/logger';
import { newTrace } from '@hakiri/service/trace';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { Lease } from '@hakiri/substrate/lease';
import type { Statement } from '@hakiri/substrate/libsql/database';
import type { Random } from '@hakiri/substrate/random';
import { commit, isConflict, type NewRun, type RunStore } from './store.ts';
import type { Due, ScheduleStore } from './store-schedules.ts';
import { dueTicks, planTicks, scheduleOf, type TickRow } from './tick-plan.ts';
import { fire } from './triggers.ts';

const TICKER_LEASE = 'scheduler/ticker';
const TICKER_LEASE_MS = 15_000;
/** A lease is used only while it surely lasts longer than a batch takes. */
const LEASE_MARGIN_MS = 5_000;
/** While something is due and another process has the lease. */
const LEASE_RETRY_MS = 2_000;
const FIRE_BATCH = 100;
const ERROR_RETRY_MS = 1_000;
/** Timers of the platform overflow at 24.8 days. */
const SLEEP_LIMIT_MS = 24 * 60 * 60_000;

type TickerDeps = {
  store: RunStore;
  schedules: ScheduleStore;
  lease: Lease;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Names this process to the others. */
  holder: string;
  lateAfterMs: number;
  expireClaims(traceparent: string): Promise<void>;
  decided(rows: readonly TickRow[], started: readonly NewRun[]): void;
};

export function createTicker(deps: TickerDeps) {
  const { store, schedules, lease, clock, random, logger, holder, lateAfterMs } = deps;
  let started = false;
  let again = false;
  let running: Promise<void> | undefined;
  let timer: Timer | undefined;
  let armedForMs = Number.POSITIVE_INFINITY;
  let held: { epoch: number; untilMs: number } | undefined;

  async function hold(): Promise<number | undefined> {
    const nowMs = clock.now();
    if (held && nowMs < held.untilMs - LEASE_MARGIN_MS) return held.epoch;
    const acquired = await lease.acquire(TICKER_LEASE, holder, TICKER_LEASE_MS);
    held = acquired.kind === 'held' ? { epoch: acquired.epoch, untilMs: nowMs + TICKER_LEASE_MS } : undefined;
    return held?.epoch;
  }

  /** Everything that is due now; returns when to look again. */
  async function round(): Promise<number> {
    for (;;) {
      again = false;
      const leaseEndsMs = (await store.earliestLeaseMs()) ?? Number.POSITIVE_INFINITY;
      if (leaseEndsMs <= clock.now()) {
        await deps.expireClaims(newTrace(random));
        continue;
      }
      const tickMs = (await schedules.earliestTickMs()) ?? Number.POSITIVE_INFINITY;
      if (tickMs <= clock.now()) {
        const epoch = await hold();
        if (epoch === undefined) return Math.min(leaseEndsMs, clock.now() + LEASE_RETRY_MS);
        await fireBatch(epoch);
        continue;
      }
      if (!again || !started) return Math.min(leaseEndsMs, tickMs);
    }
  }

  async function fireBatch(epoch: number): Promise<void> {
    const conflicted = await store.write(async (orm) => {
      const nowMs = clock.now();
      const due = await schedules.due(nowMs, FIRE_BATCH);
      const planned = due.map((one) => decide(one, nowMs));
      try {
        await commit(orm, [schedules.fence(epoch), ...planned.flatMap((one) => one.statements)]);
      } catch (error) {
        if (!isConflict(error)) throw error;
        held = undefined;
        return due;
      }
      for (const { rows, started } of planned) deps.decided(rows, started);
      return [];
    });
    for (const { schedule } of conflicted) await fireAlone(schedule.team, schedule.key);
  }

  /** After a batch met what another process wrote: one schedule, without the ticks that are decided already. */
  async function fireAlone(team: string, key: string): Promise<void> {
    const epoch = await hold();
    if (epoch === undefined) return;
    await store.write(async (orm) => {
      const nowMs = clock.now();
      const due = await schedules.find(team, key);
      if (due?.schedule.nextAtMs == null || due.schedule.nextAtMs > nowMs) return;
      const known = new Set<number>();
      for (const { dueAtMs } of decide(due, nowMs).rows)
        if (await schedules.decided(team, key, dueAtMs, '')) known.add(dueAtMs);
      const { statements, rows, started } = decide(due, nowMs, known);
      await commit(orm, [schedules.fence(epoch), ...statements]);
      deps.decided(rows, started);
    });
  }

  function decide(due: Due, nowMs: number, known: ReadonlySet<number> = new Set()) {
    const { schedule } = due;
    const activeRun = due.activeRun ?? undefined;
    const statements: Statement[] = [];
    try {
      const config = scheduleOf(schedule);
      const ticks = dueTicks(
        (after, count) => nextTicks(config, after, count),
        schedule.nextAtMs ?? nowMs,
        nowMs,
      );
      const rows = planTicks(ticks, { nowMs, lateAfterMs, activeRun }).filter(
        (row) => !known.has(row.dueAtMs),
      );
      const firing = fire({ ...deps }, due, rows, { event: '', chain: 0 }, nowMs);
      statements.push(...firing.statements, schedules.advance(schedule, ticks.nextMs));
      return { statements, rows: firing.rows, started: firing.started };
    } catch (error) {
      // A schedule that cannot be computed must not hold up the others.
      logger.error('schedule_unusable', {
        team: schedule.team,
        pipeline: schedule.pipeline,
        ...errorFields(error),
      });
      return { statements: [schedules.advance(schedule, null)], rows: [], started: [] };
    }
  }

  function nudge(): void {
    again = true;
    if (running || !started) return;
    timer?.cancel();
    armedForMs = Number.POSITIVE_INFINITY;
    running = round()
      .catch((error) => {
        logger.error('ticker_failed', errorFields(error));
        held = undefined;
        again = false;
        return clock.now() + ERROR_RETRY_MS;
      })
      .then((wakeAtMs) => {
        running = undefined;
        if (again) nudge();
        else wakeAt(wakeAtMs);
      });
  }

  /** Sleeps until then, or shorter when something earlier is known. */
  function wakeAt(atMs: number): void {
    if (!started || atMs === Number.POSITIVE_INFINITY) return;
    if (running) {
      again = true;
      return;
    }
    if (atMs >= armedForMs) return;
    timer?.cancel();
    armedForMs = atMs;
    const delayMs = Math.min(Math.max(0, atMs - clock.now()), SLEEP_LIMIT_MS);
    timer = clock.after(delayMs, nudge);
  }

  return {
    start(): void {
      started = true;
      nudge();
    },
    /** Schedules have changed. */
    nudge,
    wakeAt,
    /** Resolves when nothing is due any more, or when somebody else is seeing to it. */
    async caughtUp(): Promise<void> {
      if (!started) return;
      nudge();
      await running;
    },
    async stop(): Promise<void> {
      started = false;
      timer?.cancel();
      await running;
      if (held) await lease.release(TICKER_LEASE, holder, held.epoch);
      held = undefined;
    },
  };
}
