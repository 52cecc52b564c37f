import { expect, test } from 'bun:test';
import {
  deleteVariable,
  moveToGroup,
  renamePipeline,
  setColumn,
  setEnabled,
  setSource,
  setText,
  setVariable,
} from './edit.ts';
import { addTransform, moveTransform, removeTransform, setTransform } from './edit-transforms.ts';
import { deleteGroup, moveGroup, renameGroup } from './groups.ts';
import { entityOf, transformsOf } from './schema.ts';
import {
  type Change,
  drop,
  every,
  group,
  NOW_MS,
  STEP,
  Stand,
  told as short,
} from './testing/conflict-stand.ts';

/** Bob's peer id is the larger, so that he wins what both wrote at once. */
const SAME_FIELD: [what: string, alice: Change, bob: Change, field: string][] = [
  [
    'source',
    (doc) => setSource(doc, 'A', { kind: 'x', ref: '1' }),
    (doc) => setSource(doc, 'A', { kind: 'x', ref: '2' }),
    'pipelines/A source.ref',
  ],
  ['schedule', every('2h'), every('3h'), 'pipelines/A schedule.expr'],
  [
    'a column',
    (doc) => setColumn(doc, 'A', 'c', { type: 'a' }),
    (doc) => setColumn(doc, 'A', 'c', { type: 'b' }),
    'pipelines/A schema.c',
  ],
  [
    'enabled',
    (doc) => setEnabled(doc, 'A', false),
    (doc) => entityOf(doc.getMap('pipelines'), 'A')?.set('enabled', 'no'),
    'pipelines/A enabled',
  ],
  [
    'the id',
    (doc) => renamePipeline(doc, 'A', 'x'),
    (doc) => renamePipeline(doc, 'A', 'y'),
    'pipelines/A id',
  ],
  [
    'the group',
    (doc) => moveToGroup(doc, 'A', 'g'),
    (doc) => moveToGroup(doc, 'A', 'g/h'),
    'pipelines/A group',
  ],
  [
    'kind',
    (doc) => setTransform(doc, 'A', 'TA', { kind: 'select' }),
    (doc) => setTransform(doc, 'A', 'TA', { kind: 'wasm' }),
    'transforms/TA kind',
  ],
  [
    'inputs',
    (doc) => setTransform(doc, 'A', 'TA', { inputs: ['a'] }),
    (doc) => setTransform(doc, 'A', 'TA', { inputs: ['b'] }),
    'transforms/TA inputs',
  ],
  [
    'the owner',
    (doc) => entityOf(transformsOf(doc), 'TA')?.set('pipeline', 'B'),
    (doc) => entityOf(transformsOf(doc), 'TA')?.set('pipeline', 'C'),
    'transforms/TA pipeline',
  ],
  [
    'a variable',
    (doc) => setVariable(doc, { name: 'X', value: '1' }, 'V'),
    (doc) => setVariable(doc, { name: 'Y', value: '1' }, 'V'),
    'variables/V name',
  ],
  [
    'the schema version',
    (doc) => doc.getMap('meta').set('schemaVersion', 2),
    (doc) => doc.getMap('meta').set('schemaVersion', 3),
    'meta/schemaVersion ',
  ],
];

for (const [what, alice, bob, field] of SAME_FIELD) {
  test(`[SY6.1] two values for one field are told: ${what}`, () => {
    for (const order of [
      ['alice', 'bob'],
      ['bob', 'alice'],
    ]) {
      const stand = new Stand();
      stand.edit('alice', alice);
      stand.edit('bob', bob);
      const [first = '', second = ''] = order;
      expect(stand.send(first)).toEqual([]);
      expect(stand.send(second).map(short)).toEqual([`same_field ${field}: bob over alice`]);
    }
  });
}

test('[SY6.1] a notice has both values, authors and times, who won, and what to write for the other', () => {
  const stand = new Stand();
  stand.edit('alice', every('2h'));
  stand.edit('bob', every('3h'));
  stand.send('alice');
  const at = new Date(NOW_MS - 1000).toISOString();
  expect(stand.send('bob')).toEqual([
    {
      id: '0@11-0@10',
      kind: 'same_field',
      at: new Date(NOW_MS).toISOString(),
      entity: { root: 'pipelines', key: 'A', name: 'a' },
      field: 'schedule.expr',
      won: { user: 'bob', at, peer: '11', counter: 0, value: '3h' },
      lost: { user: 'alice', at, peer: '10', counter: 0, value: '2h' },
      take: { kind: 'set', path: ['pipelines', 'A', 'schedule'], key: 'expr', value: '2h' },
    },
  ]);
});

test('[SY6.1] of a value that its author overwrote only the last counts; of three, the winner is told against each', () => {
  const stand = new Stand();
  stand.edit('alice', every('2h'));
  stand.edit('bob', every('3h'));
  stand.edit('bob', every('4h'));
  stand.edit('carol', every('5h'));
  stand.edit('carol', every('6h'));
  stand.edit('carol', every('7h'));
  stand.send('alice');
  expect(stand.send('bob').map(({ won, lost }) => [won.value, lost.value])).toEqual([['4h', '2h']]);
  expect(
    stand
      .send('carol')
      .map(({ won, lost }) => [won.value, lost.value])
      .sort(),
  ).toEqual([
    ['7h', '2h'],
    ['7h', '4h'],
  ]);
});

