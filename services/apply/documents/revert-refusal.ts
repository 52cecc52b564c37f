// What stops a revert before anything is written, and how a document that takes no edits is said.
import type { ConfigIssue } from '@hakiri/contracts/config';
import { issue, pointer } from '@hakiri/manifest/issue';

/** Nothing else can be done before these are mended; the rest is what an Apply would say. */
export const UNWRITABLE = new Set([
  'revert.unknown_pipeline',
  'revert.other_document',
  'revert.moved_since',
  'revert.document_archived',
  'revert.document_gone',
  'revert.document_refused',
]);

export function refusedDocument(
  doc: string,
  { code, detail }: { code: string; detail: string },
): ConfigIssue {
  const path = pointer('documents', doc);
  if (code === 'document_archived')
    return issue(
      path,
      'revert.document_archived',
      `The document ${doc} is archived: take it back (hakictl docs unarchive ${doc}), then revert again.`,
    );
  if (code === 'not_found')
    return issue(
      path,
      'revert.document_gone',
      `There is no document ${doc} any more: create it (hakictl docs create ${doc}), then revert again.`,
    );
  return issue(path, 'revert.document_refused', `The document ${doc} takes no edits: ${detail}`);
}
