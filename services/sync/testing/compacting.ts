// What tests of compaction and rescue begin with: a document that compacts its history whenever a revision was applied and nobody
// touches it, and a laptop that was away since before.
import { expect } from 'bun:test';
import { createPipeline, setSchedule } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import type { RescueReply } from '@hakiri/contracts/sync';
import { until } from '@hakiri/testing/until';
import { LoroDoc, type VersionVector } from 'loro-crdt';
import { decodeBase } from '../document/base.ts';
import { HISTORY_POLICY } from '../history/archives.ts';
import { applyRevision } from './apply-revision.ts';
import { type Bed, join, type Person } from './bed.ts';

export const COMPACTING = {
  sleepMs: 30,
  history: { ...HISTORY_POLICY, historyMs: 1, historyMinMs: 0 },
};

export async function metricOf(bed: Bed, name: string): Promise<number> {
  const text = await bed.metrics();
  const found = new RegExp(`^hakiri_sync_${name}(?:\\{[^}]*\\})? (\\d+)$`, 'm').exec(text);
  return Number(found?.[1] ?? 0);
}

/** An edit, a revision, and then the document's sleep. */
export async function compactOnce(bed: Bed, person: Person, expr: string): Promise<void> {
  const before = await metricOf(bed, 'history_compactions_total');
  setSchedule(person.doc, 'A', { kind: 'every', expr });
  person.doc.commit();
  await applyRevision(bed);
  await until(async () => (await metricOf(bed, 'history_compactions_total')) > before, {
    what: `the compaction after ${expr}`,
  });
}

export type Laptop = { doc: LoroDoc; left: VersionVector; unsent(): Uint8Array };

/** Has what the server has now, and then is away. */
export async function laptopOf(bed: Bed, peer: `${number}`): Promise<Laptop> {
  const doc = new LoroDoc();
  doc.import(await (await bed.http('/v1/docs/main/bytes')).bytes());
  doc.setPeerId(peer);
  const left = doc.oplogVersion();
  return { doc, left, unsent: () => doc.export({ mode: 'update', from: left }) };
}

export async function handIn(bed: Bed, update: Uint8Array, token = 'alice'): Promise<Response> {
  return bed.http('/v1/docs/main/rescue', { method: 'POST', body: update.slice(), token });
}

export async function rescued(bed: Bed, update: Uint8Array, token = 'alice'): Promise<RescueReply> {
  const response = await handIn(bed, update, token);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return response.json() as Promise<RescueReply>;
}

export const ID = { team: 'default', doc: 'main' };

export async function started(bed: Bed, token = 'bob'): Promise<Person> {
  const person = await join(bed, token);
  createPipeline(person.doc, { id: 'a' }, 'A');
  createPipeline(person.doc, { id: 'b' }, 'B');
  person.doc.commit();
  await until(async () => (await contentOf(bed)).includes('"id":"b"'));
  return person;
}

export async function contentOf(bed: Bed): Promise<string> {
  const response = await bed.http('/v1/docs/main');
  return response.text();
}

export async function blobsOf(bed: Bed): Promise<string[]> {
  return bed.substrate.blobs.list('sync/default/main/');
}

export async function historyOf(bed: Bed) {
  const { base } = await bed.substrate.documents.read(ID);
  return base === undefined ? undefined : decodeBase(base).history;
}

/** Not compared as Loro says it: an empty root is there where somebody looked for it. */
export async function met(a: Person, b: Person): Promise<void> {
  await until(() => a.doc.version().compare(b.doc.version()) === 0, { what: 'both hold the same version' });
  expect(readConfig(a.doc)).toEqual(readConfig(b.doc));
}
