// The life of one Apply request as a state machine: what each thing that happens makes of it, and what the shell does next.
// requested → publishing → published, or requested → refused; in between it may wait for people or for a time, once or often, and is
// prepared anew each time it goes on. A number once given is never taken back. Ends answer every later input with `settle`.
import { unreachable } from '@hakiri/base/assert';
import type { ConfigIssue } from '@hakiri/contracts/config';
import { type Problem, problem } from '@hakiri/contracts/problem';
import { backoffMs, givingUp, type Patience } from './patience.ts';

export type RequestState =
  /** `createdAtMs`: or when it went on after a wait; patience counts from there. */
  | { kind: 'requested'; createdAtMs: number }
  | { kind: 'awaiting_approval'; expiresAtMs: number }
  | { kind: 'scheduled'; dueAtMs: number }
  | { kind: 'publishing'; revision: number }
  | { kind: 'published'; revision: number; unchanged: boolean }
  | { kind: 'refused'; problem: Problem };

/** Why nothing could be prepared from what was asked. */
export type Refusal =
  | { kind: 'moved'; pipelines: readonly string[] }
  | { kind: 'version_unknown' }
  | { kind: 'no_document' }
  /** The whole, or the one thing that `key` names. */
  | { kind: 'too_large'; limitBytes: number; key?: string }
  /** What its owner told of it does not fit what it sent. */
  | { kind: 'unreadable'; toldBytes: number; cameChars: number }
  | { kind: 'invalid'; issues: ConfigIssue[] };

/** What looking at a request came to. */
export type Finding =
  /** Materialized, merged and valid, and equal to what was last applied. */
  | { kind: 'same'; revision: number }
  /** The same, but different from what was last applied: it becomes `revision`. */
  | { kind: 'valid'; revision: number }
  | Refusal
  /** Valid, and the policy wants people to agree first. */
  | { kind: 'held'; expiresAtMs: number }
  /** Valid, and not to go before then. */
  | { kind: 'early'; dueAtMs: number }
  /** Valid, and the policy says no. */
  | { kind: 'forbidden'; problem: Problem }
  /** Somebody we need did not answer; `attempt` counts deliveries from 1. */
  | { kind: 'away'; who: 'sync' | 'auth' | 'blob store' | 'database'; attempt: number }
  /** A bug or a fault that nothing here foresaw. */
  | { kind: 'failed'; attempt: number };

export type Input =
  /** The event arrived, for the first time or again. */
  | { kind: 'delivered' }
  | Finding
  /** A waiting request's time has come, or it may have: look. */
  | { kind: 'woken' }
  /** Somebody agreed. */
  | { kind: 'approved' }
  /** While it waited it was looked at anew: the policy is another, or what somebody who approved may do. */
  | { kind: 'reconsidered'; finding: Finding }
  /** Somebody who may cancelled or rejected it. */
  | { kind: 'stopped'; problem: Problem }
  /** The end itself could not be written: a refusal, too, needs a database that takes it. */
  | { kind: 'unwritten'; attempt: number }
  /** The body is in the blob store and the index names it. */
  | { kind: 'stored' };

export type Effect =
  /** Materialize, merge, validate. */
  | { kind: 'prepare' }
  /** Commit number, digest and body, then publish. */
  | { kind: 'commit' }
  /** Put the body, replace the index. */
  | { kind: 'publish' }
  /** Commit the end of the request, with its event and its audit record. */
  | { kind: 'finish' }
  /** Commit the wait, and wake it when that ends. */
  | { kind: 'wait' }
  /** Commit `requested` and its event again. */
  | { kind: 'resume' }
  /** Leave the event in the queue. */
  | { kind: 'retry'; delayMs: number }
  /** Nothing is left to do: acknowledge the event. */
  | { kind: 'settle' };

export type Decision = { state: RequestState; effect: Effect };

export function decide(state: RequestState, input: Input, nowMs: number, patience: Patience): Decision {
  switch (state.kind) {
    case 'requested':
      return whileRequested(state, input, nowMs, patience);
    case 'awaiting_approval':
    case 'scheduled':
      return whileWaiting(state, input, nowMs, patience);
    case 'publishing':
      return whilePublishing(state, input, patience);
    case 'published':
    case 'refused':
      return { state, effect: { kind: 'settle' } };
    default:
      return unreachable(state);
  }
}

function whileRequested(
  state: Extract<RequestState, { kind: 'requested' }>,
  input: Input,
  nowMs: number,
  patience: Patience,
): Decision {
  switch (input.kind) {
    case 'delivered':
      return { state, effect: { kind: 'prepare' } };
    case 'valid':
      return { state: { kind: 'publishing', revision: input.revision }, effect: { kind: 'commit' } };
    case 'same':
      return {
        state: { kind: 'published', revision: input.revision, unchanged: true },
        effect: { kind: 'finish' },
      };
    case 'moved':
    case 'version_unknown':
    case 'no_document':
    case 'too_large':
    case 'unreadable':
    case 'invalid':
      return refuse(refusalProblem(input));
    case 'held':
      return {
        state: { kind: 'awaiting_approval', expiresAtMs: input.expiresAtMs },
        effect: { kind: 'wait' },
      };
    case 'early':
      return { state: { kind: 'scheduled', dueAtMs: input.dueAtMs }, effect: { kind: 'wait' } };
    case 'forbidden':
    case 'stopped':
      return refuse(input.problem);
    case 'away':
    case 'failed':
      if (nowMs - state.createdAtMs >= patience.giveUpAfterMs)
        return refuse(givingUp(input.kind === 'away' ? input.who : undefined));
      return { state, effect: { kind: 'retry', delayMs: backoffMs(input.attempt, patience) } };
    case 'unwritten':
      // Giving up would be one more end to write, and at once.
      return { state, effect: { kind: 'retry', delayMs: backoffMs(input.attempt, patience) } };
    case 'stored':
    case 'woken':
    case 'approved':
    case 'reconsidered':
      return { state, effect: { kind: 'prepare' } };
    default:
      return unreachable(input);
  }
}

