// Refused attempts go to the audit log, at a bounded rate: who knocks a thousand times a second fills no log with it. What
// was left out is counted in the next entry. A bus that is away costs the entry, never the answer.
import type { Access, DenialCode, Principal } from '@hakiri/authz/principal';
import { AuditRecorded } from '@hakiri/contracts/subjects';
import type { Clock } from '@hakiri/substrate/clock';
import { errorFields, type Logger } from './logger.ts';
import type { Messaging } from './messaging.ts';
import { type Bucket, type BucketRate, fullBucket, takeToken } from './token-bucket.ts';

/** Of one team: who knocks in one hides nothing of another's. */
const REFUSALS_RATE: BucketRate = { capacity: 50, perSecond: 2 };
/** Past it the team that was first seen starts anew. */
const TEAMS_LIMIT = 1_000;

type Knocking = { bucket: Bucket; leftOut: number };

export function createRefusals(deps: {
  messaging: Messaging;
  clock: Clock;
  logger: Logger;
  service: string;
}) {
  const byTeam = new Map<string, Knocking>();
  const pending = new Set<Promise<void>>();

  function knockingOf(team: string): Knocking {
    const known = byTeam.get(team);
    if (known) return known;
    const [first] = byTeam.keys();
    if (byTeam.size >= TEAMS_LIMIT && first !== undefined) byTeam.delete(first);
    const fresh = { bucket: fullBucket(REFUSALS_RATE, deps.clock.now()), leftOut: 0 };
    byTeam.set(team, fresh);
    return fresh;
  }

  return {
    record(principal: Principal, access: Access, code: DenialCode): void {
      const knocking = knockingOf(principal.team);
      const next = takeToken(knocking.bucket, REFUSALS_RATE, deps.clock.now());
      knocking.bucket = next.bucket;
      if (!next.taken) {
        knocking.leftOut += 1;
        return;
      }
      const { leftOut } = knocking;
      knocking.leftOut = 0;
      const kind = principal.role === 'node' ? 'node' : 'user';
      const entry = {
        action: access.action,
        outcome: 'refused' as const,
        target: access.pipeline ?? access.team ?? principal.team,
        detail: { code, role: principal.role, ...(leftOut > 0 ? { leftOut } : {}) },
        service: deps.service,
      };
      const cause = { actor: { kind, id: principal.user } } as const;
      const sent: Promise<void> = deps.messaging
        .enqueue(AuditRecorded, { team: principal.team }, cause, entry)
        .catch((error) => deps.logger.warn('refusal_not_recorded', errorFields(error)))
        .finally(() => pending.delete(sent));
      pending.add(sent);
    },

    /** Waits for what is under way. */
    async flush(): Promise<void> {
      await Promise.all(pending);
    },
  };
}
