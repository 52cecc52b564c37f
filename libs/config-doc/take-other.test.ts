import { expect, test } from 'bun:test';
import type { LoroDoc } from 'loro-crdt';
import { deletePipeline, deleteVariable, setColumn, setSchedule, setText, setVariable } from './edit.ts';
import { removeTransform, setTransform } from './edit-transforms.ts';
import { deleteGroup, ensureGroup, moveGroup, readGroups, renameGroup } from './groups.ts';
import { readConfig, readPipeline } from './read.ts';
import { standingOf, takeOther } from './take-other.ts';
import { Stand } from './testing/conflict-stand.ts';

/** The one notice of two who edit apart, Bob winning. */
function noticeOf(stand: Stand, alice: (doc: LoroDoc) => unknown, bob: (doc: LoroDoc) => unknown) {
  stand.edit('alice', alice);
  stand.edit('bob', bob);
  stand.send('alice');
  const [notice, ...others] = stand.send('bob');
  if (notice === undefined || others.length > 0) throw new Error('one notice');
  return notice;
}

const every = (expr: string) => (doc: LoroDoc) => setSchedule(doc, 'A', { kind: 'every', expr });

test('[SY6.6] the other value is taken once, and not over what somebody decided meanwhile', () => {
  const stand = new Stand();
  const notice = noticeOf(stand, every('2h'), every('3h'));
  const { host } = stand;
  expect(takeOther(host, notice)).toBe(true);
  expect(readPipeline(host, 'A')?.schedule).toEqual({ kind: 'every', expr: '2h' });
  expect(takeOther(host, notice)).toBe(false);
  every('9h')(host);
  expect(takeOther(host, notice)).toBe(false);
  deletePipeline(host, 'A');
  expect(takeOther(host, notice)).toBe(false);
});

test('[PG2.6] a notice is settled when its field holds neither of the two values, or the lost one', () => {
  const stand = new Stand();
  const notice = noticeOf(stand, every('2h'), every('3h'));
  const { host } = stand;
  expect(standingOf(host, notice)).toBe('stands');
  // Alice has not heard of Bob's edit yet.
  expect(standingOf(stand.of('alice'), notice)).toBe('stands');
  every('9h')(host);
  expect(standingOf(host, notice)).toBe('other');
  every('2h')(host);
  expect(standingOf(host, notice)).toBe('taken');
  deletePipeline(host, 'A');
  expect(standingOf(host, notice)).toBe('gone');

  const moved = new Stand();
  const [h = '0@0', k = '0@0'] = ['g/h', 'k'].map((path) => ensureGroup(moved.host, path));
  moved.host.commit();
  const place = noticeOf(
    moved,
    (doc) => moveGroup(doc, h, k),
    (doc) => moveGroup(doc, h),
  );
  expect(standingOf(moved.host, place)).toBe('stands');
  moveGroup(moved.host, h, k);
  expect(standingOf(moved.host, place)).toBe('taken');
  deleteGroup(moved.host, h);
  expect(standingOf(moved.host, place)).toBe('gone');

  const dropped = new Stand();
  const deletion = noticeOf(dropped, every('2h'), (doc) => deletePipeline(doc, 'A'));
  expect(standingOf(dropped.host, deletion)).toBe('stands');
  takeOther(dropped.host, deletion);
  expect(standingOf(dropped.host, deletion)).toBe('back');
});

test('[SY6.6] a value that the other had removed goes, one that the other had stays', () => {
  const stand = new Stand();
  stand.edit('alice', (doc) => setColumn(doc, 'A', 'c', { type: 'text' }));
  stand.settle();
  const notice = noticeOf(
    stand,
    (doc) => setColumn(doc, 'A', 'c'),
    (doc) => setColumn(doc, 'A', 'c', { type: 'int' }),
  );
  expect(notice.lost.value).toBeUndefined();
  expect(takeOther(stand.host, notice)).toBe(true);
  expect(readPipeline(stand.host, 'A')?.schema).toEqual({});
});

test('[SY6.6] a deleted pipeline comes back with its transforms as it was with the lost edit', () => {
  const stand = new Stand();
  const { host } = stand;
  const before = readPipeline(host, 'A');
  const notice = noticeOf(
    stand,
    (doc) => [every('2h')(doc), setTransform(doc, 'A', 'TA', { body: 'z' }), setText(doc, 'A', 'name', 'N')],
    (doc) => deletePipeline(doc, 'A'),
  );
  expect(takeOther(host, notice)).toBe(true);
  const transforms = [
    { key: 'TA', kind: 'filter', body: 'z', inputs: ['x'] },
    { key: 'TB', kind: 'filter', body: 'x > 1', inputs: ['x'] },
  ];
  expect(readPipeline(host, 'A')).toEqual({
    ...before,
    key: 'A',
    name: 'N',
    schedule: { kind: 'every', expr: '2h' },
    transforms,
  } as NonNullable<typeof before>);
  expect(takeOther(host, notice)).toBe(false);
});

