// Group commit against a log that answers when the test says so.
import { describe, expect, test } from 'bun:test';
import {
  type DocumentLog,
  DocumentLogError,
  GROUP_LIMIT_BYTES,
  GROUP_LIMIT_ENTRIES,
} from '@hakiri/substrate/document-log';
import { entriesOf } from '@hakiri/substrate/log-group';
import { until } from '@hakiri/testing/until';
import { CommitGroup } from './commit-group.ts';

const ID = { team: 'default', doc: 'main' };

function logOf() {
  const appends: { entries: number[]; position: number; settle(error?: Error): void }[] = [];
  const compacts: number[] = [];
  const refusal: { error: Error | undefined } = { error: undefined };
  const log: DocumentLog = {
    open: () => Promise.reject(new Error('not opened here')),
    read: async () => ({ base: undefined, entries: [], position: 0 }),
    position: async () => 0,
    list: async () => [],
    compact: async (_id, _epoch, position) => {
      if (refusal.error !== undefined) throw refusal.error;
      compacts.push(position);
    },
    append: (_id, _epoch, position, group) =>
      new Promise((resolve, reject) => {
        const entries = entriesOf(group);
        const settle = (error?: Error): void =>
          error === undefined ? resolve(position + entries.length) : reject(error);
        appends.push({ entries: entries.map(({ length }) => length), position, settle });
      }),
  };
  const failures: unknown[] = [];
  const commits = new CommitGroup({
    log,
    id: ID,
    epoch: 1,
    position: 7,
    onFailure: (error) => failures.push(error),
  });
  return { commits, appends, compacts, failures, refusal };
}

