// Follows the applied manifests of every team: adopts the newest, once, and never goes back to an older one.

import { createSerial } from '@hakiri/base/serial';
import type { ScheduleConfig } from '@hakiri/contracts/config';
import type { IndexedRevision } from '@hakiri/contracts/revision';
import { ManifestApplied } from '@hakiri/contracts/subjects';
import { nextTicks } from '@hakiri/manifest/schedule';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Messaging } from '@hakiri/service/messaging';
import { createSlices } from '@hakiri/service/slices';
import { newTrace } from '@hakiri/service/trace';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import type { Subscription, Verdict } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import { type Adoption, planAdoption } from './adopt-plan.ts';
import { createManifestReader, type ReadManifest } from './adopt-read.ts';
import { type AdoptVerdict, createReconciler } from './adopt-reconcile.ts';
import { newestRevision, readBytes } from './manifest-source.ts';
import { commit, isConflict, type NewRun } from './store.ts';
import type { Due, ScheduleRow, TeamRow } from './store-schedules.ts';
import type { OpenRun, TickRow } from './tick-plan.ts';
import { type Firing, type FiringDeps, fireEvent } from './triggers.ts';

const MANIFEST_APPLIED = 'manifest.applied';
const ACK_WAIT_MS = 60_000;
/** A body that is not there yet: the blob store may be away. After this many deliveries it will not come. */
const ABSENT_RETRY_MS = 5_000;
const ABSENT_DELIVERIES = 100;
/** What was published longer ago is one of many that wait, or was missed: another may be the newest by now. */
const LATE_MS = 5_000;

type AdoptDeps = FiringDeps & {
  blobs: BlobStore;
  messaging: Messaging;
  clock: Clock;
  logger: Logger;
  /** Lets what is due under the schedules in force happen first. */
  caughtUp(): Promise<void>;
  adopted(): void;
  decided(rows: readonly TickRow[], started: readonly NewRun[]): void;
};

