// From entries to write to the edits that write them: batches that each fit one bus message, and leave alone what somebody touched
// since the document was looked at. Pure.

import { utf8 } from '@hakiri/base/bytes';
import type { ConfigDraft, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { type EditRequest, PAGE_LIMIT_BYTES } from '@hakiri/contracts/sync';

/** Without any condition. */
export type Entries = Pick<EditRequest, 'put' | 'putVariables' | 'delete' | 'deleteVariables'>;
export type Batches =
  | { kind: 'batches'; batches: EditRequest[] }
  /** One entry alone is over `limitBytes`. */
  | { kind: 'too_large'; id: string; limitBytes: number };

/** Room for the names of the four lists and the brackets of a batch. */
const FRAME_BYTES = 256;
/** No more than an owner takes at once, of deletions above all, which are short. */
const BATCH_ENTRIES_LIMIT = 5_000;

export function countEntries({ put, putVariables, delete: gone, deleteVariables }: Entries): number {
  return put.length + putVariables.length + gone.length + deleteVariables.length;
}

/** Of entries that differ from `there`, the document as it was at `since`. */
export function guardedBatches(entries: Entries, there: ConfigDraft, since: string): Batches {
  const all = batchEdits(entries);
  // One is one update of the document, whatever is in it.
  if (all.kind === 'too_large' || all.batches.length <= 1) return guarded(all, since);
  // What is new needs no word of whether somebody touched it, which costs the owner all that happened since: apart, and first.
  const known = new Set(there.pipelines.map(({ key }) => key));
  const made = batchEdits({ ...NOTHING, put: entries.put.filter(({ key }) => !known.has(key)) });
  const changed = guarded(
    batchEdits({ ...entries, put: entries.put.filter(({ key }) => known.has(key)) }),
    since,
  );
  if (made.kind === 'too_large') return made;
  if (changed.kind === 'too_large') return changed;
  return {
    kind: 'batches',
    batches: [...made.batches.map((batch) => ({ ...batch, createSince: since })), ...changed.batches],
  };
}

const NOTHING: Entries = { put: [], putVariables: [], delete: [], deleteVariables: [] };

function guarded(edits: Batches, since: string): Batches {
  if (edits.kind === 'too_large') return edits;
  const batches = edits.batches.map((batch) => ({
    ...batch,
    delete: [],
    createSince: since,
    ...(batch.put.length === 0 ? {} : { putSince: since }),
    ...(batch.putVariables.length + batch.deleteVariables.length === 0 ? {} : { variablesSince: since }),
    ...(batch.delete.length === 0 ? {} : { deleteUnchanged: { since, pipelines: batch.delete } }),
  }));
  return { kind: 'batches', batches };
}

type Edit =
  | { list: 'put'; value: PipelineDraft }
  | { list: 'putVariables'; value: VariableDraft }
  | { list: 'delete' | 'deleteVariables'; value: string };

/** In order: what is put first, what is deleted last, so that a document is never empty in between. */
export function batchEdits(entries: Entries, limitBytes = PAGE_LIMIT_BYTES): Batches {
  const { put, putVariables, delete: deleted, deleteVariables: deletedVariables } = entries;
  const edits: Edit[] = [
    ...putVariables.map((value) => ({ list: 'putVariables' as const, value })),
    ...put.map((value) => ({ list: 'put' as const, value })),
    ...deleted.map((value) => ({ list: 'delete' as const, value })),
    ...deletedVariables.map((value) => ({ list: 'deleteVariables' as const, value })),
  ];
  const batches: EditRequest[] = [];
  let leftBytes = 0;
  let inBatch = 0;
  for (const edit of edits) {
    const sizeBytes = utf8(JSON.stringify(edit.value)).length + 1;
    if (sizeBytes + FRAME_BYTES > limitBytes) return { kind: 'too_large', id: nameOf(edit), limitBytes };
    if (sizeBytes > leftBytes || inBatch === BATCH_ENTRIES_LIMIT) {
      batches.push({ put: [], putVariables: [], delete: [], deleteVariables: [] });
      leftBytes = limitBytes - FRAME_BYTES;
      inBatch = 0;
    }
    leftBytes -= sizeBytes;
    inBatch += 1;
    const batch = batches.at(-1);
    if (batch) add(batch, edit);
  }
  return { kind: 'batches', batches };
}

function add(batch: EditRequest, edit: Edit): void {
  switch (edit.list) {
    case 'put':
      batch.put.push(edit.value);
      break;
    case 'putVariables':
      batch.putVariables.push(edit.value);
      break;
    case 'delete':
    case 'deleteVariables':
      batch[edit.list].push(edit.value);
      break;
  }
}

function nameOf({ value }: Edit): string {
  if (typeof value === 'string') return value;
  return String('id' in value ? value.id : value.name);
}
