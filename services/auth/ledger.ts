// The one way anything changes here: decide while nobody else does, commit rows and audit entries together, and only then tell
// the other services. A crash in between is healed at the next start and by their own catching up.

import type { AuditRecord, Revocations } from '@hakiri/contracts/auth';
import type { Actor } from '@hakiri/contracts/envelope';
import { ProblemError } from '@hakiri/contracts/problem';
import type { MemberRole } from '@hakiri/contracts/roles';
import { MemberChanged, TokensRevoked } from '@hakiri/contracts/subjects';
import type { Messaging } from '@hakiri/service/messaging';
import type { Clock } from '@hakiri/substrate/clock';
import type { Orm, Statement } from '@hakiri/substrate/libsql/database';
import type { Random } from '@hakiri/substrate/random';
import type { Refusal } from './membership.ts';
import type { Revocation, Store } from './store.ts';
import { sweepExpired } from './store-sweep.ts';

/** Some 180 bytes each in a message of at most 1 MiB. */
export const REVOCATIONS_PER_MESSAGE = 2_000;
export const SERVICE_ACTOR: Actor = { kind: 'service', id: 'auth' };

export type Change<Outcome> = {
  outcome: Outcome;
  statements?: Statement[];
  audit?: AuditRecord[];
  revoked?: Revocation[];
  member?: { user: string; role: MemberRole | null };
};

export type Ledger = ReturnType<typeof createLedger>;

export function createLedger(deps: { store: Store; messaging: Messaging; clock: Clock; random: Random }) {
  const { store, messaging, clock, random } = deps;

  return {
    orm: store.orm,

    async change<Outcome>(
      team: string,
      actor: Actor,
      work: (orm: Orm, nowMs: number) => Promise<Change<Outcome>>,
    ): Promise<Outcome> {
      const { outcome, revoked, member } = await store.change(team, async (orm) => {
        const nowMs = clock.now();
        const change = await work(orm, nowMs);
        const at = new Date(nowMs).toISOString();
        const notes = (change.audit ?? []).map((record) => ({
          ...record,
          id: random.ulid(nowMs),
          at,
          actor,
          service: 'auth',
        }));
        const { statements = [], revoked = [] } = change;
        const swept = statements.length > 0 ? sweepExpired(orm, nowMs) : [];
        return { ...change, statements: [...swept, ...statements], revoked, notes };
      });
      announceRevoked(messaging, team, revoked);
      if (member) messaging.publish(MemberChanged, { team }, { actor }, member);
      return outcome;
    },
  };
}

export function announceRevoked(messaging: Messaging, team: string, revoked: readonly Revocation[]): void {
  for (let start = 0; start < revoked.length; start += REVOCATIONS_PER_MESSAGE) {
    const part = revoked.slice(start, start + REVOCATIONS_PER_MESSAGE);
    messaging.publish(TokensRevoked, { team }, { actor: SERVICE_ACTOR }, describeRevoked(part));
  }
}

export function describeRevoked(revoked: readonly Revocation[]): Revocations {
  return {
    revocations: revoked.map(({ id, untilMs, renew }) => ({
      id,
      until: new Date(untilMs).toISOString(),
      ...(renew ? { renew } : {}),
    })),
  };
}

export function done(action: string, target: string, detail: AuditRecord['detail']): AuditRecord {
  return { action, outcome: 'done', target, detail };
}

/** Changes nothing, but the attempt is in the audit log. */
export function refused(
  refusal: Refusal,
  action: string,
  target: string,
  detail: AuditRecord['detail'],
): Change<Refusal> {
  const audit: AuditRecord = {
    action,
    outcome: 'refused',
    target,
    detail: { ...detail, code: refusal.code },
  };
  return { outcome: refusal, audit: [audit] };
}

/** A refusal that was decided becomes the caller's problem, after it was committed to the audit log. */
export function unlessRefused<Outcome extends { kind: string }>(outcome: Outcome | Refusal): Outcome {
  if (isRefusal(outcome)) throw new ProblemError(outcome.code, outcome.detail);
  return outcome;
}

function isRefusal(outcome: { kind: string }): outcome is Refusal {
  return outcome.kind === 'refused';
}
