// Every code with which apply refuses, with what it means and what to do next: docs/refusals.md is made of it, and a test compares it
// with the code and with the tests.
import { PROBLEM_TITLES, type ProblemCode } from '@hakiri/contracts/problem';
import { validationCodes } from '@hakiri/manifest/codes';

type Refusal = { meaning: string; next: string };

/** In the order of a request's life. `PROBLEM_TITLES` has what other services say, too. */
export const REFUSALS = {
  malformed: {
    meaning: 'The request, its body, a header or the time it names is not of the form that the API has.',
    next: 'Correct the place that `detail` names.',
  },
  unauthenticated: {
    meaning: 'No token came with it, or one that nobody here made.',
    next: 'Sign in, or send the token as `Authorization: Bearer`.',
  },
  token_expired: {
    meaning: 'The token has expired; open streams and waits end with it.',
    next: 'Renew it, then ask again.',
  },
  token_revoked: {
    meaning: 'The token was revoked; open streams and waits end within two seconds.',
    next: 'Sign in again, or ask an admin for another token.',
  },
  denied: {
    meaning:
      'The role does not allow it, the token was narrowed to other pipelines, or it is one’s own Apply that one would approve, or one that a program asked for whose token one made. On record.',
    next: 'Ask somebody who may, or an admin for the right.',
  },
  author_denied: {
    meaning:
      'Whoever asked for the Apply may not apply any more, now that its time has come or somebody approved it: the person left or has another role, or the program’s token was revoked or has expired, or it was asked for with a token that was narrowed to a time. Nothing was published.',
    next: 'Somebody who may applies it in their own name.',
  },
  not_found: {
    meaning: 'There is no such document, revision, request, pipeline or path.',
    next: 'Correct the name; what there is the lists tell.',
  },
  gone: {
    meaning: 'The pipeline that is to be changed was deleted in the document, though it is live.',
    next: 'Discard its deletion to have it back, then repeat the change.',
  },
  conflict: {
    meaning:
      'It does not fit what is there: the document takes no edits (archived, full, its disk behind), somebody else saved first, or the request has ended or goes on already.',
    next: 'Look at what is there now; `detail` says why, and with which code of the document.',
  },
  merge_conflict: {
    meaning:
      'The files of a folder and the document changed the same since the folder was merged last; `conflicts` has each place with the values. Nothing was published.',
    next: 'Make both say the same, in the files or in the document, or name another base; then merge again.',
  },
  precondition_failed: {
    meaning: 'Somebody changed the pipeline after the version that `If-Match` names. Nothing was written.',
    next: 'Read it again, then decide.',
  },
  document_moved: {
    meaning:
      'Something in the scope changed after the version that the Apply names, or a revert or an import would change something else than the dry run whose digest it names. Nothing was published, nor written over what changed.',
    next: 'Look at the document again and apply the version that you see; of a revert or an import ask for another dry run.',
  },
  version_unknown: {
    meaning: 'The server does not hold the version that the request names.',
    next: 'Wait until your edits are acknowledged, then name the version that you see.',
  },
  idempotency_mismatch: {
    meaning:
      'The idempotency key was used for something else: within 24 hours, or for a run that is still known.',
    next: 'Use a new key for each Apply, revert and run; repeat a key only with the same body.',
  },
  frozen: {
    meaning: 'The policy of the team has a freeze, or no window is open. Nothing was published.',
    next: 'Wait until `detail` says, apply with `window: "next"`, or have somebody override it whom the freeze names.',
  },
  apply_missed: {
    meaning: 'The time of the Apply passed by more than 15 minutes before anybody could see to it.',
    next: 'Apply again, now or at another time.',
  },
  apply_cancelled: {
    meaning: 'Its author, or an admin, took the waiting request back. Nothing was published.',
    next: 'Apply again if it was not meant so.',
  },
  approval_rejected: {
    meaning: 'Somebody who may approve refused it, and says why. Nothing was published.',
    next: 'See to the reason, then apply again.',
  },
  approval_expired: {
    meaning: 'Nobody approved it in the time that the policy gives. Nothing was published.',
    next: 'Apply again, and tell those who may approve.',
  },
  approval_outdated: {
    meaning: 'The content changed since the approver looked at it: the approval counts for nothing.',
    next: 'Look at the request again, then approve what you see.',
  },
  too_large: {
    meaning: 'An entry, a document or an update is larger than one may be.',
    next: 'Make it smaller, split it, or do less at once.',
  },
  message_required: {
    meaning: 'The policy wants a message, or a ticket in it.',
    next: 'Write one as `detail` says, and apply again.',
  },
  invalid_config: {
    meaning:
      'The configuration, the file, the policy or the revert is wrong in the places that `issues` lists, all of them at once. Nothing was published or written.',
    next: 'Mend what `issues` lists, each with its own code.',
  },
  rate_limited: {
    meaning:
      'More than is allowed at once: 32 unfinished or 200 waiting requests of a team, 50 streams and waits of a user, 68 dry runs, validations, proposals, imports, merges, exports, reverts and patches of a team, too many reports or checks.',
    next: 'Try again when some are done.',
  },
  internal: {
    meaning:
      'Something broke on our side; it is in the log. As the outcome of an Apply: nothing was published.',
    next: 'Try again with the same idempotency key; if it stays, tell whoever runs the server.',
  },
  unavailable: {
    meaning:
      'Sync, auth, the blob store or the database does not answer, or the server is starting or stopping. An Apply that was accepted waits for five minutes before it ends so.',
    next: 'Try again shortly, with the same idempotency key; with a new one when the problem says `final`, as that is the answer to the old one.',
  },
  document_unreadable: {
    meaning:
      'What the owner of the document told of a page does not fit what it sent, so nothing of it was believed. Nothing was changed or published.',
    next: 'Tell whoever runs the server: sync and apply are of versions that do not fit, or something between them is broken.',
  },
  storage_full: {
    meaning: 'The disk of the server is full. Documents are read, nothing is written.',
    next: 'Tell the operator; when there is room, repeat it with the same idempotency key.',
  },
} as const satisfies Partial<Record<ProblemCode, Refusal>>;

