// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations refer to variables
import { expect, test } from 'bun:test';
import type { Scope } from '@hakiri/contracts/scope';
import type { MaterializeReply } from '@hakiri/contracts/sync';
import { LoroDoc } from 'loro-crdt';
import {
  createPipeline,
  deletePipeline,
  moveToGroup,
  renamePipeline,
  setEnabled,
  setVariable,
} from './edit.ts';
import { removeTransform } from './edit-transforms.ts';
import { ensureGroup, renameGroup } from './groups.ts';
import { materializePage } from './materialize.ts';
import { readConfig } from './read.ts';
import { transformsOf } from './schema.ts';
import { selectScope } from './scope.ts';
import { encodeVersion, versionOf } from './version.ts';

const key = (name: string) => `01J${name.padStart(23, '0')}`;
const ALL: Scope = { kind: 'all' };
const group = (path: string): Scope => ({ kind: 'group', group: path });
const named = (...pipelines: string[]): Scope => ({ kind: 'pipelines', pipelines });

function start(): LoroDoc {
  const doc = new LoroDoc();
  createPipeline(doc, { id: 'a', group: 'g/x', source: { kind: 'csv-file', ref: '${V}' } }, key('A'));
  createPipeline(
    doc,
    { id: 'b', group: 'g', transforms: [{ key: key('T'), kind: 'filter', body: 'x', inputs: [] }] },
    key('B'),
  );
  createPipeline(doc, { id: 'c' }, key('C'));
  setVariable(doc, { name: 'V', value: '1' }, key('V'));
  doc.commit();
  return doc;
}
function pageOf(reply: MaterializeReply) {
  if (reply.kind !== 'page') throw new Error(`it answered ${reply.kind}`);
  return reply;
}

test('[AP1] a scope takes a group with those below, keys and ids, everything', () => {
  const doc = start();
  expect(selectScope(doc, ALL)).toEqual([key('A'), key('B'), key('C')]);
  expect(selectScope(doc, group('g'))).toEqual([key('A'), key('B')]);
  expect(selectScope(doc, group('g/x'))).toEqual([key('A')]);
  expect(selectScope(doc, named('c', key('A'), 'nobody'))).toEqual([key('A'), key('C')]);
  createPipeline(doc, { id: 'c' }, key('D'));
  expect(selectScope(doc, named('c'))).toEqual([key('C'), key('D')]);
});

test('[AP5] a scope is read at the version that was named, with all variables', () => {
  const doc = start();
  const { pipelines, variables } = readConfig(doc);
  const page = pageOf(materializePage(doc, { scope: named('b'), version: versionOf(doc) }));
  const entries = pipelines.slice(1, 2);
  const sizeBytes = [...entries, ...variables].reduce((sum, one) => sum + JSON.stringify(one).length + 1, 0);
  expect(page).toEqual({ kind: 'page', pipelines: entries, variables, sizeBytes });
});

test('[AP5] pages hold everything once, each within the limit', () => {
  const doc = new LoroDoc();
  for (let index = 0; index < 60; index++) {
    createPipeline(doc, { id: `p-${index}`, description: 'x'.repeat(index * 37) }, key(`P${index}`));
    setVariable(doc, { name: `V${index}`, value: 'y'.repeat(index * 11) }, key(`V${index}`));
  }
  doc.commit();
  const version = versionOf(doc);
  const limitBytes = 6000;
  const all = readConfig(doc);
  const collected: typeof all = { pipelines: [], variables: [] };
  let pages = 0;
  for (let after: string | undefined, more = true; more; pages++) {
    const page = pageOf(
      materializePage(doc, { scope: ALL, version, ...(after === undefined ? {} : { after }) }, limitBytes),
    );
    expect(JSON.stringify(page).length).toBeLessThanOrEqual(limitBytes);
    collected.pipelines.push(...page.pipelines);
    collected.variables.push(...page.variables);
    after = page.next;
    more = after !== undefined;
  }
  expect(collected).toEqual(all);
  expect(pages).toBeGreaterThan(10);
});

test('[AP5] one pipeline over the limit of a page is named', () => {
  const doc = start();
  createPipeline(doc, { id: 'big', description: 'x'.repeat(5000) }, key('D'));
  const version = versionOf(doc);
  expect(materializePage(doc, { scope: named('big'), version, after: `p:${key('C')}` }, 4000)).toEqual({
    kind: 'too_large',
    key: key('D'),
    limitBytes: 4000,
  });
});

