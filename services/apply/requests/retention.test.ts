// What is kept of requests after their end, on a real database whose clock the test moves.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { utf8 } from '@hakiri/base/bytes';
import { problem } from '@hakiri/contracts/problem';
import { silentLogger } from '@hakiri/service/logger';
import { until } from '@hakiri/testing/until';
import { openStoreBed, type StoreBed, TEAM } from '../testing/bed-store.ts';
import { createRetention, type Retention } from './retention.ts';

const KEPT_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;

let bed: StoreBed;
let retention: Retention;
let sweeps: number[];

beforeEach(async () => {
  bed = await openStoreBed();
  sweeps = [];
  const { store, clock } = bed;
  const forget = async (untilMs: number, limit: number): Promise<number> => {
    const forgotten = await store.forget(untilMs, limit);
    sweeps.push(forgotten);
    return forgotten;
  };
  const watched = { forget, oldestEndMs: store.oldestEndMs };
  retention = createRetention({ store: watched, clock, logger: silentLogger, requestsKeptMs: KEPT_MS });
  retention.start();
  await until(() => sweeps.length === 1);
});
afterEach(async () => {
  await retention.stop();
  await bed.close();
});

test('[AP4.9] a key is answered the same for 24 hours after the end of its request, then it is forgotten', async () => {
  const { store, clock } = bed;
  const published = await bed.accept(1);
  const revision = await bed.publish(published);
  const refused = await bed.accept(2);
  await store.finishRefused(refused, problem('invalid_config', 'no'));
  const open = await bed.accept(3);
  retention.expect();
  await clock.advance(KEPT_MS - 1);
  for (const [number, row, state] of [
    [1, published, 'published'],
    [2, refused, 'refused'],
    [3, open, 'requested'],
  ] as const)
    expect(await store.accept(bed.asked(number))).toMatchObject({
      kind: 'repeated',
      row: { id: row.id, state },
    });
  expect(await store.accept({ ...bed.asked(1), bodyHash: 'sha256:1' })).toEqual({ kind: 'mismatch' });

  await clock.advance(MINUTE_MS);
  await until(() => sweeps.includes(2), { what: 'the sweep' });
  expect(await store.request(TEAM, published.id)).toBeUndefined();
  expect(await store.accept(bed.asked(1))).toMatchObject({ kind: 'accepted' });
  // What was published stays, and what is open is not forgotten however old it is.
  expect(await bed.history.latest(TEAM)).toEqual(revision);
  expect(await store.accept(bed.asked(3))).toMatchObject({ kind: 'repeated', row: { id: open.id } });
});

test('[AP4.9] however many ended, each transaction forgets a bounded number; no timer runs while nothing has ended', async () => {
  const { store, clock } = bed;
  expect(clock.nextDue()).toBeUndefined();
  for (let number = 0; number < 450; number++)
    await store.finishRefused(await bed.accept(number), problem('invalid_config', 'no'));
  retention.expect();
  await clock.advance(KEPT_MS + MINUTE_MS);
  await until(() => sweeps.length === 4, { what: 'the sweeps' });
  expect(sweeps).toEqual([0, 200, 200, 50]);
  await retention.stop();
  expect(clock.nextDue()).toBeUndefined();
});

test('[AP9.11] a revert is forgotten a day after it was answered when it asked for nothing, else with the last of its requests', async () => {
  const { store, clock } = bed;
  const key = (keyHash: string) => ({ team: TEAM, author: 'ada', keyHash });
  const answer = utf8('{}');
  const { idempotencyKey: _, ...asked } = bed.asked(1);
  expect(await store.acceptRevert(key('none'), 'body', answer, [])).toEqual([]);
  const rows = present(await store.acceptRevert(key('two'), 'body', answer, [asked, asked]), 'there is room');
  const [first, second] = [present(rows[0], 'the first'), present(rows[1], 'the second')];
  // One that has its key, and is another's.
  expect(await store.acceptRevert(key('none'), 'body', answer, [])).toBeUndefined();
  expect(await store.acceptRevert({ ...key('none'), author: 'bob' }, 'body', answer, [])).toEqual([]);
  await store.finishRefused(first, problem('invalid_config', 'no'));
  retention.expect();
  await clock.advance(KEPT_MS - 1);
  expect(await store.revertKept(key('none'))).toMatchObject({ bodyHash: 'body', answer, rows: [] });

  await clock.advance(MINUTE_MS);
  await until(() => sweeps.length > 1, { what: 'the sweep' });
  expect(await store.revertKept(key('none'))).toBeUndefined();
  expect((await store.revertKept(key('two')))?.rows).toMatchObject([{ id: second.id }]);
  await store.finishRefused(second, problem('invalid_config', 'no'));
  retention.expect();
  await clock.advance(KEPT_MS + MINUTE_MS);
  await until(async () => (await store.revertKept(key('two'))) === undefined, { what: 'the second sweep' });
});