test('[SY6.6] a deleted variable and a deleted transform come back', () => {
  const stand = new Stand();
  const variable = noticeOf(
    stand,
    (doc) => setVariable(doc, { name: 'V', value: '2' }, 'V'),
    (doc) => deleteVariable(doc, 'V'),
  );
  stand.settle();
  const transform = noticeOf(
    stand,
    (doc) => setTransform(doc, 'A', 'TA', { body: 'z' }),
    (doc) => removeTransform(doc, 'A', 'TA'),
  );
  const { host } = stand;
  expect([takeOther(host, variable), takeOther(host, transform)]).toEqual([true, true]);
  const { pipelines, variables } = readConfig(host);
  expect(variables).toEqual([{ key: 'V', name: 'V', value: '2', comment: '' }]);
  expect(pipelines[0]?.transforms).toContainEqual({ key: 'TA', kind: 'filter', body: 'z', inputs: ['x'] });
  expect([takeOther(host, variable), takeOther(host, transform)]).toEqual([false, false]);
});

test('[SY6.6] groups: the other name, the other place, the deletion that lost', () => {
  const find = (doc: LoroDoc, path: string) => ensureGroup(doc, path) ?? '0@0';
  const renamed = new Stand();
  const g = find(renamed.host, 'g');
  const name = noticeOf(
    renamed,
    (doc) => renameGroup(doc, g, 'x'),
    (doc) => renameGroup(doc, g, 'y'),
  );
  expect(takeOther(renamed.host, name)).toBe(true);
  expect(readGroups(renamed.host)).toEqual(['x', 'x/h']);

  const moved = new Stand();
  const [h, k] = [find(moved.host, 'g/h'), find(moved.host, 'k')];
  moved.host.commit();
  const place = noticeOf(
    moved,
    (doc) => moveGroup(doc, h, k),
    (doc) => moveGroup(doc, h),
  );
  expect(takeOther(moved.host, place)).toBe(true);
  expect(readGroups(moved.host)).toEqual(['g', 'k', 'k/h']);

  const deleted = new Stand();
  const deletion = noticeOf(
    deleted,
    (doc) => deleteGroup(doc, find(doc, 'g/h')),
    (doc) => moveGroup(doc, find(doc, 'g/h')),
  );
  expect(takeOther(deleted.host, deletion)).toBe(true);
  expect(readGroups(deleted.host)).toEqual(['g']);
});

test('[SY6.6] what is too large to send is cut and not offered', () => {
  const stand = new Stand();
  const long = (letter: string) => (doc: LoroDoc) =>
    setTransform(doc, 'A', 'TA', { inputs: Array.from({ length: 200 }, () => letter.repeat(100)) });
  const notice = noticeOf(stand, long('a'), long('b'));
  expect([notice.won.cut, notice.lost.cut, notice.take]).toEqual([true, true, undefined]);
  expect(JSON.stringify(notice).length).toBeLessThan(6000);
  expect(takeOther(stand.host, notice)).toBe(false);
});

test('[SY6.6] a notice that somebody made up changes nothing or what an edit may', () => {
  const stand = new Stand();
  const notice = noticeOf(stand, every('2h'), every('3h'));
  const before = readConfig(stand.host);
  const takes: (typeof notice)['take'][] = [
    { kind: 'set', path: [], key: 'x', value: 1 },
    { kind: 'set', path: ['pipelines', 'none', 'schedule'], key: 'expr', value: 1 },
    { kind: 'set', path: ['groups', 'none'], key: 'parent', value: 1 },
    { kind: 'set', path: ['groups', '5@5'], key: 'name', value: 1 },
    { kind: 'set', path: ['groups'], key: 'none' },
    { kind: 'restore', draft: null },
    { kind: 'restore', draft: { key: 'A' } },
    { kind: 'restore', draft: { key: 'other', id: 'x' } },
  ];
  for (const take of takes) expect(takeOther(stand.host, { ...notice, ...(take && { take }) })).toBe(false);
  expect(readConfig(stand.host)).toEqual(before);
});
