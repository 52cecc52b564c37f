// Two stores over one database, as two processes have them: whatever one of them decided on, the other may have done meanwhile.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { utf8 } from '@hakiri/base/bytes';
import { problem } from '@hakiri/contracts/problem';
import { openStoreBed, revisionOf, type StoreBed, TEAM } from '../testing/bed-store.ts';
import { outbox } from './schema.ts';
import type { Store } from './store.ts';

let bed: StoreBed;
let other: Store;
beforeEach(async () => {
  bed = await openStoreBed();
  other = await bed.another();
});
afterEach(() => bed.close());

const announced = async (): Promise<number> => (await bed.database.orm.select().from(outbox)).length;

test('[AP3.12] of two that give one number to two requests one does, and the other prepares again', async () => {
  const [first, second] = [await bed.accept(1), await bed.accept(2)];
  expect(await bed.store.commitRevision(first, revisionOf(1), utf8('a'), [])).toBe(true);
  expect(await other.commitRevision(second, revisionOf(1), utf8('b'), [])).toBe(false);
  // Nor is the next given before this one is out.
  expect(await other.commitRevision(second, revisionOf(2), utf8('b'), [])).toBe(false);
  await bed.store.finishPublished(present(await bed.store.newest(TEAM), 'it was committed'));
  expect(await other.commitRevision(second, revisionOf(3), utf8('b'), [])).toBe(false);
  expect(await other.commitRevision(second, revisionOf(2), utf8('b'), [])).toBe(true);
  expect(await other.request(TEAM, second.id)).toMatchObject({ state: 'publishing', revision: 2 });
});

test('[AP3.12] of two that take one request to a number, or to two ends, one does', async () => {
  const row = await bed.accept(1);
  expect(await bed.store.commitRevision(row, revisionOf(1), utf8('a'), [])).toBe(true);
  expect(await other.commitRevision(row, revisionOf(1), utf8('a'), [])).toBe(false);
  expect(await other.finishRefused(row, problem('unavailable', 'late'))).toBe(false);
  expect(await other.finishUnchanged(row, undefined, [])).toBe(false);
  expect(await bed.store.request(TEAM, row.id)).toMatchObject({ state: 'publishing', problem: null });

  const refused = await bed.accept(2);
  const before = await announced();
  expect(await bed.store.finishRefused(refused, problem('invalid_config', 'no'))).toBe(true);
  expect(await other.finishRefused(refused, problem('unavailable', 'late'))).toBe(false);
  expect(await announced()).toBe(before + 1);
  expect(await other.request(TEAM, refused.id)).toMatchObject({ problem: { code: 'invalid_config' } });
});

test('[AP3.12] two that finish one revision announce it once, also when the announcement has left already', async () => {
  const row = await bed.accept(1);
  await bed.store.commitRevision(row, revisionOf(1), utf8('a'), []);
  const revision = present(await other.newest(TEAM), 'it was committed');
  await bed.store.finishPublished(revision);
  await bed.database.write((orm) => orm.delete(outbox));
  await other.finishPublished(revision);
  expect(await announced()).toBe(0);
  expect(await other.isPublishing(TEAM, 1)).toBe(false);
});

test('[AP3.4] nothing is said to equal a revision that is no longer the last', async () => {
  const [same, newer] = [await bed.accept(1), await bed.accept(2)];
  await bed.publish(newer);
  expect(await other.finishUnchanged(same, undefined, [])).toBe(false);
  expect(await other.finishUnchanged(same, revisionOf(1), [])).toBe(true);
});

test('[AP4.1] of two that take in one key at once one makes a request of it', async () => {
  const taken = await Promise.all([bed.store, other, bed.store].map((store) => store.accept(bed.asked(1))));
  expect(taken.map(({ kind }) => kind).toSorted()).toEqual(['accepted', 'repeated', 'repeated']);
  expect(new Set(taken.map((one) => ('row' in one ? one.row.id : ''))).size).toBe(1);
});
