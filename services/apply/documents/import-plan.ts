// From what a file has to the entries that are to be written. Pure.

import type { ImportResult } from '@hakiri/contracts/apply';
import type { ConfigDraft, ConfigIssue } from '@hakiri/contracts/config';
import { planImport } from '@hakiri/manifest/import';
import { validateConfig } from '@hakiri/manifest/validate';
import type { Entries } from './edit-batches.ts';

export type ImportMode = 'merge' | 'replace';
export type PlannedImport =
  | {
      kind: 'planned';
      entries: Entries;
      summary: Omit<ImportResult, 'dryRun' | 'version' | 'issues' | 'comments' | 'digest'>;
      /** The document as it would be. */
      after: ConfigDraft;
    }
  /** Keys are identities in the document: one that is no key, or is there twice, cannot be written. */
  | { kind: 'refused'; issues: ConfigIssue[] };

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
  const after: ConfigDraft = isReplace
    ? plan.draft
    : {
        pipelines: [...plan.absent, ...plan.draft.pipelines],
        variables: [...absentVariables, ...plan.draft.variables],
      };
  return {
    kind: 'planned',
    entries: {
      put: plan.put,
      putVariables: plan.putVariables,
      delete: deleted,
      deleteVariables: deletedVariables,
    },
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
