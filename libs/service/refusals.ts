// Refused attempts go to the audit log, at a bounded rate: who knocks a thousand times a second fills no log with it. What
// was left out is counted in the next entry. A bus that is away costs the entry, never the answer.
import type { Access, DenialCode, Principal } from '@hakiri/authz/principal';
import { AuditRecorded } from '@hakiri/contracts/subjects';
import type { Clock } from '@hakiri/substrate/clock';
import { errorFields, type Logger } from './logger.ts';
import type { Messaging } from './messaging.ts';
import { type BucketRate, fullBucket, takeToken } from './token-bucket.ts';

const REFUSALS_RATE: BucketRate = { capacity: 50, perSecond: 2 };

export function createRefusals(deps: {
  messaging: Messaging;
  clock: Clock;
  logger: Logger;
  service: string;
}) {
  let bucket = fullBucket(REFUSALS_RATE, deps.clock.now());
  let leftOut = 0;
  const pending = new Set<Promise<void>>();

  return {
    record(principal: Principal, access: Access, code: DenialCode): void {
      const next = takeToken(bucket, REFUSALS_RATE, deps.clock.now());
      bucket = next.bucket;
      if (!next.taken) {
        leftOut += 1;
        return;
      }
      const kind = principal.role === 'node' ? 'node' : 'user';
      const entry = {
        action: access.action,
        outcome: 'refused' as const,
        target: access.pipeline ?? access.team ?? principal.team,
        detail: { code, role: principal.role, ...(leftOut > 0 ? { leftOut } : {}) },
        service: deps.service,
      };
      leftOut = 0;
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