describe('group commit', () => {
  test('[SY2.2] the first goes at once, what comes meanwhile goes together, in order', async () => {
    const { commits, appends } = logOf();
    const stored: number[] = [];
    for (let index = 1; index <= 4; index++)
      commits.submit(new Uint8Array(index), (ok) => ok && stored.push(index));
    expect(appends.map(({ entries }) => entries)).toEqual([[1]]);
    appends[0]?.settle();
    await until(() => appends.length === 2);
    expect(stored).toEqual([1]);
    expect(appends[1]).toMatchObject({ entries: [2, 3, 4], position: 8 });
    appends[1]?.settle();
    await commits.drained();
    expect(stored).toEqual([1, 2, 3, 4]);
    expect(commits.backlogBytes).toBe(0);
  });

  test('[SY2.2] a group keeps the bound of the log', async () => {
    const { commits, appends } = logOf();
    const half = GROUP_LIMIT_BYTES / 2 + 1;
    for (let index = 0; index < 4; index++) commits.submit(new Uint8Array(half), () => {});
    for (let index = 0; index < 4; index++) {
      await until(() => appends.length === index + 1);
      expect(appends[index]?.entries).toEqual([half]);
      appends[index]?.settle();
    }
    await commits.drained();
  });

  test('[SY2.2] a group has as many entries as the log takes', async () => {
    const { commits, appends } = logOf();
    for (let index = 0; index < GROUP_LIMIT_ENTRIES + 2; index++) commits.submit(new Uint8Array(1), () => {});
    for (const [index, count] of [1, GROUP_LIMIT_ENTRIES, 1].entries()) {
      await until(() => appends.length === index + 1);
      expect(appends[index]?.entries).toHaveLength(count);
      appends[index]?.settle();
    }
    await commits.drained();
  });

  test('[SY2.3] after a failure nothing is appended and everybody who waits is told', async () => {
    const { commits, appends, failures } = logOf();
    const told: boolean[] = [];
    for (let index = 0; index < 3; index++) commits.submit(new Uint8Array(1), (ok) => told.push(ok));
    commits.whenDurable((ok) => told.push(ok));
    appends[0]?.settle(new DocumentLogError('stale_epoch', 'another owner'));
    await commits.drained();
    expect(told).toEqual([false, false, false, false]);
    expect(failures).toHaveLength(1);
    commits.submit(new Uint8Array(1), (ok) => told.push(ok));
    commits.whenDurable((ok) => told.push(ok));
    expect(told.slice(4)).toEqual([false, false]);
    expect(appends).toHaveLength(1);
  });

  test('[SY2.10] a group closes by what the log takes at once, or when the one before it is stored; no clock is asked', async () => {
    const { commits, appends } = logOf();
    const stored: number[] = [];
    const submit = (index: number) => commits.submit(new Uint8Array(1), (ok) => ok && stored.push(index));
    // Alone each leaves in its own turn.
    for (const index of [0, 1, 2]) {
      submit(index);
      expect(appends).toHaveLength(index + 1);
      appends[index]?.settle();
      await commits.drained();
    }
    // The longer a write takes, the more the next one holds.
    for (let index = 3; index < 103; index++) submit(index);
    expect(appends.at(-1)?.entries).toHaveLength(1);
    appends.at(-1)?.settle();
    await until(() => appends.length === 5);
    expect(appends.at(-1)?.entries).toHaveLength(99);
    appends.at(-1)?.settle();
    await commits.drained();
    expect(stored).toEqual(Array.from({ length: 103 }, (_, index) => index));
  });

  test.each([
    ['full', new DocumentLogError('full', 'no room')],
    ['unavailable', new DocumentLogError('unavailable', 'the flush failed')],
    ['stale_epoch', new DocumentLogError('stale_epoch', 'another owner')],
    ['unavailable', new Error('a surprise')],
  ] as const)(
    '[SY2.11] a failed flush or a full disk is no ack, and the reason stays: %s',
    async (kind, error) => {
      const { commits, appends, compacts, failures } = logOf();
      const order: string[] = [];
      commits.submit(new Uint8Array(3), (ok) => order.push(`first ${ok}`));
      commits.submit(new Uint8Array(3), (ok) => order.push(`second ${ok}`));
      commits.compact(commits.position, new Uint8Array(5));
      expect([commits.failed, commits.failure]).toEqual([false, undefined]);
      appends[0]?.settle(error);
      await commits.drained();
      expect([commits.failed, commits.failure]).toEqual([true, kind]);
      expect(failures).toEqual([error]);
      expect(order).toEqual(['first false', 'second false']);
      // Not even when there is room again: the document is opened anew and sees what is stored.
      commits.submit(new Uint8Array(1), (ok) => order.push(`later ${ok}`));
      commits.compact(commits.position, new Uint8Array(5));
      await commits.drained();
      expect(order.at(-1)).toBe('later false');
      expect([appends.length, compacts]).toEqual([1, []]);
    },
  );

  test('[SY2.4] `whenDurable` waits for everything before it and for nothing after', async () => {
    const { commits, appends } = logOf();
    const order: string[] = [];
    commits.whenDurable(() => order.push('nothing waits'));
    commits.submit(new Uint8Array(1), () => order.push('a'));
    commits.whenDurable(() => order.push('after a'));
    commits.submit(new Uint8Array(1), () => order.push('b'));
    expect(order).toEqual(['nothing waits']);
    appends[0]?.settle();
    await until(() => appends.length === 2);
    expect(order).toEqual(['nothing waits', 'a', 'after a']);
    appends[1]?.settle();
    await commits.drained();
  });

  test('[SY2.5] a compaction stands between two groups and names what it replaces', async () => {
    const { commits, appends, compacts } = logOf();
    commits.submit(new Uint8Array(1), () => {});
    commits.submit(new Uint8Array(1), () => {});
    commits.compact(commits.position, new Uint8Array(5));
    appends[0]?.settle();
    await until(() => appends.length === 2);
    expect(compacts).toEqual([7]);
    appends[1]?.settle();
    await commits.drained();
  });

  test.each(['full', 'too_large', 'base_failed'] as const)(
    '[SY2.13] a base that was certainly not written (%s) stops nothing',
    async (kind) => {
      const { commits, appends, compacts, failures, refusal } = logOf();
      const error = new DocumentLogError(kind, 'no base');
      refusal.error = error;
      const told: boolean[] = [];
      commits.submit(new Uint8Array(1), (ok) => told.push(ok));
      const compacted = commits.compact(commits.position, new Uint8Array(5));
      commits.submit(new Uint8Array(1), (ok) => told.push(ok));
      appends[0]?.settle();
      expect(await compacted).toEqual({ kind: 'refused', error });
      await until(() => appends.length === 2);
      appends[1]?.settle();
      await commits.drained();
      refusal.error = undefined;
      expect(await commits.compact(commits.position, new Uint8Array(5))).toEqual({ kind: 'stored' });
      await commits.drained();
      expect([told, compacts, failures]).toEqual([[true, true], [9], []]);
    },
  );

  test.each([
    ['unavailable', new DocumentLogError('unavailable', 'the flush failed')],
    ['stale_epoch', new DocumentLogError('stale_epoch', 'another owner')],
    ['a surprise', new Error('a surprise')],
  ] as const)(
    '[SY2.13] a base of which nobody knows, or another owner, stops the document: %s',
    async (_name, error) => {
      const { commits, failures, refusal } = logOf();
      refusal.error = error;
      expect(await commits.compact(commits.position, new Uint8Array(5))).toEqual({ kind: 'lost' });
      expect([commits.failed, failures]).toEqual([true, [error]]);
    },
  );
});
