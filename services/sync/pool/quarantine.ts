// Keeps an update at which a worker trapped or hung, or Loro failed, for whoever looks for the cause: its bytes in the blob store,
// beside them whose it was and what went wrong. Nobody reads them over HTTP. The log names the key, never the content.
import { sha256Hex, utf8 } from '@hakiri/base/bytes';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import type { Clock } from '@hakiri/substrate/clock';
import type { DocumentId } from '@hakiri/substrate/document-log';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { SyncMetrics } from '../metrics.ts';

const Note = Type.Object({
  user: Type.String(),
  at: Type.String(),
  bytes: Type.Integer({ minimum: 0 }),
  error: Type.String(),
});
export type QuarantineNote = Static<typeof Note>;

export type Harmful = { user: string; updates: readonly Uint8Array[]; error: string };

export type QuarantineDeps = {
  blobs: BlobStore;
  clock: Clock;
  logger: Logger;
  metrics: Pick<SyncMetrics, 'quarantined'>;
};

/** What a team's documents may have there together; the oldest go first. */
export const QUARANTINED_PER_TEAM = 50;
export const QUARANTINED_BYTES_PER_TEAM = 8 * 1024 * 1024;
const ERROR_LIMIT_CHARS = 500;

/** Never throws: what cannot be kept is in the log all the same. */
export async function quarantine(id: DocumentId, harmful: Harmful, deps: QuarantineDeps): Promise<void> {
  const { user, updates } = harmful;
  const error = harmful.error.slice(0, ERROR_LIMIT_CHARS);
  for (const update of updates) {
    deps.metrics.quarantined();
    const digest = await sha256Hex(update);
    const fields = { ...id, user, digest, bytes: update.length, error };
    const key = `sync/${id.team}/${id.doc}/quarantine/${digest}`;
    try {
      const at = new Date(deps.clock.now()).toISOString();
      await keep(key, update, { user, at, bytes: update.length, error }, deps.blobs);
      deps.logger.error('update_quarantined', { ...fields, key });
      await sweep(id.team, deps.blobs);
    } catch (cause) {
      deps.logger.error('update_not_quarantined', { ...fields, key, cause: errorFields(cause) });
    }
  }
}

/** The bytes first: a note without them would say what is not there. */
async function keep(key: string, update: Uint8Array, note: QuarantineNote, blobs: BlobStore): Promise<void> {
  await blobs.putIfAbsent(key, update);
  await blobs.putIfAbsent(noteKey(key), utf8(JSON.stringify(note)));
}

async function sweep(team: string, blobs: BlobStore): Promise<void> {
  const keys = new Set((await blobs.list(`sync/${team}/`)).filter((key) => KEY.test(key)));
  const kept = [...keys].filter((key) => !key.endsWith(NOTE_SUFFIX));
  const notes = await Promise.all(kept.map(async (key) => ({ key, note: await noteOf(key, blobs) })));
  notes.sort((a, b) => (a.note?.at ?? '').localeCompare(b.note?.at ?? ''));
  let bytes = notes.reduce((sum, { note }) => sum + (note?.bytes ?? 0), 0);
  let count = notes.length;
  for (const { key, note } of notes) {
    if (count <= QUARANTINED_PER_TEAM && bytes <= QUARANTINED_BYTES_PER_TEAM) break;
    await blobs.delete(key);
    await blobs.delete(noteKey(key));
    count -= 1;
    bytes -= note?.bytes ?? 0;
  }
}

const NOTE_SUFFIX = '.json';
const KEY = /\/quarantine\/[0-9a-f]{64}(\.json)?$/;

function noteKey(key: string): string {
  return `${key}${NOTE_SUFFIX}`;
}

/** Undefined when it was never written, as after a crash: such bytes count as the oldest. */
async function noteOf(key: string, blobs: BlobStore): Promise<QuarantineNote | undefined> {
  const blob = await blobs.get(noteKey(key));
  if (blob === undefined) return undefined;
  try {
    const read: unknown = JSON.parse(new TextDecoder().decode(blob.bytes));
    return Value.Check(Note, read) ? read : undefined;
  } catch {
    return undefined;
  }
}