function whileWaiting(
  state: Extract<RequestState, { kind: 'awaiting_approval' | 'scheduled' }>,
  input: Input,
  nowMs: number,
  patience: Patience,
): Decision {
  const resume: Decision = {
    state: { kind: 'requested', createdAtMs: nowMs },
    effect: { kind: 'resume' },
  };
  const stay: Decision = { state, effect: { kind: 'settle' } };
  switch (input.kind) {
    case 'woken':
      if (state.kind === 'scheduled') return nowMs >= state.dueAtMs ? resume : stay;
      return nowMs >= state.expiresAtMs ? refuse(problem('approval_expired', EXPIRED)) : stay;
    case 'approved':
      return state.kind === 'awaiting_approval' ? resume : stay;
    case 'reconsidered':
      return reconsider(input.finding, resume, stay, () =>
        decide(resume.state, input.finding, nowMs, patience),
      );
    case 'stopped':
      return refuse(input.problem);
    // Whatever was under way when the wait began comes too late: the request is prepared anew when it goes on.
    case 'delivered':
    case 'valid':
    case 'same':
    case 'moved':
    case 'version_unknown':
    case 'no_document':
    case 'too_large':
    case 'unreadable':
    case 'invalid':
    case 'held':
    case 'early':
    case 'forbidden':
    case 'away':
    case 'failed':
    case 'unwritten':
    case 'stored':
      return stay;
    default:
      return unreachable(input);
  }
}

/** Only what would happen to it now, or the policy, ends a wait: whatever else is in its way may be gone when its time has come. */
function reconsider(finding: Finding, resume: Decision, stay: Decision, decided: () => Decision): Decision {
  switch (finding.kind) {
    case 'same':
    case 'valid':
      return resume;
    case 'held':
    case 'early':
    case 'forbidden':
      return decided();
    default:
      return stay;
  }
}

const EXPIRED = 'Nothing was published. Apply again, and tell those who may approve.';

function whilePublishing(
  state: Extract<RequestState, { kind: 'publishing' }>,
  input: Input,
  patience: Patience,
): Decision {
  switch (input.kind) {
    case 'stored':
      return {
        state: { kind: 'published', revision: state.revision, unchanged: false },
        effect: { kind: 'finish' },
      };
    case 'away':
    case 'failed':
    case 'unwritten':
      // However long it takes: the number is given, so it has to come out.
      return { state, effect: { kind: 'retry', delayMs: backoffMs(input.attempt, patience) } };
    case 'delivered':
    case 'valid':
    case 'same':
    case 'moved':
    case 'version_unknown':
    case 'no_document':
    case 'too_large':
    case 'unreadable':
    case 'invalid':
    case 'held':
    case 'early':
    case 'forbidden':
    case 'woken':
    case 'approved':
    case 'reconsidered':
    case 'stopped':
      return { state, effect: { kind: 'publish' } };
    default:
      return unreachable(input);
  }
}

function refuse(reason: Problem): Decision {
  return { state: { kind: 'refused', problem: reason }, effect: { kind: 'finish' } };
}

const NAMED_LIMIT = 20;

/** Also what validate answers when there is nothing to validate. */
export function refusalProblem(refusal: Refusal): Problem {
  switch (refusal.kind) {
    case 'moved':
      return problem('document_moved', movedDetail(refusal.pipelines));
    case 'version_unknown':
      return problem(
        'version_unknown',
        'The server does not hold the version you named. Wait until your edits are acknowledged, then apply the version you see.',
      );
    case 'no_document':
      return problem('not_found', 'There is no such document. Check `doc`, or open it once in the editor.');
    case 'too_large':
      return problem(
        'too_large',
        refusal.key === undefined
          ? `The document is larger than ${refusal.limitBytes} bytes. Split it in two.`
          : `${refusal.key} alone is larger than ${refusal.limitBytes} bytes. Make it smaller.`,
      );
    case 'unreadable':
      return problem(
        'document_unreadable',
        `The owner of the document told ${refusal.toldBytes} bytes of a page that has ${refusal.cameChars} characters. Nothing was changed: tell whoever runs the server, as sync and apply do not fit each other.`,
      );
    case 'invalid':
      return problem(
        'invalid_config',
        'Nothing was published. Mend what `issues` lists, then apply again.',
        refusal.issues,
      );
    default:
      return unreachable(refusal);
  }
}

function movedDetail(pipelines: readonly string[]): string {
  const named = pipelines.slice(0, NAMED_LIMIT).join(', ');
  const more = pipelines.length > NAMED_LIMIT ? ` and ${pipelines.length - NAMED_LIMIT} more` : '';
  const what = named === '' ? 'The document' : `In the document, ${named}${more}`;
  return `${what} changed after the version you named. Look at it again and apply the version you see now.`;
}
