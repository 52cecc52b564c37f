// Errors over HTTP: problem details (RFC 9457) with a stable `code` that programs may match on.
import { type Static, Type } from '@sinclair/typebox';
import { ConfigIssue } from './config.ts';

/** Changed on both sides since `base`, and not to the same. A side that does not have it says nothing. */
export const MergeConflict = Type.Object({
  path: Type.String({ description: 'JSON pointer, such as /pipelines/gh-issues/schedule/expr' }),
  base: Type.Optional(Type.Unknown()),
  mine: Type.Optional(Type.Unknown({ description: 'in the files' })),
  theirs: Type.Optional(Type.Unknown({ description: 'in the document' })),
});
export type MergeConflict = Static<typeof MergeConflict>;

export const Problem = Type.Object({
  type: Type.String({ description: '`urn:hakiri:problem:<code>`' }),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.String({ description: 'what happened and what to do next' }),
  issues: Type.Optional(Type.Array(ConfigIssue)),
  final: Type.Optional(
    Type.Boolean({ description: 'kept as the answer to its idempotency key: to try again takes a new one' }),
  ),
  /** With `merge_conflict`. */
  conflicts: Type.Optional(Type.Array(MergeConflict)),
});
export type Problem = Static<typeof Problem>;

export const PROBLEM_TITLES = {
  malformed: [400, 'The request is malformed'],
  unauthenticated: [401, 'Sign in first'],
  token_expired: [401, 'The token has expired'],
  token_revoked: [401, 'The token was revoked'],
  denied: [403, 'Not allowed'],
  author_denied: [403, 'Whoever asked for the Apply may not apply any more'],
  not_found: [404, 'There is no such thing'],
  document_archived: [409, 'The document is archived'],
  conflict: [409, 'It does not fit what is there'],
  merge_conflict: [409, 'The files and the document changed the same'],
  document_moved: [409, 'The document changed after the version you named'],
  version_unknown: [409, 'The server has not seen that version'],
  idempotency_mismatch: [409, 'The idempotency key was used for another request'],
  last_owner: [409, 'A team keeps at least one owner'],
  stale_claim: [409, 'The claim has passed to another node'],
  frozen: [409, 'Nothing may be applied now'],
  apply_missed: [409, 'The time to apply has passed'],
  apply_cancelled: [409, 'The Apply was cancelled'],
  approval_rejected: [409, 'The Apply was not approved'],
  approval_expired: [409, 'Nobody approved the Apply in time'],
  approval_outdated: [409, 'Something else would be published than what you approved'],
  gone: [410, 'It is no longer there'],
  precondition_failed: [412, 'It is not as you saw it'],
  too_large: [413, 'Too large'],
  name_required: [422, 'Say your name'],
  message_required: [422, 'The Apply needs another message'],
  invalid_config: [422, 'The configuration is not valid'],
  rate_limited: [429, 'Too many requests'],
  internal: [500, 'Something broke on our side'],
  document_unreadable: [502, 'The document was not told as it is'],
  unavailable: [503, 'Try again shortly'],
  storage_full: [507, 'The server has no room left'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEM_TITLES;

export function problem(code: ProblemCode, detail: string, issues?: ConfigIssue[]): Problem {
  const [status, title] = PROBLEM_TITLES[code];
  return { type: `urn:hakiri:problem:${code}`, title, status, code, detail, ...(issues ? { issues } : {}) };
}

/** Thrown by routes and services to answer with a problem; everything else thrown becomes `internal`. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly problem: Problem;
  constructor(code: ProblemCode, detail: string, issues?: ConfigIssue[]) {
    super(detail);
    this.code = code;
    this.problem = problem(code, detail, issues);
  }
}
