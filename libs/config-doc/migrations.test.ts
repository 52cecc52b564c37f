import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { LoroDoc, LoroText, type PeerID } from 'loro-crdt';
import { createPipeline, setText } from './edit.ts';
import { MIGRATIONS, type Migration, migrate } from './migrations.ts';
import { pipelineKeys, readConfig } from './read.ts';
import { entityOf, metaOf, pipelinesOf, schemaVersionOf } from './schema.ts';
import { SCHEMA_VERSION, SCHEMA_VERSION_FIELD, SCHEMA_VERSION_MIN } from './shape.ts';
import { fixturePath, goldenDocument } from './testing/golden.ts';
import { versionOf } from './version.ts';
import { writeValue } from './write.ts';

/** What later versions might do: a new field from an old one, a new text that people type into, and the old field's end. */
const LATER: readonly Migration[] = [
  ...MIGRATIONS,
  {
    to: 2,
    phase: 'expand',
    run: (doc) =>
      forEach(doc, (entity) => {
        writeValue(entity, 'paused', entity.get('enabled') === false);
        entity.ensureMergeableText('notes');
      }),
  },
  { to: 3, phase: 'contract', run: (doc) => forEach(doc, (entity) => writeValue(entity, 'enabled', null)) },
];

function forEach(doc: LoroDoc, run: (entity: NonNullable<ReturnType<typeof entityOf>>) => void): void {
  for (const key of pipelineKeys(doc)) {
    const entity = entityOf(pipelinesOf(doc), key);
    if (entity !== undefined) run(entity);
  }
}

function copy(doc: LoroDoc, peer: PeerID): LoroDoc {
  const other = new LoroDoc();
  other.import(doc.export({ mode: 'snapshot' }));
  other.setPeerId(peer);
  return other;
}

function fixture(version: number): LoroDoc {
  const doc = new LoroDoc();
  doc.import(readFileSync(fixturePath(version, 'loro')));
  doc.setPeerId('9');
  return doc;
}

test('[SY9.1] the registry is what this code speaks, and a field goes a deploy after those who need it', () => {
  expect(MIGRATIONS.at(-1)?.to).toBe(SCHEMA_VERSION);
  for (const { to, phase } of MIGRATIONS) {
    if (phase === 'contract') expect(SCHEMA_VERSION_MIN).toBeGreaterThanOrEqual(to - 1);
  }
});

test('[SY9.1] a new document takes every step in one commit, and a second time nothing', () => {
  const doc = new LoroDoc();
  expect(migrate(doc)).toEqual({ kind: 'migrated', from: 0, to: SCHEMA_VERSION });
  expect(schemaVersionOf(doc)).toBe(SCHEMA_VERSION);
  const version = versionOf(doc);
  expect(migrate(doc)).toEqual({ kind: 'current', version: SCHEMA_VERSION });
  expect(versionOf(doc)).toBe(version);
  const later = copy(doc, '5');
  let commits = 0;
  later.subscribe(() => {
    commits += 1;
  });
  expect(migrate(later, LATER)).toEqual({ kind: 'migrated', from: 1, to: 3 });
  expect(commits).toBe(1);
});

const PAST = Array.from({ length: SCHEMA_VERSION }, (_, index) => index + 1);

test.each(PAST)('[SY9.2] a document of version %d is taken forward with everything in it', (version) => {
  const doc = fixture(version);
  const expected: unknown = JSON.parse(readFileSync(fixturePath(version, 'json'), 'utf8'));
  expect(schemaVersionOf(doc)).toBe(version);
  migrate(doc);
  expect(schemaVersionOf(doc)).toBe(SCHEMA_VERSION);
  // A step that changes what is read has its own expectation here, by version.
  const read: unknown = JSON.parse(JSON.stringify(readConfig(doc)));
  expect(read).toEqual(expected);
});

test('[SY9.2] the fixture of this version is what its code writes', () => {
  expect(readConfig(fixture(SCHEMA_VERSION))).toEqual(readConfig(goldenDocument()));
});

test('[SY9.2] steps that are still to come take the documents of every version forward', () => {
  for (const version of [0, ...PAST]) {
    const doc = version === 0 ? new LoroDoc() : fixture(version);
    expect(migrate(doc, LATER)).toEqual({ kind: 'migrated', from: version, to: 3 });
    forEach(doc, (entity) => {
      expect(typeof entity.get('paused')).toBe('boolean');
      expect(entity.get('notes')).toBeInstanceOf(LoroText);
      expect(entity.get('enabled')).toBeUndefined();
    });
  }
});

test('[SY9.3] two owners that each migrate meet at the same document, whoever edits meanwhile', () => {
  const before = fixture(1);
  const [one, two, client] = [copy(before, '11'), copy(before, '12'), copy(before, '13')];
  createPipeline(client, { id: 'meanwhile' }, 'M');
  setText(client, pipelineKeys(before)[0] ?? '', 'name', 'by a client');
  client.commit();
  migrate(one, LATER);
  migrate(two, LATER);
  for (const doc of [one, two]) forEach(doc, (entity) => entity.ensureMergeableText('notes').insert(0, 'x'));
  const docs = [one, two, client];
  for (const doc of docs) doc.commit();
  for (const doc of docs) {
    for (const other of docs) doc.import(other.export({ mode: 'update', from: doc.oplogVersion() }));
  }
  for (const doc of docs) {
    expect(doc.toJSON()).toEqual(one.toJSON());
    expect(schemaVersionOf(doc)).toBe(3);
  }
  // What each of them typed is there once, not one of two texts.
  expect(
    entityOf(pipelinesOf(one), pipelineKeys(before)[0] ?? '')
      ?.get('notes')
      ?.toString(),
  ).toBe('xx');
  expect(pipelineKeys(one)).toContain('M');
});

test('[SY9.3] a step that was half done, or done and not noted, is done again without harm', () => {
  const doc = fixture(1);
  const second = LATER[1];
  second?.run(doc);
  doc.commit();
  expect(migrate(doc, LATER)).toEqual({ kind: 'migrated', from: 1, to: 3 });
  const whole = fixture(1);
  migrate(whole, LATER);
  expect(readConfig(doc)).toEqual(readConfig(whole));
});

test('[SY9.4] a document of newer code is refused and left alone; what is no version counts as none', () => {
  const doc = fixture(1);
  metaOf(doc).set(SCHEMA_VERSION_FIELD, SCHEMA_VERSION + 1);
  doc.commit();
  const version = versionOf(doc);
  expect(migrate(doc)).toEqual({ kind: 'too_new', version: SCHEMA_VERSION + 1, supported: SCHEMA_VERSION });
  expect(versionOf(doc)).toBe(version);
  for (const odd of ['1', -1, 0.5, Number.NaN]) {
    metaOf(doc).set(SCHEMA_VERSION_FIELD, odd);
    expect(migrate(doc)).toEqual({ kind: 'migrated', from: 0, to: SCHEMA_VERSION });
    expect(schemaVersionOf(doc)).toBe(SCHEMA_VERSION);
  }
});
