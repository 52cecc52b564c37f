// Requests that wait for people or for a time: begins a wait, ends it when its time has come or somebody decides, and never lets an
// author approve their own.
import { present, unreachable } from '@hakiri/base/assert';
import { ProblemError, problem } from '@hakiri/contracts/problem';
import type { TokenRole } from '@hakiri/contracts/roles';
import { RequestWaits } from '@hakiri/contracts/subjects';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import { BusError } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import { decide, type Finding, type Input, type RequestState } from '../requests/apply-machine.ts';
import { type Authors, authorDenied, mayApply, PROGRAM_USER } from '../requests/authors.ts';
import type { Candidate } from '../requests/judge.ts';
import type { Patience } from '../requests/patience.ts';
import type { Store } from '../store/store.ts';
import { type RequestRow, stateOf } from '../store/store-rows.ts';
import type { HoldOutcome, WaitingRows } from '../store/store-waiting.ts';
import { mayApprove } from './policy.ts';
import type { Reconsidered } from './reconsidering.ts';

/** Two people's approvals arrive together, and the second finds the request on its way. */
const ATTEMPTS_LIMIT = 10;
/** Of one request, those of content that has changed since among them. */
const APPROVALS_LIMIT = 100;

/** As what it waits: the version of the policy that was asked, and what approvals are of. */
type HeldAs = Pick<Candidate, 'policy' | 'awaiting'>;
export type Person = { user: string; role: TokenRole; cause: Cause };
/** Resolves with the row when it waits or has ended. */
export type Settle = (row: RequestRow) => Promise<RequestRow>;
/** Finds out what it would come to now, and lets it wait as that. */
export type LookAnew = (row: RequestRow) => Promise<Reconsidered>;
export type Waiting = ReturnType<typeof createWaiting>;