test('[SY6.1] who knew both and decided ends it, also in one update', () => {
  const stand = new Stand();
  stand.edit('alice', every('2h'));
  stand.edit('bob', every('3h'));
  stand.of('bob').import(stand.of('alice').export({ mode: 'update' }));
  stand.edit('bob', every('4h'));
  expect(stand.send('bob')).toEqual([]);
});

test('[SY6.1] a group that is moved or named twice is told; one tab of two does not know of the other', () => {
  const stand = new Stand();
  const [g, h] = [group(stand.host, 'g'), group(stand.host, 'g/h')];
  stand.edit('server', () => undefined);
  const k = group(stand.host, 'k');
  stand.host.commit();
  stand.edit('alice', (doc) => [renameGroup(doc, g, 'x'), moveGroup(doc, h)]);
  stand.edit('bob', (doc) => [renameGroup(doc, g, 'y'), moveGroup(doc, h, k)]);
  stand.send('alice');
  expect(stand.send('bob').map(short).sort()).toEqual([
    'same_field groups/h parent: bob over alice',
    'same_field groups/y name: bob over alice',
  ]);
});

const DISCARDED: [what: string, edit: Change, deletion: Change, told: string][] = [
  ['a field', every('2h'), drop, 'pipelines/A schedule.expr'],
  [
    'several fields',
    (doc) => [every('2h')(doc), setText(doc, 'A', 'name', 'N')],
    drop,
    'pipelines/A name schedule.expr',
  ],
  [
    'a transform of it',
    (doc) => setTransform(doc, 'A', 'TA', { body: 'z' }),
    drop,
    'pipelines/A transforms.TA.body',
  ],
  ['the order', (doc) => moveTransform(doc, 'A', 'TA', 1), drop, 'pipelines/A transforms'],
  [
    'a transform',
    (doc) => setTransform(doc, 'A', 'TA', { kind: 'wasm', body: 'z' }),
    (doc) => removeTransform(doc, 'A', 'TA'),
    'transforms/TA body kind',
  ],
  [
    'a variable',
    (doc) => setVariable(doc, { name: 'V', value: '2' }, 'V'),
    (doc) => deleteVariable(doc, 'V'),
    'variables/V value',
  ],
  [
    'a group',
    (doc) => renameGroup(doc, group(doc, 'g'), 'x'),
    (doc) => deleteGroup(doc, group(doc, 'g')),
    'groups/x name',
  ],
];

for (const [what, edit, deletion, told] of DISCARDED) {
  test(`[SY6.2] an edit in what another person deleted is told, whichever comes first: ${what}`, () => {
    for (const order of [
      ['alice', 'bob'],
      ['bob', 'alice'],
    ]) {
      const stand = new Stand();
      stand.edit('alice', edit);
      stand.edit('bob', deletion);
      const [first = '', second = ''] = order;
      expect(stand.send(first)).toEqual([]);
      expect(stand.send(second).map(short)).toEqual([`edit_discarded ${told}: bob over alice`]);
    }
  });
}

test('[SY6.2] inside a group that another person deleted with the one around it', () => {
  const stand = new Stand();
  const h = group(stand.host, 'g/h');
  stand.edit('alice', (doc) => renameGroup(doc, h, 'x'));
  stand.edit('bob', (doc) => deleteGroup(doc, group(doc, 'g')));
  stand.send('bob');
  expect(stand.send('alice').map(short)).toEqual([
    `edit_discarded groups/g groups.${h}.name: bob over alice`,
  ]);
});

test('[SY6.2] a transform that was added to a pipeline which another person deleted counts as an edit of it', () => {
  const stand = new Stand();
  stand.edit('alice', (doc) => addTransform(doc, 'A', STEP, 0, 'TN'));
  stand.edit('bob', drop);
  stand.send('bob');
  const [notice, ...others] = stand.send('alice');
  expect(others).toEqual([]);
  expect(notice?.fields).toEqual([
    'transforms',
    ...['body', 'inputs', 'kind', 'pipeline'].map((field) => `transforms.TN.${field}`),
  ]);
});

test('[SY6.2] both deleted it: said once for a pipeline with its transforms, with nothing to take', () => {
  const stand = new Stand();
  stand.edit('alice', drop);
  stand.edit('bob', drop);
  stand.send('alice');
  const notices = stand.send('bob');
  expect(notices.map(short)).toEqual(['both_deleted pipelines/A : bob over alice']);
  expect(notices[0]?.take).toBeUndefined();
});

test('[SY6.2] two deleted, one edited: the one who edited is told once', () => {
  const stand = new Stand();
  stand.edit('alice', every('2h'));
  stand.edit('bob', drop);
  stand.edit('carol', drop);
  stand.send('bob');
  expect(stand.send('alice').map(short)).toEqual([
    'edit_discarded pipelines/A schedule.expr: bob over alice',
  ]);
  expect(stand.send('carol').map(short)).toEqual(['both_deleted pipelines/A : carol over bob']);
});
