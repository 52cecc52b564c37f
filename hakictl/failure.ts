// Exit codes, and what a person reads when something failed: what happened, and what to do next.
import { ApiProblem, Unreachable } from '@hakiri/client/errors';
import type { Problem } from '@hakiri/contracts/problem';
import type { Io } from './io.ts';
import { conflictTable, issueTable } from './output.ts';

export const EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3, conflict: 4 } as const;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The answer was printed and is a no: nothing more to say. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const NEXT: Record<string, string> = {
  unauthenticated: 'Sign in with: hakictl login <link>',
  token_expired: 'Sign in again with: hakictl login <link>',
  token_revoked: 'Sign in again with: hakictl login <link>',
  denied: 'hakictl whoami shows what you may do; an admin of the team can change your role.',
  document_moved:
    'Somebody edited it meanwhile. Look again with hakictl validate (or --dry-run), then repeat it.',
  merge_conflict:
    'hakictl export shows what the document has; --base names what the folder is to be merged over.',
  invalid_config: 'Mend what the table names (in the page, or with hakictl import), then apply again.',
};
/** Of an import that was refused. */
const NEXT_OF_IMPORT: Record<string, string> = {
  invalid_config: 'Mend what the table names in the file, then import again.',
};
type Reporting = { io: Io; json: boolean; command?: string | undefined };

/** Says it on stderr (or as JSON on stdout) and gives the exit code. */
export function reportFailure(error: unknown, { io, json, command }: Reporting): number {
  if (error instanceof Refused) return EXIT.refused;
  if (error instanceof ApiProblem) {
    if (json) io.out(`${JSON.stringify({ problem: error.problem }, null, 2)}\n`);
    else io.err(problemText(error.problem, command));
    return exitOf(error.problem);
  }
  const [code, exit] = classify(error);
  const detail = error instanceof Error ? error.message : String(error);
  if (json) io.out(`${JSON.stringify({ problem: { code, detail } }, null, 2)}\n`);
  else io.err(`${detail}\n`);
  return exit;
}

function exitOf({ code }: Problem): number {
  if (code === 'merge_conflict') return EXIT.conflict;
  return code === 'unavailable' ? EXIT.unreachable : EXIT.refused;
}

function classify(error: unknown): [string, number] {
  if (error instanceof Unreachable) return ['unreachable', EXIT.unreachable];
  if (error instanceof UsageError) return ['usage', EXIT.usage];
  return ['failed', EXIT.refused];
}

function problemText(problem: Problem, command: string | undefined): string {
  const issues = problem.issues?.length ? `${issueTable(problem.issues)}\n` : '';
  const conflicts = problem.conflicts?.length ? `${conflictTable(problem.conflicts)}\n` : '';
  const next = (command === 'import' && NEXT_OF_IMPORT[problem.code]) || NEXT[problem.code];
  return `${problem.title}: ${problem.detail}\n${issues}${conflicts}${next ? `${next}\n` : ''}`;
}
