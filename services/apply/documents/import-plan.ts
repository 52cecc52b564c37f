// From what a file would change to the edits that write it: batches that each fit one bus message. Pure.

import { utf8 } from '@hakiri/base/bytes';
import type { ImportResult } from '@hakiri/contracts/apply';
import type { ConfigDraft, ConfigIssue, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { type EditRequest, PAGE_LIMIT_BYTES } from '@hakiri/contracts/sync';
import { planImport } from '@hakiri/manifest/import';
import { validateConfig } from '@hakiri/manifest/validate';

export type ImportMode = 'merge' | 'replace';
export type PlannedImport =
  | {
      kind: 'planned';
      batches: EditRequest[];
      summary: Omit<ImportResult, 'dryRun' | 'version' | 'issues' | 'comments'>;
      /** Entries that the batches name, and of these those that the document does not have. */
      entries: number;
      creates: number;
      /** The document as it would be. */
      after: ConfigDraft;
    }
  /** Keys are identities in the document: one that is no key, or is there twice, cannot be written. */
  | { kind: 'refused'; issues: ConfigIssue[] }
  /** One entry alone is over `limitBytes`. */
  | { kind: 'too_large'; id: string; limitBytes: number };

/** Room for the names of the four lists and the brackets of a batch. */
const FRAME_BYTES = 256;
/** No more than an owner takes at once, of deletions above all, which are short. */
const BATCH_ENTRIES_LIMIT = 5_000;

export function planEdits(
  file: ConfigDraft,
  current: ConfigDraft,
  mode: ImportMode,
  newKey: () => string,
): PlannedImport {
  const plan = planImport(file, current, newKey);
  const refused = validateConfig(plan.draft).issues.filter(isAboutKeys);
  if (refused.length > 0) return { kind: 'refused', issues: refused };

  const kept = new Set(plan.draft.variables.map(({ key }) => key));
  const absentVariables = current.variables.filter(({ key }) => !kept.has(key));
  const isReplace = mode === 'replace';
  const deleted = isReplace ? plan.absent.map(({ key }) => key) : [];
  const deletedVariables = isReplace ? absentVariables.map(({ key }) => key) : [];
  const batches = batchEdits(plan.put, plan.putVariables, deleted, deletedVariables);
  const there = new Set([...current.pipelines, ...current.variables].map(({ key }) => key));
  const put = [...plan.put, ...plan.putVariables];
  if (batches.kind === 'too_large') return batches;
  const after: ConfigDraft = isReplace
    ? plan.draft
    : {
        pipelines: [...plan.absent, ...plan.draft.pipelines],
        variables: [...absentVariables, ...plan.draft.variables],
      };
  return {
    kind: 'planned',
    batches: batches.batches,
    entries: put.length + deleted.length + deletedVariables.length,
    creates: put.filter(({ key }) => !there.has(key)).length,
    summary: {
      created: plan.created,
      updated: plan.updated,
      unchanged: plan.unchanged,
      deleted: isReplace ? plan.absent.map(({ id, key }) => (typeof id === 'string' ? id : key)) : [],
      variables: plan.putVariables.length,
    },
    after,
  };
}

function isAboutKeys({ path, severity }: ConfigIssue): boolean {
  return severity === 'error' && path.endsWith('/key');
}

type Edit =
  | { list: 'put'; value: PipelineDraft }
  | { list: 'putVariables'; value: VariableDraft }
  | { list: 'delete' | 'deleteVariables'; value: string };

/** In order: what is put first, what is deleted last, so that a document is never empty in between. */
export function batchEdits(
  put: readonly PipelineDraft[],
  putVariables: readonly VariableDraft[],
  deleted: readonly string[],
  deletedVariables: readonly string[],
  limitBytes = PAGE_LIMIT_BYTES,
): { kind: 'batches'; batches: EditRequest[] } | Extract<PlannedImport, { kind: 'too_large' }> {
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
