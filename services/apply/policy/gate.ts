// Between what was prepared and its number: asks the team's policy. Minor revisions pass, as nothing that runs changes with them,
// but for those that would take a pipeline out of protection.
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { PolicyVerdict } from '@hakiri/contracts/policy';
import { type Problem, problem } from '@hakiri/contracts/problem';
import type { TokenRole } from '@hakiri/contracts/roles';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { BusError } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import type { Finding } from '../requests/apply-machine.ts';
import type { Authors } from '../requests/authors.ts';
import { isoTime } from '../requests/iso-time.ts';
import type { PolicyRows } from '../store/store-policy.ts';
import type { RequestRow } from '../store/store-rows.ts';
import type { WaitingRows } from '../store/store-waiting.ts';
import { changeOf, digestOfChange, touchedBy } from './approval-change.ts';
import {
  crossesProtection,
  decidePolicy,
  type Given,
  mayApprove,
  type Timing,
  type Verdict,
} from './policy.ts';
import { parseAt } from './policy-time.ts';

type Author = { user: string; role: TokenRole | undefined };
type Candidate = { before: ManifestConfig | undefined; after: ManifestConfig; kind: 'same' | 'different' };

type Gated =
  /** `policy`: the version that was asked; none where nothing is disturbed. */
  | { kind: 'pass'; policy?: number; granted?: NonNullable<RequestRow['granted']> }
  /** Auth does not answer. */
  | { kind: 'away' }
  | { kind: 'stop'; policy: number; input: Finding; awaiting?: NonNullable<RequestRow['awaiting']> };

export type Gate = ReturnType<typeof createGate>;