test('[AP5] a version that is unknown, or no version, is said to be unknown', () => {
  const doc = start();
  const ahead = encodeVersion(new Map([['99', 7]]));
  expect(materializePage(doc, { scope: ALL, version: ahead }).kind).toBe('version_unknown');
  expect(materializePage(doc, { scope: ALL, version: '___' }).kind).toBe('version_unknown');
});

test('[AP5] what was touched in the scope since the version is told, what was touched elsewhere is not', () => {
  const cases: [(doc: LoroDoc) => unknown, Scope, string[] | undefined][] = [
    [(doc) => setEnabled(doc, key('A'), false), ALL, ['A']],
    [(doc) => setEnabled(doc, key('A'), false), group('g'), ['A']],
    [(doc) => setEnabled(doc, key('A'), false), named('a'), ['A']],
    [(doc) => setEnabled(doc, key('C'), false), group('g'), undefined],
    [(doc) => setEnabled(doc, key('C'), false), named('a'), undefined],
    [(doc) => deletePipeline(doc, key('B')), ALL, ['B']],
    [(doc) => deletePipeline(doc, key('B')), named(key('B')), ['B']],
    [(doc) => deletePipeline(doc, key('C')), named(key('B')), undefined],
    [(doc) => moveToGroup(doc, key('B'), ''), group('g'), ['B']],
    [(doc) => renamePipeline(doc, key('B'), 'z'), named('b'), ['B']],
    [(doc) => renamePipeline(doc, key('C'), 'z'), group('g'), undefined],
    [(doc) => createPipeline(doc, { id: 'd' }, key('D')), group('g'), undefined],
    [(doc) => createPipeline(doc, { id: 'd', group: 'g' }, key('D')), group('g'), ['D']],
    [(doc) => removeTransform(doc, key('B'), key('T')), named('b'), ['B']],
    [(doc) => transformsOf(doc).delete(key('T')), named('b'), ['B']],
    [(doc) => transformsOf(doc).delete(key('T')), named('a'), undefined],
    [(doc) => renameGroup(doc, ensureGroup(doc, 'g/x') ?? '0@0', 'y'), group('g'), ['A', 'B']],
    [(doc) => ensureGroup(doc, 'new'), group('g'), undefined],
  ];
  for (const [index, [edit, scope, moved]] of cases.entries()) {
    const doc = start();
    const version = versionOf(doc);
    edit(doc);
    doc.commit();
    const reply = materializePage(doc, { scope, version });
    const expected = moved && { kind: 'moved', pipelines: moved.map(key) };
    expect([index, reply.kind === 'page' ? undefined : reply]).toEqual([index, expected as never]);
  }
});

test('[AP5] a variable that changed moves those who use it, and nobody else', () => {
  for (const edit of [
    (doc: LoroDoc) => setVariable(doc, { name: 'V', value: '2' }, key('V')),
    (doc: LoroDoc) => setVariable(doc, { name: 'RENAMED', value: '1' }, key('V')),
    (doc: LoroDoc) => doc.getMap('variables').delete(key('V')),
    (doc: LoroDoc) => setVariable(doc, { name: 'V', value: 'another of the name' }, key('W')),
  ]) {
    const doc = start();
    const version = versionOf(doc);
    edit(doc);
    doc.commit();
    expect(materializePage(doc, { scope: ALL, version })).toEqual({ kind: 'moved', pipelines: [key('A')] });
    expect(materializePage(doc, { scope: named('b', 'c'), version }).kind).toBe('page');
  }
});

test('[AP5] a version from before the history that is kept has moved', () => {
  const doc = start();
  const old = versionOf(doc);
  setEnabled(doc, key('C'), false);
  doc.commit();
  const shallow = new LoroDoc();
  shallow.import(doc.export({ mode: 'shallow-snapshot', frontiers: doc.oplogFrontiers() }));
  expect(materializePage(shallow, { scope: named('a'), version: old })).toEqual({
    kind: 'moved',
    pipelines: [key('A')],
  });
  expect(materializePage(shallow, { scope: named('a'), version: versionOf(shallow) }).kind).toBe('page');
});