export function createWaiting(deps: {
  store: Store;
  authors: Pick<Authors, 'roleOf' | 'personOf'>;
  messaging: Messaging;
  clock: Clock;
  patience: Patience;
  /** A request begins to wait until then. */
  onWait(row: RequestRow, untilMs: number): void;
  /** A request travels again. */
  onResumed(row: RequestRow): void;
  onEnded(row: RequestRow, end: RequestState): void;
  /** A refused attempt was put on record. */
  onRecorded(row: RequestRow): void;
}) {
  const { store, messaging, clock } = deps;

  async function end(row: RequestRow, state: RequestState, by?: Parameters<WaitingRows['stop']>[2]) {
    if (state.kind !== 'refused' || !(await store.stop(row, state.problem, by))) return false;
    deps.onEnded(row, state);
    return true;
  }

  /** True when it changed something. */
  async function carry(
    row: RequestRow,
    input: Input,
    by?: Parameters<WaitingRows['stop']>[2],
  ): Promise<boolean> {
    const { state, effect } = decide(stateOf(row), input, clock.now(), deps.patience);
    if (effect.kind === 'finish') return end(row, state, by);
    return effect.kind === 'resume' && resume(row);
  }

  async function resume(row: RequestRow): Promise<boolean> {
    if (!(await store.resume(row))) return false;
    deps.onResumed(row);
    return true;
  }

  async function drop(row: RequestRow): Promise<void> {
    await carry(row, { kind: 'stopped', problem: authorDenied(row.author) });
  }

  async function refuse(row: RequestRow, action: string, { cause }: Person, detail: string): Promise<never> {
    await store.audit(row.team, cause, {
      action,
      outcome: 'refused',
      target: row.id,
      detail: { code: 'denied', author: row.author },
    });
    deps.onRecorded(row);
    throw new ProblemError('denied', detail);
  }

  /** @throws ProblemError when this person may not say yes or no to it, or nobody is asked. */
  async function checkJudge(row: RequestRow, action: string, person: Person): Promise<void> {
    const { user, role } = person;
    if (row.state !== 'awaiting_approval') throw notWaiting(row);
    if (PROGRAM_USER.test(user))
      await refuse(row, action, person, 'Sign in as a person: programs approve nothing.');
    const author = await authorOf(row);
    if (author === user)
      await refuse(
        row,
        action,
        person,
        'Nobody approves their own Apply, nor one that a program of theirs asked for: ask somebody else. You may cancel it.',
      );
    const { policy } = await store.policy(row.team);
    if (!mayApprove(policy, row.awaiting?.needs ?? [], { user, role }))
      await refuse(
        row,
        action,
        person,
        'The policy of your team does not name you: ask somebody whom it names.',
      );
  }

  /** @throws ProblemError while nobody knows which person it is: then nobody approves. */
  async function authorOf(row: RequestRow): Promise<string> {
    try {
      const author = await deps.authors.personOf(row);
      if (author !== undefined) return author;
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
    }
    throw new ProblemError(
      'unavailable',
      'Auth does not say who made the token that this was asked for with. Try again shortly.',
    );
  }

  /** False when something is otherwise by now. */
  async function hold(row: RequestRow, state: RequestState, as: HeldAs): Promise<boolean> {
    if (state.kind !== 'awaiting_approval' && state.kind !== 'scheduled') return false;
    const policy = present(as.policy, 'only a policy, or a time that it let pass, holds a request');
    const wakeAtMs = state.kind === 'scheduled' ? state.dueAtMs : state.expiresAtMs;
    const outcome =
      state.kind === 'scheduled'
        ? await store.hold(row, { state: 'scheduled', wakeAtMs, policy })
        : await holdForPeople(row, wakeAtMs, policy, as.awaiting);
    if (outcome === 'full')
      await end(row, { kind: 'refused', problem: { ...problem('rate_limited', TOO_MANY), final: true } });
    if (outcome !== 'held') return false;
    messaging.publish(RequestWaits, { team: row.team }, SELF, { untilMs: wakeAtMs });
    deps.onWait(row, wakeAtMs);
    return true;
  }

  async function holdForPeople(
    row: RequestRow,
    wakeAtMs: number,
    policy: number,
    awaiting: RequestRow['awaiting'] | undefined,
  ): Promise<HoldOutcome> {
    const others = (await store.approvals(row.id)).filter(({ digest }) => digest !== awaiting?.digest);
    const record = {
      action: 'manifest.approval',
      outcome: 'done' as const,
      target: row.id,
      detail: { digest: awaiting?.digest, needs: awaiting?.needs, voided: others.map(({ user }) => user) },
    };
    const held = { state: 'awaiting_approval' as const, wakeAtMs, policy, ...(awaiting ? { awaiting } : {}) };
    return store.hold(row, held, record);
  }

  return {
    hold,

    /** Its time has come. */
    wake: async (row: RequestRow): Promise<void> => {
      await carry(row, { kind: 'woken' });
    },

    /** It was looked at anew while it waited. True when it goes on. */
    reconsider: async (row: RequestRow, finding: Finding, as: HeldAs): Promise<boolean> => {
      const input: Input = { kind: 'reconsidered', finding };
      const { state, effect } = decide(stateOf(row), input, clock.now(), deps.patience);
      if (effect.kind === 'finish') await end(row, state);
      if (effect.kind === 'wait') await hold(row, state, as);
      return effect.kind === 'resume' && resume(row);
    },

    /** Resolves with what became of it, as far as that is known at once. @throws ProblemError */
    approve: async (
      found: RequestRow,
      person: Person,
      given: { digest: string; reason?: string },
      settle: Settle,
      look: LookAnew,
    ): Promise<RequestRow> => {
      const { digest, reason = '' } = given;
      for (let attempt = 0; attempt < ATTEMPTS_LIMIT; attempt++) {
        const row = await settle(found);
        await checkJudge(row, 'manifest.approve', person);
        if ((await store.approvals(row.id)).length >= APPROVALS_LIMIT)
          throw new ProblemError('rate_limited', 'It was approved too often. Cancel it and apply again.');
        if (row.awaiting?.digest !== digest) {
          // Perhaps of what there is by now: nothing else goes on record, else anybody could fill it with what never was.
          if ((await look(row)) === 'unanswered')
            throw new ProblemError('unavailable', 'Nobody says what it would change now. Try again shortly.');
          const now = await settle(row);
          if (now.awaiting?.digest !== digest) throw outdated(now);
          continue;
        }
        if (!(await store.approve(row, digest, person, reason, person.cause))) continue;
        deps.onResumed(row);
        const after = await settle(row);
        if (after.state === 'awaiting_approval' && after.awaiting?.digest !== digest) throw outdated(after);
        return after;
      }
      throw new ProblemError('unavailable', 'Many people decide on it right now. Try again shortly.');
    },

    /** @throws ProblemError */
    reject: async (
      found: RequestRow,
      person: Person,
      reason: string,
      settle: Settle,
    ): Promise<RequestRow> => {
      const row = await settle(found);
      await checkJudge(row, 'manifest.reject', person);
      const rejected = problem('approval_rejected', `${person.user} did not approve it: ${reason}`);
      const record = {
        action: 'manifest.reject',
        outcome: 'done' as const,
        target: row.id,
        detail: { reason, author: row.author },
      };
      const by = { cause: person.cause, record };
      if (!(await carry(row, { kind: 'stopped', problem: rejected }, by)))
        throw notWaiting(await settle(row));
      return settle(row);
    },

    /** By its author or an admin, as the caller has made sure. @throws ProblemError */
    cancel: async (row: RequestRow, person: Person, settle: Settle): Promise<RequestRow> => {
      const cancelled = problem('apply_cancelled', `${person.user} cancelled it. Nothing was published.`);
      const record = {
        action: 'manifest.cancel',
        outcome: 'done' as const,
        target: row.id,
        detail: { author: row.author },
      };
      const by = { cause: person.cause, record };
      if (!(await carry(row, { kind: 'stopped', problem: cancelled }, by)))
        throw notWaiting(await settle(row));
      return settle(row);
    },

    /** Who may not apply any more has nothing going live later either. */
    dropAuthor: async (team: string, user: string, role: TokenRole | null): Promise<void> => {
      if (!mayApply(role)) for (const row of await store.waitingOf(team, user)) await drop(row);
    },

    /** Tokens were revoked, and nobody says whose: those of the programs that wait for something are asked for. @throws BusError */
    dropPrograms: async (team: string): Promise<void> => {
      const roles = new Map<string, TokenRole | null>();
      for (const row of await store.waitingOf(team)) {
        if (!PROGRAM_USER.test(row.author)) continue;
        const role = roles.has(row.author) ? roles.get(row.author) : await deps.authors.roleOf(row);
        roles.set(row.author, role ?? null);
        if (!mayApply(role ?? null)) await drop(row);
      }
    },
  };
}

const SELF: Cause = { actor: { kind: 'service', id: 'apply' } };
const TOO_MANY =
  'So many requests of your team wait already: cancel some, or wait until some are done, then apply again with a new idempotency key.';

function outdated(row: RequestRow): ProblemError {
  if (row.state !== 'awaiting_approval') return notWaiting(row);
  return new ProblemError(
    'approval_outdated',
    'The content changed since you looked at it, so nothing was published. Look at the request again, then approve what you see.',
  );
}

function notWaiting(row: RequestRow): ProblemError {
  return new ProblemError(
    'conflict',
    `${situation(row.state)} There is nothing to decide: look at it again.`,
  );
}

function situation(state: RequestRow['state']): string {
  switch (state) {
    case 'requested':
    case 'publishing':
      return 'The request is being applied right now.';
    case 'awaiting_approval':
      return 'The request waits for approval.';
    case 'scheduled':
      return 'The request waits for its time.';
    case 'published':
      return 'The request is published.';
    case 'refused':
      return 'The request was refused.';
    default:
      return unreachable(state);
  }
}