export function createAdopter(deps: AdoptDeps) {
  const { schedules, store, blobs, messaging, clock, logger, random } = deps;
  const reader = createManifestReader();
  const slices = createSlices(clock);
  /** What is read of a manifest leans on what was read before it. */
  const adoptions = createSerial();

  const adopt = (team: string, revision: IndexedRevision, traceparent: string): Promise<AdoptVerdict> =>
    adoptions.run(() => adoptNow(team, revision, traceparent));
  const reconciler = createReconciler({
    ...{ blobs, clock, logger },
    adopt: (team, revision) => adopt(team, revision, newTrace(random)),
  });

  async function adoptNow(
    team: string,
    revision: IndexedRevision,
    traceparent: string,
  ): Promise<AdoptVerdict> {
    const inForce = await schedules.team(team);
    if ((inForce?.sequence ?? 0) >= revision.sequence) return { kind: 'ack' };
    if (inForce !== undefined && isMinorOf(revision, inForce)) return adoptMinor(inForce, revision);
    const found = await readBytes({ blobs, slices }, team, revision);
    if (found.kind === 'absent')
      return { kind: 'retry', delayMs: ABSENT_RETRY_MS, reason: `${revision.file} is not there` };
    if (found.kind === 'damaged')
      return { kind: 'terminate', reason: `${revision.file}: ${found.reason}`, mayHeal: true };
    const read = await slices.perform(reader.read(team, found.bytes));
    if (read.kind === 'unusable')
      return { kind: 'terminate', reason: `${revision.file}: ${read.reason}`, mayHeal: false };
    await deps.caughtUp();
    try {
      if (await put(team, revision, read, traceparent)) return { kind: 'ack' };
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    // What is in force is not what was read here: all of it is read.
    reader.forget(team);
    return { kind: 'retry', delayMs: 0 };
  }

  /** What runs is the same, and so is what is in force; only how far it goes is noted. */
  async function adoptMinor(inForce: TeamRow, revision: IndexedRevision): Promise<AdoptVerdict> {
    const isNoted = await store.write(async (orm) => {
      const current = await schedules.team(inForce.team);
      if (current === undefined || current.sequence >= revision.sequence) return true;
      if (!isMinorOf(revision, current)) return false;
      const nothing = { put: [], removed: [], bodies: [], variables: current.variables, abandoned: [] };
      await commit(orm, schedules.adopt({ ...current, sequence: revision.sequence }, nothing));
      return true;
    });
    return isNoted ? { kind: 'ack' } : { kind: 'retry', delayMs: 0 };
  }

  /** Keys of what is in force and not the same; undefined when something that was read before is not in force as it was read. */
  async function othersThan(team: string, manifest: ReadManifest): Promise<string[] | undefined> {
    const same = manifest.same();
    const adopted = await schedules.adopted(team);
    const others = adopted.filter(({ body }) => !same.has(body)).map(({ key }) => key);
    return adopted.length - others.length === same.size ? others : undefined;
  }

  /** False when an entry that was read before is not in force as it was read. */
  function put(
    team: string,
    revision: IndexedRevision,
    manifest: ReadManifest,
    traceparent: string,
  ): Promise<boolean> {
    return store.write(async (orm) => {
      const current = await schedules.team(team);
      if ((current?.sequence ?? 0) >= revision.sequence) return true;
      const nowMs = clock.now();
      const others =
        manifest.since !== undefined && manifest.since.sequence === current?.sequence
          ? manifest.since.others
          : await othersThan(team, manifest);
      if (others === undefined) return false;
      const before = await schedules.ofKeys(team, others);
      const plan = await slices.perform(planAdoption(team, before, manifest, nowMs, ticksOf));
      const next: TeamRow = {
        team,
        revision: revision.number,
        sequence: revision.sequence,
        variables: plan.variables,
      };
      const firing = await announced(next, revision, plan, traceparent, nowMs);
      await commit(orm, [
        ...schedules.adopt(next, plan),
        ...plan.abandoned.map(({ schedule, row }) => schedules.decide(schedule, row, '', null, nowMs)),
        ...firing.statements,
      ]);
      logger.info('manifest_adopted', {
        team,
        revision: revision.label,
        changed: plan.put.length,
        removed: plan.removed.length,
      });
      deps.adopted();
      deps.decided([...plan.abandoned.map(({ row }) => row), ...firing.rows], firing.started);
      reader.remember(team, revision.sequence, manifest);
      return true;
    });
  }

  /** One schedule that cannot be computed must not hold up the rest of its manifest: it gets no tick. */
  function ticksOf(schedule: ScheduleConfig, afterMs: number, count: number): number[] {
    try {
      return nextTicks(schedule, afterMs, count);
    } catch (error) {
      logger.error('schedule_unusable', { expr: schedule.expr, ...errorFields(error) });
      return [];
    }
  }

  /** Fires the pipelines that wait for an applied manifest, with the adoption or not at all. */
  async function announced(
    team: TeamRow,
    revision: IndexedRevision,
    plan: Adoption,
    traceparent: string,
    nowMs: number,
  ): Promise<Firing> {
    const inForce = await schedules.waitingFor(team.team, [MANIFEST_APPLIED]);
    const before = inForce.map(({ schedule }) => schedule);
    const waiting = rowsAfter(before, plan).filter(
      (row) => row.enabled && row.kind === 'on-event' && row.expr === MANIFEST_APPLIED,
    );
    const open = waiting.length > 0 ? await schedules.openRuns(team.team) : new Map<string, OpenRun>();
    const due: Due[] = waiting.map((schedule) => ({
      schedule,
      team,
      activeRun: open.get(schedule.key) ?? null,
    }));
    const event = {
      id: revision.label,
      what: `Manifest ${revision.label} was applied`,
      atMs: Date.parse(revision.publishedAt),
      chain: 0,
      unmet: undefined,
      traceparent,
    };
    return fireEvent(deps, due, event, nowMs);
  }

  /** Only one that is behind asks the blob store what is newest; where that cannot be adopted, what was told is. */
  async function adoptTold(
    team: string,
    told: IndexedRevision,
    deliveries: number,
    traceparent: string,
  ): Promise<AdoptVerdict> {
    const ahead = told.sequence - ((await schedules.team(team))?.sequence ?? 0);
    if (ahead <= 0) return { kind: 'ack' };
    const isLate = deliveries > 1 || clock.now() - Date.parse(told.publishedAt) > LATE_MS;
    if (ahead > 1 || isLate) {
      const newest = await newestRevision(blobs, team);
      if (newest.kind === 'newest' && newest.revision.sequence > told.sequence) {
        const verdict = await adopt(team, newest.revision, traceparent);
        if (verdict.kind === 'ack') return verdict;
      }
    }
    return adopt(team, told, traceparent);
  }

  return {
    adopt,

    /** At the start: what was applied while nobody listened, before any missed tick is caught up. Goes on until all of it is in force. */
    reconcile: reconciler.reconcile,

    stop: async (): Promise<void> => {
      reconciler.stop();
      await adoptions.idle();
    },

    follow(): Promise<Subscription> {
      return messaging.consume(
        ManifestApplied,
        { durable: 'scheduler-adopt', ackWaitMs: ACK_WAIT_MS, maxInFlight: 1, from: 'beginning' },
        async ({ team, data, traceparent }, deliveries): Promise<Verdict> => {
          const verdict = await adoptTold(team, data.revision, deliveries, traceparent);
          if (verdict.kind === 'terminate') reconciler.ended(team, verdict);
          if (verdict.kind !== 'retry' || deliveries < ABSENT_DELIVERIES) return verdict;
          const end = { reason: `${data.revision.file} never appeared`, mayHeal: true };
          reconciler.ended(team, end);
          return { kind: 'terminate', ...end };
        },
      );
    },
  };
}

/** Nothing that runs differs between the two. */
function isMinorOf(revision: IndexedRevision, inForce: TeamRow): boolean {
  return revision.minor > 0 && revision.number === inForce.revision;
}

function rowsAfter(before: readonly ScheduleRow[], plan: Adoption): ScheduleRow[] {
  const gone = new Set([...plan.removed, ...plan.put.map((row) => row.key)]);
  return [...before.filter((row) => !gone.has(row.key)), ...plan.put];
}
