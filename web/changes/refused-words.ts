// Why an Apply that had waited did not go live, as people are told.
import type { RequestSummary } from '@hakiri/contracts/approval';
import { changes as changesWords } from '../strings/en-changes.ts';

const text = changesWords.waiting;
/** Their sentences begin with the user who did it. */
const BY_SOMEBODY: ReadonlySet<string> = new Set(['approval_rejected', 'apply_cancelled']);

export function whyRefused(
  { problem }: Pick<RequestSummary, 'problem'>,
  nameOf: (user: string) => string,
): string {
  if (problem === undefined) return '';
  if (problem.code === 'document_moved') return text.moved;
  if (problem.code === 'apply_missed') return text.missed;
  const { detail } = problem;
  const end = detail.indexOf(' ');
  return BY_SOMEBODY.has(problem.code) ? `${nameOf(detail.slice(0, end))}${detail.slice(end)}` : detail;
}
