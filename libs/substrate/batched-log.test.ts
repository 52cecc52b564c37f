// When batches leave: at once where nothing is gained by waiting, at a pace where much is written.
import { expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { createBatchedLog } from './batched-log.ts';
import type { DocumentId } from './document-log.ts';
import type { LogOutcome, LogRequest } from './log-request.ts';

/** Longer than any test: what leaves did not wait for it. */
const NEVER_MS = 60_000;
/** So many that their successor waits for as long as a log of this pace lets it. */
const CROWD = 4_000;

function openLog(paceMs: number) {
  const batches: { atMs: number; requests: LogRequest[] }[] = [];
  const answer = (request: LogRequest): LogOutcome => {
    if (request.kind === 'append')
      return { kind: 'appended', position: request.position + request.entries.length };
    if (request.kind === 'list') return { kind: 'listed', docs: [] };
    if (request.kind === 'compact') return { kind: 'compacted' };
    if (request.kind === 'position') return { kind: 'positioned', position: 0 };
    return { kind: 'opened', loaded: { epoch: 1, position: 0, base: undefined, entries: [] } };
  };
  const log = createBatchedLog({
    paceMs,
    execute: async (requests) => {
      batches.push({ atMs: performance.now(), requests });
      return requests.map(answer);
    },
  });
  return { log, batches };
}

const named = (doc: string): DocumentId => ({ team: 't', doc });
const entries = (count: number): Uint8Array[] => Array.from({ length: count }, () => utf8('e'));
const sizes = (requests: readonly LogRequest[]): number[] =>
  requests.map((request) => (request.kind === 'append' ? request.entries.length : 0));

test('[DL22] the first of a quiet log leaves with its turn, and so does who asks one thing after the other', async () => {
  const { log, batches } = openLog(NEVER_MS);
  const first = Promise.all([
    log.append(named('a'), 1, 0, entries(1)),
    log.append(named('b'), 1, 0, entries(1)),
  ]);
  expect(await first).toEqual([1, 1]);
  for (let position = 1; position < 5; position += 1)
    expect(await log.append(named('a'), 1, position, entries(1))).toBe(position + 1);
  expect(batches.map(({ requests }) => requests.length)).toEqual([2, 1, 1, 1, 1]);
  await log.close();
});

test('[DL22] while much is written groups wait for company and take along what comes meanwhile', async () => {
  const { log, batches } = openLog(NEVER_MS);
  await log.append(named('a'), 1, 0, entries(CROWD));
  const growing = entries(1);
  const waiting = [log.append(named('a'), 1, CROWD, () => growing), log.append(named('b'), 1, 0, entries(1))];
  growing.push(...entries(2));
  expect(batches).toHaveLength(1);
  // Whoever wants to see a document does not wait, and takes them along.
  await log.open(named('c'));
  expect(await Promise.all(waiting)).toEqual([CROWD + 3, 1]);
  expect(batches.map(({ requests }) => sizes(requests))).toEqual([[CROWD], [3, 1, 0]]);
  await log.close();
});

test('[DL22] under load batches leave no closer than the pace', async () => {
  const paceMs = 20;
  const { log, batches } = openLog(paceMs);
  let position = 0;
  for (let round = 0; round < 4; round += 1)
    position = await log.append(named('a'), 1, position, entries(100));
  const gaps = batches.slice(1).map(({ atMs }, at) => atMs - (batches[at]?.atMs ?? 0));
  expect(gaps).toHaveLength(3);
  // A timer may fire a moment early.
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(paceMs - 1);
  await log.close();
});

test('[DL22] enough company, or the end, lets the batch leave', async () => {
  const { log, batches } = openLog(NEVER_MS);
  await log.append(named('a'), 1, 0, entries(CROWD));
  const many = Array.from({ length: 64 }, (_, at) => log.append(named(`d${at}`), 1, 0, entries(1)));
  await Promise.all(many);
  expect(batches.at(-1)?.requests).toHaveLength(64);
  const last = log.append(named('z'), 1, 0, entries(1));
  await log.close();
  expect(await last).toBe(1);
});
