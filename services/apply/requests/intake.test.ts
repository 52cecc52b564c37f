// Waiting for what another process finishes, with a store that counts what it is asked.
import { expect, test } from 'bun:test';
import { createBell } from '@hakiri/service/bell';
import { systemClock } from '@hakiri/substrate/clock';
import type { RequestRow } from '../store/store-rows.ts';
import { createIntake } from './intake.ts';

const WAITING = 200;

test('[AP4.11] who waits for what another process finishes is answered; all are looked for together, however many they are', async () => {
  const ended = new Set<string>();
  const asked = { rows: 0, looks: 0 };
  const rowOf = (id: string): RequestRow => ({
    ...{
      id,
      team: 't',
      author: 'u',
      authorRole: 'admin',
      untilMs: null,
      ...{ revert: null, heldUnder: null, reserved: false },
      idempotencyKey: id,
      bodyHash: '',
      kind: 'apply',
    },
    ...{ body: { scope: { kind: 'all' }, version: 'AA' }, traceparent: '', auditId: id, createdAtMs: 0 },
    ...{ wokenAtMs: null, wakeAtMs: null, finishedAtMs: null, awaiting: null, granted: null, revision: 1 },
    ...{ unchanged: false, warnings: null, problem: null, state: ended.has(id) ? 'published' : 'requested' },
  });
  const never = (): never => {
    throw new Error('nobody submits here');
  };
  const intake = createIntake({
    store: {
      accept: never,
      acceptRevert: never,
      request: async (_team, id) => {
        asked.rows += 1;
        return rowOf(id);
      },
      settledAmong: async (ids) => {
        asked.looks += 1;
        if (asked.looks > 5) for (const id of ids) ended.add(id);
        return ids.filter((id) => ended.has(id));
      },
    },
    views: { status: never },
    bell: createBell(systemClock),
    clock: systemClock,
    step: () => {},
    lookAgainMs: 5,
    onAccepted: () => {},
  });
  const ids = Array.from({ length: WAITING }, (_, at) => `request-${at}`);
  const { signal } = new AbortController();
  const rows = await Promise.all(ids.map((id) => intake.settled(rowOf(id), 60_000, signal)));
  expect(rows.map(({ state }) => state)).toEqual(ids.map(() => 'published'));
  // Each is read when it is asked for and when it has ended.
  expect(asked.rows).toBe(2 * WAITING);
  intake.stop();
});
