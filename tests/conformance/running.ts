// Conformance: applied schedules fire, the node carries runs out on real files, and who may control them.
import { expect, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '@hakiri/contracts/scheduler';
import { until } from '../people.ts';
import { problemOf } from './applying.ts';
import type { World } from './world.ts';

const LIVE = 'orders-live';

export function running(world: World): void {
  const runs = async (pipeline: string) => (await world.owner().runs.list({ pipeline })).runs;
  const ended = (run: Run | undefined) =>
    run !== undefined && ['succeeded', 'failed', 'cancelled'].includes(run.state);

  test('an applied schedule fires by itself, and its rows arrive', async () => {
    const succeeded = async () => (await runs(LIVE)).find((run) => run.state === 'succeeded');
    await until('a run has succeeded', async () => (await succeeded()) !== undefined, 30_000);
    const run = await world.owner().runs.show((await succeeded())?.id ?? '');
    expect(run.cause).toBe('schedule');
    expect(run.steps.map((step) => step.name)).toEqual(expect.arrayContaining(['extract', 'load']));
    const tables = await readdir(join(world.deployment().ready().data, 'tables'), { recursive: true });
    expect(tables.some((file) => file.endsWith('.ndjson'))).toBe(true);
  });

  test('every tick is in the ledger once, with the run it became', async () => {
    const { entries } = await world.owner().runs.ledger({ pipeline: LIVE });
    const fired = entries.filter((entry) => entry.decision === 'fired');
    expect(fired.length).toBeGreaterThan(0);
    expect(fired.every((entry) => entry.run !== undefined)).toBe(true);
    expect(new Set(entries.map((entry) => entry.dueAt)).size).toBe(entries.length);
  });

  test('schedules say when they fire next', async () => {
    const { schedules } = await world.owner().runs.schedules();
    const cron = schedules.find((schedule) => schedule.pipeline === 'gh-issues');
    expect(cron).toMatchObject({ kind: 'cron', enabled: true });
    expect(Date.parse(cron?.nextAt ?? '')).toBeGreaterThan(Date.now() - 1_000);
  });

  test('an applier starts a run by hand; a viewer may not', async () => {
    const bob = await world.invite('Bob', 'applier');
    const run = await bob.client.runs.start('orders-eu');
    expect(run).toMatchObject({ pipeline: 'orders-eu', cause: 'manual' });
    await until('it ends', async () => ended(await bob.client.runs.show(run.id)), 20_000);
    expect((await bob.client.runs.show(run.id)).state).toBe('succeeded');
    const vera = await world.invite('Vera', 'viewer');
    expect((await problemOf(vera.client.runs.start('orders-eu'))).code).toBe('denied');
  });

  test('validation warns of a node that is not here, and of no pipeline that the local node serves', async () => {
    const { version } = await world.owner().apply.document('main');
    const { issues, unchecked } = await world.owner().apply.validate({ scope: { kind: 'all' }, version });
    const placed = issues.filter(({ code }) => code === 'placement.target_unknown');
    expect(unchecked).toBeUndefined();
    expect(placed.map(({ path }) => path)).toContain('/pipelines/alice-folder/placement/target');
    expect(placed.map(({ path }) => path)).not.toContain('/pipelines/orders-live/placement/target');
  });

  test('a run that waits for a node that is not here can be cancelled', async () => {
    const { runs: api } = world.owner();
    const run = await api.start('alice-folder');
    expect((await api.show(run.id)).state).toBe('waiting');
    expect((await api.cancel(run.id)).state).toBe('cancelled');
  });

  test('the log of a run that has ended says what its node did', async () => {
    const run = (await runs(LIVE)).find((candidate) => candidate.state === 'succeeded');
    const { lines, state } = await world.owner().runs.logsSince(run?.id ?? '');
    expect([state, lines.at(-1)?.text]).toEqual(['succeeded', 'Every step has finished.']);
    expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => index + 1));
  });

  test('an unknown pipeline and a stale claim are refused with what to do', async () => {
    expect((await problemOf(world.owner().runs.start('no-such-pipeline'))).code).toBe('not_found');
    const { token } = await world.owner().auth.createToken({ name: 'a node', role: 'node', ttlDays: 1 });
    const run = (await runs(LIVE)).find((candidate) => candidate.state === 'succeeded');
    const { url } = world.deployment().ready();
    const response = await fetch(`${url}/v1/runs/${run?.id}/steps`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ fence: 0, index: 0, name: 'extract', result: {} }),
    });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'stale_claim' });
  });
}
