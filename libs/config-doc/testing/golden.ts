// A document with everything in it that today's code writes. Run this file to keep it as the fixture of its schema version, once,
// before the version moves on: a fixture that exists is never written again.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LoroDoc } from 'loro-crdt';
import {
  createPipeline,
  deletePipeline,
  moveToGroup,
  setColumn,
  setDestination,
  setEnabled,
  setPlacement,
  setSchedule,
  setSource,
  setTag,
  setText,
  setVariable,
} from '../edit.ts';
import { addTransform, moveTransform, removeTransform } from '../edit-transforms.ts';
import { ensureGroup } from '../groups.ts';
import { migrate } from '../migrations.ts';
import { readConfig } from '../read.ts';
import { SCHEMA_VERSION } from '../shape.ts';

export const FIXTURES = join(import.meta.dir, '..', 'fixtures');

/** Two people's work, some of it concurrent. */
export function goldenDocument(): LoroDoc {
  const doc = new LoroDoc();
  doc.setPeerId('1');
  migrate(doc);
  createPipeline(doc, { id: 'orders', name: 'Orders', group: 'finance/daily' }, key(1));
  setSource(doc, key(1), { kind: 'http', ref: 'https://example.com/orders.csv' });
  setDestination(doc, key(1), { table: 'orders', partition_by: 'day' });
  setSchedule(doc, key(1), { kind: 'cron', expr: '0 5 * * *', timezone: 'Europe/Vienna' });
  setPlacement(doc, key(1), { kind: 'node', target: 'mac-mini' });
  setTag(doc, key(1), 'nightly', true);
  setTag(doc, key(1), 'gone', true);
  setColumn(doc, key(1), 'id', { type: 'int64', nullable: false });
  setColumn(doc, key(1), 'größe', { type: 'float64' });
  for (const index of [1, 2, 3, 4])
    addTransform(
      doc,
      key(1),
      { kind: 'filter', body: `amount > ${index}`, inputs: [] },
      undefined,
      key(100 + index),
    );
  createPipeline(doc, { id: 'customers' }, key(2));
  createPipeline(doc, { id: 'dropped' }, key(3));
  ensureGroup(doc, 'finance/empty');
  setVariable(doc, { name: 'REGION', value: 'eu', comment: 'where it runs 🙂' }, key(200));
  doc.commit();

  const other = new LoroDoc();
  other.import(doc.export({ mode: 'snapshot' }));
  other.setPeerId('2');
  setText(other, key(1), 'description', 'What was ordered, every day.');
  setTag(other, key(1), 'gone', false);
  moveTransform(other, key(1), key(104), 0);
  removeTransform(other, key(1), key(102));
  moveToGroup(other, key(2), 'sales');
  other.commit();
  setText(doc, key(1), 'name', 'Orders of the day');
  setEnabled(doc, key(2), false);
  deletePipeline(doc, key(3));
  doc.commit();
  doc.import(other.export({ mode: 'update', from: doc.oplogVersion() }));
  return doc;
}

function key(number: number): string {
  return `01J${String(number).padStart(23, '0')}`;
}

export function fixturePath(version: number, kind: 'loro' | 'json'): string {
  return join(FIXTURES, `version-${version}.${kind}`);
}

if (import.meta.main) {
  if (existsSync(fixturePath(SCHEMA_VERSION, 'loro')))
    throw new Error(`the fixture of version ${SCHEMA_VERSION} is there`);
  const doc = goldenDocument();
  await Bun.write(fixturePath(SCHEMA_VERSION, 'loro'), doc.export({ mode: 'snapshot' }));
  await Bun.write(fixturePath(SCHEMA_VERSION, 'json'), `${JSON.stringify(readConfig(doc), null, 2)}\n`);
}
