import { expect, test } from 'bun:test';
import { anyDraft } from '@hakiri/testing/config-arbitraries';
import fc from 'fast-check';
import { LoroDoc, LoroList, LoroMap, LoroMovableList, LoroText } from 'loro-crdt';
import { createPipeline, setVariable } from './edit.ts';
import { addTransform } from './edit-transforms.ts';
import { materializePage } from './materialize.ts';
import { readConfig, readOutline, readPipeline } from './read.ts';
import {
  childList,
  type Entity,
  entityOf,
  initDocument,
  newKey,
  pipelinesOf,
  schemaVersionOf,
  transformsOf,
  variablesOf,
} from './schema.ts';
import { selectScope } from './scope.ts';
import { SCHEMA_VERSION } from './shape.ts';
import { versionOf } from './version.ts';

const present = (entity: Entity | undefined): Entity => {
  if (entity === undefined) throw new Error('it was created');
  return entity;
};

test('[SY9] a new document carries its schema version, and initializing it again changes nothing', () => {
  const doc = new LoroDoc();
  expect(schemaVersionOf(doc)).toBeUndefined();
  initDocument(doc);
  doc.commit();
  const before = doc.opCount();
  initDocument(doc);
  expect(schemaVersionOf(doc)).toBe(SCHEMA_VERSION);
  expect(doc.opCount()).toBe(before);
});

test('[SY15] a document reads as drafts, pipelines and variables by key', () => {
  const doc = new LoroDoc();
  createPipeline(doc, { id: 'b', group: 'g', tags: ['x'] }, 'K2');
  createPipeline(doc, { id: 'a' }, 'K1');
  setVariable(doc, { name: 'V', value: '1' }, 'K3');
  const { pipelines, variables } = readConfig(doc);
  expect(pipelines.map(({ key, id, group }) => [key, id, group])).toEqual([
    ['K1', 'a', ''],
    ['K2', 'b', 'g'],
  ]);
  expect(variables).toEqual([{ key: 'K3', name: 'V', value: '1', comment: '' }]);
  expect(readOutline(doc)).toMatchObject({
    pipelines: [
      { key: 'K1', id: 'a', group: '' },
      { key: 'K2', id: 'b', group: 'g' },
    ],
    variables: [{ key: 'K3', name: 'V' }],
  });
});

test('[AP2] a pipeline that a raw client half wrote reads with nulls where nothing is', () => {
  const doc = new LoroDoc();
  pipelinesOf(doc).setContainer('K', new LoroMap()).set('id', 'a');
  expect(readPipeline(doc, 'K')).toEqual({
    key: 'K',
    id: 'a',
    name: null,
    description: null,
    tags: null,
    group: '',
    enabled: null,
    source: null,
    destination: null,
    schedule: null,
    placement: null,
    transforms: null,
    schema: null,
  });
  expect(readPipeline(doc, 'gone')).toBeUndefined();
});

test('[AP2.20] what is no map is no pipeline and no variable, under whatever key a raw client put it', () => {
  const doc = new LoroDoc();
  const key = createPipeline(doc, { id: 'a' });
  doc.commit();
  const before = versionOf(doc);
  for (const name of ['NOTAULID', '__proto__', 'constructor', newKey()]) {
    pipelinesOf(doc).set(name, 'str');
    variablesOf(doc).set(name, 7);
    expect(readPipeline(doc, name)).toBeUndefined();
    expect(selectScope(doc, { kind: 'pipelines', pipelines: [name] })).toEqual([]);
  }
  expect(readConfig(doc)).toMatchObject({ pipelines: [{ key }], variables: [] });
  expect(readOutline(doc)).toMatchObject({ pipelines: [{ key }], variables: [] });
  expect(selectScope(doc, { kind: 'all' })).toEqual([key]);
  const all = materializePage(doc, { scope: { kind: 'all' } });
  expect(all).toMatchObject({ kind: 'page', pipelines: [{ key }], variables: [] });

  // Put in a pipeline's place it deletes that one: whoever saw it is told.
  pipelinesOf(doc).set(key, 'str');
  expect(materializePage(doc, { scope: { kind: 'all' }, version: before })).toMatchObject({ kind: 'moved' });
  expect(readConfig(doc).pipelines).toEqual([]);
});

test('[AP2] a transform counts once, for the pipeline it names, while it exists', () => {
  const doc = new LoroDoc();
  createPipeline(doc, { id: 'a' }, 'A');
  createPipeline(doc, { id: 'b' }, 'B');
  addTransform(doc, 'A', { kind: 'filter', body: 'x', inputs: [] }, 0, 'T');
  const list = (key: string) => childList(present(entityOf(pipelinesOf(doc), key)), 'transforms');
  list('A').push('T');
  list('A').push('gone');
  list('A').push(7);
  list('B').push('T');
  const transforms = (key: string) => readPipeline(doc, key)?.transforms;
  expect(transforms('A')).toEqual([{ key: 'T', kind: 'filter', body: 'x', inputs: [] }]);
  expect(transforms('B')).toEqual([]);
  transformsOf(doc).delete('T');
  expect(transforms('A')).toEqual([]);
});

const garbage = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const field = fc.constantFrom(
  'id',
  'name',
  'tags',
  'group',
  'transforms',
  'schema',
  'source',
  'pipeline',
  'body',
);
const containers = fc.constantFrom(
  () => new LoroMap(),
  () => new LoroText(),
  () => new LoroList(),
  () => new LoroMovableList(),
);

test('[SY11] whatever a client writes, reading answers with JSON', () => {
  const write = fc.record({
    root: fc.constantFrom('pipelines', 'transforms', 'variables', 'meta'),
    key: fc.constantFrom('K1', 'K2', 'T'),
    field,
    value: garbage,
    container: fc.option(containers, { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 20 }), garbage, (writes, groupName) => {
      const doc = new LoroDoc();
      doc.getTree('groups').createNode().data.set('name', groupName);
      for (const { root, key, field, value, container } of writes) {
        const entity = entityOf(doc.getMap(root), key) ?? doc.getMap(root).setContainer(key, new LoroMap());
        if (container) entity.setContainer(field, container());
        else entity.set(field, value);
      }
      const config = readConfig(doc);
      expect(JSON.parse(JSON.stringify(config))).toEqual(config);
      readOutline(doc);
    }),
    { numRuns: 300 },
  );
});

test('[AP2] any JSON that was typed as a value comes back as it is', () => {
  fc.assert(
    fc.property(anyDraft, ({ source }) => {
      const doc = new LoroDoc();
      const entity = pipelinesOf(doc).setContainer('K', new LoroMap());
      entity.set('source', source);
      const expected = JSON.parse(JSON.stringify(source ?? null));
      expect(readPipeline(doc, 'K')?.source).toEqual(expected);
    }),
  );
});
