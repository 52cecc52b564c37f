// Who runs what: from a daemon's report to the list that people see.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { DAEMON_REPORT_MS, DaemonPage, type DaemonReport } from '@hakiri/contracts/delivery';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { Value } from '@sinclair/typebox/value';
import { createReportStore, type Published, type ReportRow } from '../store/store-reports.ts';
import { apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { describeDaemon, SILENT_AFTER_MS } from './daemon-view.ts';
import { createReports, DAEMONS_LIMIT, FORGET_AFTER_MS } from './reports.ts';

const ALL = { kind: 'all' } as const;
const MIGRATIONS = new URL('../migrations', import.meta.url).pathname;
const OWNER = { team: 'default', token: 'token-1' };
let bed: Bed;
let running: Running;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
});
afterEach(() => bed.close());

async function publish(description: string): Promise<string> {
  const version = bed.peer.edit({ pipelines: [pipeline(1, { description })], variables: [] });
  const { body } = await apply(running.url, bed.token('applier'), { scope: ALL, version });
  return body.revision?.digest ?? '';
}

const report = (name: string, values: Partial<DaemonReport> = {}): DaemonReport => ({
  name,
  sequence: 0,
  digest: '',
  state: 'running',
  since: '2026-01-01T00:00:00.000Z',
  ...values,
});

const send = (body: unknown, token = bed.token('node', 'token-1')) =>
  fetch(`${running.url}/v1/manifest/reports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function daemons(query = ''): Promise<DaemonPage> {
  const page: unknown = await get(running.url, bed.token('viewer'), `daemons${query}`).then((r) => r.json());
  if (!Value.Check(DaemonPage, page)) throw new Error(JSON.stringify(page));
  return page;
}

async function reportsOver(clock = createSimulatedClock()) {
  const store = createReportStore(await bed.substrate.database('apply', MIGRATIONS));
  return { clock, reports: createReports({ store, latest: async () => undefined, clock }) };
}

test('[AP11.16] daemons are listed with what they run, how far behind it is, and whether it is what it should be', async () => {
  const [first, , third] = [await publish('a'), await publish('b'), await publish('c')];
  for (const body of [
    report('old', { sequence: 1, digest: first }),
    report('new', { sequence: 3, digest: third, detail: 'since a minute' }),
    report('other', { sequence: 3, digest: first, state: 'failed' }),
    report('nowhere', { sequence: 9, digest: first, state: 'refused' }),
    report('fresh'),
  ])
    expect((await send(body)).status).toBe(204);
  const page = await daemons();
  expect(page.latest).toEqual({ label: 'v3', sequence: 3 });
  const rows = page.daemons.map(({ name, label, behindRevisions, runsLatest, drift, state, token }) => ({
    ...{ name, label, behindRevisions, runsLatest, drift, state, token },
  }));
  const token = 'token-1';
  expect(rows).toEqual([
    {
      name: 'fresh',
      label: undefined,
      behindRevisions: 3,
      runsLatest: false,
      drift: undefined,
      state: 'running',
      token,
    },
    {
      name: 'new',
      label: 'v3',
      behindRevisions: 0,
      runsLatest: true,
      drift: undefined,
      state: 'running',
      token,
    },
    {
      name: 'nowhere',
      label: undefined,
      behindRevisions: 0,
      runsLatest: false,
      drift: 'unknown_revision',
      state: 'refused',
      token,
    },
    {
      name: 'old',
      label: 'v1',
      behindRevisions: 2,
      runsLatest: false,
      drift: undefined,
      state: 'running',
      token,
    },
    {
      name: 'other',
      label: 'v3',
      behindRevisions: 0,
      runsLatest: false,
      drift: 'other_digest',
      state: 'failed',
      token,
    },
  ]);
  // The same name again is the same daemon; of another token it is another.
  await send(report('old', { sequence: 3, digest: third }));
  await send(report('old', { sequence: 1, digest: first }), bed.token('node', 'token-2'));
  const old = (await daemons('?limit=200')).daemons.filter(({ name }) => name === 'old');
  expect(old.map((one) => [one.token, one.sequence])).toEqual([
    ['token-1', 3],
    ['token-2', 1],
  ]);
});

test('[AP11.16] the list comes in pages', async () => {
  for (const name of ['a', 'b', 'c']) await send(report(name));
  const first = await daemons('?limit=2');
  expect(first.daemons.map(({ name }) => name)).toEqual(['a', 'b']);
  const rest = await daemons(`?limit=2&after=${first.next}`);
  expect([rest.daemons.map(({ name }) => name), rest.next]).toEqual([['c'], undefined]);
});

test('[AP11.16] how far behind counts from the first revision that it misses; who misses reports is silent', () => {
  const published = new Map<number, Published>(
    [1, 2, 3].map((n) => [n, { number: n, minor: 0, digest: `d${n}`, publishedAtMs: n * 60_000 }]),
  );
  const row: ReportRow = {
    ...OWNER,
    name: 'n',
    sequence: 1,
    report: report('n', { sequence: 1, digest: 'd1' }),
    seenAtMs: 180_000,
  };
  const at = (nowMs: number) => describeDaemon(row, undefined, published, nowMs);
  expect(at(300_000)).toMatchObject({ behindS: 180, lastSeen: new Date(180_000).toISOString() });
  expect(at(180_000 + SILENT_AFTER_MS).drift).toBeUndefined();
  expect(at(180_001 + SILENT_AFTER_MS).drift).toBe('silent');
  expect(SILENT_AFTER_MS).toBeGreaterThan(2 * DAEMON_REPORT_MS);
});

test('[AP11.16] daemons alone report, people alone see the list, and what makes no sense is refused', async () => {
  expect((await send(report('x'), bed.token('viewer'))).status).toBe(403);
  expect((await get(running.url, bed.token('node'), 'daemons')).status).toBe(403);
  const wrong = [{}, report('~'), report('x', { since: 'yesterday' }), { ...report('x'), more: 1 }];
  for (const body of wrong) {
    const response = await send(body);
    expect([response.status, (await response.json()).code]).toEqual([400, 'malformed']);
  }
  expect((await daemons()).daemons).toEqual([]);
});

test('[AP11.17] a daemon reports at a bounded rate', async () => {
  const { reports, clock } = await reportsOver();
  for (let n = 0; n < 10; n++) await reports.report(OWNER, report('a'));
  expect(() => reports.report(OWNER, report('a'))).toThrow('too often');
  await reports.report(OWNER, report('b'));
  await clock.advance(5_000);
  await reports.report(OWNER, report('a'));
});

test('[AP11.17] a team has a bounded number of daemons; who is silent for a week is forgotten and makes room', async () => {
  const { reports, clock } = await reportsOver();
  const names = Array.from({ length: DAEMONS_LIMIT }, (_, index) => `d${index}`);
  await Promise.all(names.map((name) => reports.report(OWNER, report(name))));
  await clock.advance(60_000);
  await expect(reports.report(OWNER, report('another'))).rejects.toMatchObject({ code: 'conflict' });
  await reports.report(OWNER, report('d7', { detail: 'known ones go on' }));
  await reports.report({ ...OWNER, team: 'other' }, report('another'));
  expect((await reports.page('default', undefined, 2)).daemons.length).toBe(2);
  await clock.advance(FORGET_AFTER_MS - 30_000);
  expect((await reports.page('default', undefined, 2)).daemons.map(({ name }) => name)).toEqual(['d7']);
  await reports.report(OWNER, report('another'));
}, 120_000);
