// From the log to a document in memory: the base, then the entries one by one.
import type { DocumentId, DocumentLog } from '@hakiri/substrate/document-log';
import { Document, type DocumentLimits } from './document.ts';
import { type AppliedNote, decodeBase, decodeRecord } from './record.ts';

export type LoadedDocument = {
  document: Document;
  epoch: number;
  position: number;
  applied: AppliedNote | undefined;
  baseBytes: number;
  entries: number;
  entryBytes: number;
};

/** Becomes the log's writer. @throws DocumentLogError, RecordError, and whatever Loro throws at a damaged log. */
export async function loadDocument(
  log: DocumentLog,
  id: DocumentId,
  limits: DocumentLimits,
): Promise<LoadedDocument> {
  const { epoch, base: baseRecord, entries, position } = await log.open(id);
  const base = baseRecord === undefined ? undefined : decodeBase(baseRecord);
  const records = entries.map(decodeRecord);
  let applied = base?.applied;
  for (const record of records) if (record.kind === 'applied') applied = record.note;
  const updates = records.flatMap((record) => (record.kind === 'update' ? [record.update] : []));
  return {
    document: Document.load(base?.snapshot, updates, limits),
    epoch,
    position,
    applied,
    baseBytes: baseRecord?.length ?? 0,
    entries: entries.length,
    entryBytes: entries.reduce((sum, entry) => sum + entry.length, 0),
  };
}