/** Of `issues`: those that no validation of a configuration says. The rest is in docs/validation.md. */
export function issueRefusals(): { code: string; sentence: string; severity: string }[] {
  return validationCodes().filter(({ code }) => /^(?:policy|revert)\./.test(code));
}

export function refusalsPage(): string {
  const problems = Object.entries(REFUSALS).map(([code, { meaning, next }]) => {
    const [status] = PROBLEM_TITLES[code as keyof typeof REFUSALS];
    return `| \`${code}\` | ${status} | ${meaning} | ${next} |`;
  });
  const issues = issueRefusals().map(({ code, sentence, severity }) => {
    const [meaning = '', ...next] = sentence.replace(/\.$/, '').split(': ');
    const shown =
      next.length === 0
        ? ['It is of no form that is known.', `${meaning}.`]
        : [`${meaning}.`, `${begun(next.join(': '))}.`];
    return `| \`${code}\` | ${statusOf(code, severity)} | ${shown.join(' | ')} |`;
  });
  return `# What apply refuses, and what to do

Each refusal is a problem (RFC 9457, \`application/problem+json\`) with a \`code\` that stays the same, a \`detail\` that names what and where,
and perhaps \`issues\`. An Apply that waited (for people, for a time, for a store) is refused later with the same problem, in \`problem\` of
\`GET /v1/manifest/requests/<id>\`. The same idempotency key gets the same answer for 24 hours. The codes of issues in a configuration are in
[validation.md](validation.md). This page is made of \`services/apply/http/refusals.ts\`.

| code | status | meaning | what to do next |
| --- | --- | --- | --- |
${[...problems, ...issues].join('\n')}
`;
}

/** What only an Apply would refuse does not hold up a revert that asks for none. */
function statusOf(code: string, severity: string): string {
  if (severity === 'warning') return '200, warning in `issues`';
  return ['revert.id_taken', 'revert.upstream_gone'].includes(code)
    ? '422 with `apply`, else 200, in `issues`'
    : '422, in `issues`';
}

function begun(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
