// What tests of compaction and rescue begin with: a document that compacts its history whenever a revision was applied and nobody
// touches it, and a laptop that was away since before.
import { setSchedule } from '@hakiri/config-doc/edit';
import { ManifestApplied } from '@hakiri/contracts/subjects';
import type { RescueReply } from '@hakiri/contracts/sync';
import { until } from '@hakiri/testing/until';
import { LoroDoc, type VersionVector } from 'loro-crdt';
import { HISTORY_POLICY } from '../history/archives.ts';
import type { Bed, Person } from './bed.ts';

export const COMPACTING = {
  sleepMs: 30,
  history: { ...HISTORY_POLICY, historyMs: 1, historyMinMs: 0 },
};

let lastRevision = 0;

/** Later than anything before, also on a coarse clock. */
export async function applyRevision(
  bed: { deps: Pick<Bed['deps'], 'messaging'> },
  number: number = lastRevision + 1,
): Promise<void> {
  lastRevision = number;
  const revision = {
    number,
    label: `v${number}`,
    file: `manifest@v${number}.toml`,
    digest: 'sha256:00',
    sizeBytes: 10,
    publishedAt: new Date(Date.now() + 5).toISOString(),
    author: 'alice',
    message: 'go',
    doc: 'main',
    version: 'AA',
    scope: { kind: 'all' as const },
    pipelines: 2,
    changed: [],
  };
  const cause = { actor: { kind: 'service', id: 'apply' } } as const;
  await bed.deps.messaging.enqueue(ManifestApplied, { team: 'default' }, cause, { doc: 'main', revision });
}

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