export function createGate(deps: {
  rows: Pick<WaitingRows, 'approvals'>;
  policies: PolicyRows;
  authors: Pick<Authors, 'personOf' | 'stillApproving'>;
  clock: Clock;
}) {
  const { rows, policies, authors, clock } = deps;

  /** Of exactly this content, by who may still approve. A program's request is its maker's, and nobody's approval counts while that is not known. */
  async function approvalsOf(
    row: RequestRow,
    digest: string,
  ): Promise<{ person?: string; given: Given[]; users: string[] }> {
    const approvals = (await rows.approvals(row.id)).filter((approval) => approval.digest === digest);
    const users = approvals.map(({ user }) => user);
    if (users.length === 0) return { given: [], users };
    const person = await authors.personOf(row);
    if (person === undefined) return { given: [], users };
    return { person, given: await authors.stillApproving(row, users), users };
  }

  /** `asked`: the request whose approvals count. The digest is there when something protected would change. @throws BusError */
  async function judge(
    team: string,
    body: ApplyBody,
    author: Author,
    candidate: Candidate,
    asked?: RequestRow,
  ): Promise<{ verdict: Verdict; version: number; digest?: string; lost?: string[] }> {
    const { version, policy } = await policies.policy(team);
    const asking = {
      author: author.user,
      person: author.user,
      role: author.role,
      message: body.message ?? '',
      override: body.override ?? false,
      timing: timingOf(body) ?? { kind: 'now' },
      waited: asked !== undefined && asked.wokenAtMs !== null,
    };
    const nowMs = clock.now();
    if (policy.protected.length === 0)
      return { verdict: decidePolicy(policy, asking, [], [], nowMs), version };
    const change = changeOf(candidate.before ?? EMPTY_CONFIG, candidate.after);
    const digest = await digestOfChange(body.doc ?? DEFAULT_DOC, change, candidate.after);
    const approvals = asked ? await approvalsOf(asked, digest) : { given: [], users: [] };
    const { person = author.user, given, users } = approvals;
    const verdict = decidePolicy(policy, { ...asking, person }, touchedBy(change), given, nowMs);
    const needs = verdict.kind === 'approval' ? verdict.needs : [];
    const counting = given.filter((one) => one.user !== person && mayApprove(policy, needs, one));
    const lost = users.filter((user) => !counting.some((one) => one.user === user));
    return { verdict, version, digest, lost };
  }

  /** Cosmetic, so it passes; but whoever could move a pipeline out of a protected group so could apply it unseen. */
  async function minor(team: string, { before = EMPTY_CONFIG, after }: Candidate): Promise<Gated> {
    const { version, policy } = await policies.policy(team);
    if (policy.protected.length === 0) return { kind: 'pass', policy: version };
    const crosses = changeOf(before, after).pipelines.some(
      (pair) => pair.before && pair.after && crossesProtection(policy, pair.before.group, pair.after.group),
    );
    if (!crosses) return { kind: 'pass', policy: version };
    return {
      kind: 'stop',
      policy: version,
      input: { kind: 'forbidden', problem: problem('denied', CROSSING) },
    };
  }

  return {
    /** Of a dry run. */
    verdict: async (
      team: string,
      body: ApplyBody,
      author: Author,
      candidate: Candidate,
    ): Promise<PolicyVerdict> => {
      const { verdict } = await judge(team, body, author, candidate);
      switch (verdict.kind) {
        case 'go':
          return { kind: 'go', overrode: verdict.overrode };
        case 'approval':
          return { kind: 'approval', needs: verdict.needs };
        case 'wait':
          return { kind: 'wait', until: new Date(verdict.untilMs).toISOString() };
        case 'refused':
          return verdict;
      }
    },

    pass: async (row: RequestRow, candidate: Candidate): Promise<Gated> => {
      if (row.kind === 'minor') return minor(row.team, candidate);
      // What publishes nothing disturbs nobody; of one for later nobody knows that yet.
      if (candidate.kind === 'same' && timingOf(row.body)?.kind === 'now') return { kind: 'pass' };
      const author = { user: row.author, role: row.authorRole ?? undefined };
      let judged: Awaited<ReturnType<typeof judge>>;
      try {
        judged = await judge(row.team, row.body, author, candidate, row);
      } catch (error) {
        if (error instanceof BusError) return { kind: 'away' };
        throw error;
      }
      const { verdict, digest, version: policy, lost = [] } = judged;
      switch (verdict.kind) {
        case 'go': {
          const { overrode, approvedBy } = verdict;
          return overrode.length + approvedBy.length === 0
            ? { kind: 'pass', policy }
            : { kind: 'pass', policy, granted: { overrode, approvedBy } };
        }
        case 'approval': {
          const { needs } = verdict;
          // Whoever looks at it again, with whatever digest, does not begin its time anew: other content does, or another policy.
          const was =
            row.awaiting?.digest === digest && row.awaiting?.policy === policy ? row.awaiting : null;
          const expiresAtMs = Math.min(verdict.expiresAtMs, was?.expiresAtMs ?? verdict.expiresAtMs);
          const awaiting = {
            ...{ digest: digest ?? '', needs, expiresAtMs, policy },
            ...(lost.length > 0 ? { lost } : {}),
          };
          return { kind: 'stop', policy, input: { kind: 'held', expiresAtMs }, awaiting };
        }
        case 'wait':
          // Of what waits already the time may still change: it is refused only when it would go.
          if (row.untilMs !== null && verdict.untilMs >= row.untilMs && row.wokenAtMs === null)
            return {
              kind: 'stop',
              policy,
              input: { kind: 'forbidden', problem: tooLate(row.untilMs, verdict.untilMs) },
            };
          return { kind: 'stop', policy, input: { kind: 'early', dueAtMs: verdict.untilMs } };
        case 'refused':
          return { kind: 'stop', policy, input: { kind: 'forbidden', problem: verdict.problem } };
      }
    },
  };
}

function tooLate(untilMs: number, opensAtMs: number): Problem {
  return problem(
    'denied',
    `It could go at ${isoTime(opensAtMs)}, and this token is good until ${isoTime(untilMs)}: use one that is good for longer.`,
  );
}

const CROSSING = 'A pipeline enters or leaves a protected group: that takes an Apply, and its approval.';

/** Undefined when it is no time, or two. */
export function timingOf({ at, timezone, window }: ApplyBody): Timing | undefined {
  if (at === undefined) {
    if (timezone !== undefined) return undefined;
    return window === undefined ? { kind: 'now' } : { kind: 'window' };
  }
  if (window !== undefined) return undefined;
  const dueAtMs = parseAt(at, timezone);
  return dueAtMs === undefined ? undefined : { kind: 'at', dueAtMs };
}
