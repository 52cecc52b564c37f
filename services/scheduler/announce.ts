// What the scheduler tells others, as outbox rows: they are written in the batch of the change they tell of.
import type { Actor } from '@hakiri/contracts/envelope';
import type { Run } from '@hakiri/contracts/scheduler';
import { AuditRecorded, RunFinished } from '@hakiri/contracts/subjects';
import { announcement, type OutboxRow } from '@hakiri/service/announce';
import type { Messaging } from '@hakiri/service/messaging';
import type { RunRow } from './store.ts';

/** On whose behalf, and in which trace. */
export type By = { actor: Actor; traceparent: string };
export type AuditAction = 'run.start' | 'run.cancel' | 'run.retry';

export const SCHEDULER: Actor = { kind: 'service', id: 'scheduler' };

export type Announcer = ReturnType<typeof createAnnouncer>;

export function createAnnouncer(messaging: Messaging) {
  return {
    /** `row` as it is after it ended. */
    runFinished(row: RunRow, by: By): OutboxRow {
      return announcement(messaging, RunFinished, row.team, by, { run: runView(row) });
    },

    audit(
      team: string,
      by: By,
      record: { action: AuditAction; target: string; refused?: string; detail?: Record<string, unknown> },
    ): OutboxRow {
      const { action, target, refused, detail = {} } = record;
      return announcement(messaging, AuditRecorded, team, by, {
        action,
        target,
        outcome: refused === undefined ? 'done' : 'refused',
        detail: refused === undefined ? detail : { ...detail, reason: refused },
        service: 'scheduler',
      });
    },
  };
}

/** A run as others see it. */
export function runView(row: RunRow): Run {
  const { id, pipeline, key, revision, cause, state, node, fence, error } = row;
  return {
    id,
    pipeline,
    key,
    revision,
    cause,
    dueAt: isoTime(row.dueAtMs),
    state,
    fence,
    ...(node === null ? {} : { node }),
    ...(row.startedAtMs === null ? {} : { startedAt: isoTime(row.startedAtMs) }),
    ...(row.finishedAtMs === null ? {} : { finishedAt: isoTime(row.finishedAtMs) }),
    ...(error === null ? {} : { error }),
    ...(row.cancelRequested && row.finishedAtMs === null ? { cancelRequested: true } : {}),
  };
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
