import { expect, test } from 'bun:test';
import { LoroDoc } from 'loro-crdt';
import { deletePipeline, setSchedule, setText, setVariable } from './edit.ts';
import { addTransform, setTransform } from './edit-transforms.ts';
import { ensureGroup, moveGroup, renameGroup } from './groups.ts';
import { describeChanges } from './history.ts';
import { Stand } from './testing/conflict-stand.ts';

function changesOf(edit: (doc: LoroDoc) => unknown) {
  const stand = new Stand();
  stand.edit('alice', edit);
  return describeChanges(stand.host, stand.take('alice'));
}

test('[SY5.20] operations say which fields of which entities they touched', () => {
  const changes = changesOf((doc) => {
    setSchedule(doc, 'A', { kind: 'cron', expr: '* * * * *' });
    setText(doc, 'B', 'name', 'N');
    setTransform(doc, 'A', 'TA', { body: 'z', kind: 'wasm' });
    setVariable(doc, { name: 'V', value: '2' }, 'V');
    doc.getMap('meta').set('schemaVersion', 2);
  });
  expect(changes).toEqual([
    { root: 'pipelines', key: 'A', fields: ['schedule.expr', 'schedule.kind'] },
    { root: 'pipelines', key: 'B', fields: ['name'] },
    { root: 'transforms', key: 'TA', pipeline: 'A', fields: ['body', 'kind'] },
    { root: 'variables', key: 'V', fields: ['value'] },
    { root: 'meta', key: 'schemaVersion', fields: [''] },
  ]);
});

test('[SY5.20] what was made or deleted is said as such', () => {
  expect(
    changesOf((doc) => addTransform(doc, 'A', { kind: 'filter', body: 'y', inputs: [] }, 0, 'TN')),
  ).toEqual([
    { root: 'transforms', key: 'TN', pipeline: 'A', fields: [''] },
    { root: 'pipelines', key: 'A', fields: ['transforms'] },
  ]);
  expect(changesOf((doc) => deletePipeline(doc, 'B'))).toEqual([
    { root: 'pipelines', key: 'B', fields: [''] },
  ]);
});

test('[SY5.20] groups are told by what was done with them', () => {
  const [renamed] = changesOf((doc) => {
    const group = ensureGroup(doc, 'g/h') ?? '0@0';
    return [renameGroup(doc, group, 'x'), moveGroup(doc, group)];
  });
  expect(renamed).toMatchObject({ root: 'groups', fields: ['name', 'parent'] });
});

test('[SY5.20] what was deleted since is named as long as its making is kept', () => {
  const stand = new Stand();
  stand.edit('alice', (doc) => setText(doc, 'A', 'name', 'N'));
  const spans = stand.take('alice');
  deletePipeline(stand.host, 'A');
  stand.host.commit();
  expect(describeChanges(stand.host, spans)).toEqual([{ root: 'pipelines', key: 'A', fields: ['name'] }]);
  expect(describeChanges(new LoroDoc(), spans)).toEqual([]);
});
