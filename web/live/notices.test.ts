import { expect, test } from 'bun:test';
import { createPipeline, setSchedule } from '@hakiri/config-doc/edit';
import type { Notice } from '@hakiri/contracts/notice';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { foldNotices } from './fold-notices.ts';
import { watchNotices } from './notices.ts';

const side = (user: string, second: number, value: string) => ({
  user,
  at: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
  peer: user === 'alice' ? '1' : '2',
  counter: second,
  value,
});

/** Who keeps the field changes from one to the next, as it does while both type. */
function meeting(second: number, fields: Partial<Notice> & { key?: string; other?: string } = {}): Notice {
  const { key = 'K', other = 'bob', ...rest } = fields;
  const sides = [side('alice', second, `a${second}`), side(other, second, `b${second}`)] as const;
  const [won, lost] = second % 2 === 0 ? sides : ([sides[1], sides[0]] as const);
  return {
    id: `${key}-${other}-${second}`,
    kind: 'same_field',
    at: won.at,
    entity: { root: 'pipelines', key },
    field: 'schedule.expr',
    won,
    lost,
    take: { kind: 'set', path: ['pipelines', key, 'schedule'], key: 'expr', value: lost.value },
    ...rest,
  };
}

test('[PG2.6] who type into one field at once have one notice of it, of the last two values, in whatever order they came', () => {
  const burst = [1, 2, 3, 4, 5].map((second) => meeting(second));
  for (const order of [burst, burst.toReversed(), [...burst.slice(2), ...burst.slice(0, 2)]]) {
    const { latest, past } = foldNotices(order);
    expect(latest.map(({ id }) => id)).toEqual(['K-bob-5']);
    expect(past.map(({ id }) => id).toSorted()).toEqual(['K-bob-1', 'K-bob-2', 'K-bob-3', 'K-bob-4']);
  }
});

test('[PG2.6] another field, another pipeline, another person and a deletion have notices of their own', () => {
  const apart = [
    meeting(1),
    meeting(2, { field: 'destination.table', id: 'table' }),
    meeting(3, { key: 'L' }),
    meeting(4, { other: 'carol' }),
    meeting(5, { kind: 'edit_discarded', id: 'gone' }),
    meeting(6, { kind: 'edit_discarded', id: 'gone too' }),
  ];
  expect(foldNotices(apart)).toEqual({ latest: apart, past: [] });
});

/** What the server keeps for this person, as the room hands it over. */
function room(initial: readonly Notice[]) {
  let kept = [...initial];
  const listeners = new Set<(notices: Notice[]) => void>();
  return {
    kept: () => kept.map(({ id }) => id),
    list: () => kept,
    onNotices(listener: (notices: Notice[]) => void) {
      listeners.add(listener);
      listener(kept);
      return () => listeners.delete(listener);
    },
    dismiss(id: string) {
      kept = kept.filter((notice) => notice.id !== id);
      for (const listener of listeners) listener(kept);
    },
  };
}

function documentWith(expr: string): { doc: LoroDoc; key: string } {
  const doc = new LoroDoc();
  const key = createPipeline(doc, {
    id: 'orders',
    source: { kind: 'csv-file', ref: 'orders.csv' },
    destination: { table: 'orders' },
    schedule: { kind: 'cron', expr },
  });
  doc.commit();
  return { doc, key };
}

test('[PG2.6] a burst is put away but for its last, and that follows the field', async () => {
  const { doc, key } = documentWith('a4');
  const mine = { peer: doc.peerIdStr, counter: 0 };
  const burst = [1, 2, 3, 4].map((second) => {
    const notice = meeting(second, { key });
    return { ...notice, won: { ...notice.won, ...mine, counter: 0 } };
  });
  const notices = room(burst);
  const { list, close } = watchNotices(doc, notices);
  expect(notices.kept()).toEqual([`${key}-bob-4`]);
  expect(list.get().map(({ id, standing }) => [id, standing])).toEqual([[`${key}-bob-4`, 'stands']]);
  setSchedule(doc, key, { kind: 'cron', expr: '0 6 * * *' });
  doc.commit();
  await until(() => list.get()[0]?.standing === 'other', { what: 'somebody has decided' });
  expect(notices.kept()).toHaveLength(1);
  close();
});

test('[PG2.6] what somebody has decided goes by itself', async () => {
  const { doc, key } = documentWith('0 6 * * *');
  const notice = meeting(2, { key });
  const notices = room([{ ...notice, won: { ...notice.won, peer: doc.peerIdStr, counter: 0 } }]);
  const { list, close } = watchNotices(doc, notices, 50);
  expect(list.get()[0]?.standing).toBe('other');
  await until(() => notices.kept().length === 0, { what: 'it is put away' });
  expect(list.get()).toEqual([]);
  close();
});
