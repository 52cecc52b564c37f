// What a revert would change: summed up, with what stands against it; and each entry.
import type { RevertResult } from '@hakiri/contracts/revert';
import { IssueList } from '../changes/issue-list.tsx';
import { bySeverity } from '../changes/issue-place.ts';
import { Warnings } from '../changes/warnings.tsx';
import { ManifestChanges } from '../parts/manifest-diff.tsx';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';
import { kindsWords } from '../strings/kinds.ts';

const text = revisionsWords.revert;

export function RevertSummary({ result, isNothing }: { result: RevertResult; isNothing: boolean }) {
  const { errors, warnings } = bySeverity(result.issues);
  const all = (root: 'pipelines' | 'variables') => result.documents.flatMap((one) => one[root]);
  return (
    <>
      <p>
        {isNothing ? text.nothing(result.to) : text.explain(kindsWords(all('pipelines'), all('variables')))}
      </p>
      <IssueList issues={errors} />
      <Warnings issues={warnings} />
    </>
  );
}

/** The last, as it may be long. */
export function RevertChanges({ result }: { result: RevertResult }) {
  return result.documents.map((one) => (
    <section key={one.doc} aria-label={text.document(one.doc)}>
      {result.documents.length > 1 && <p>{text.document(one.doc)}</p>}
      <ManifestChanges diff={one} />
    </section>
  ));
}
