// The row of a team's policy. A save names the version it was made from; what it was and became is in the audit log.
import type { ApplyPolicy } from '@hakiri/contracts/policy';
import { NO_POLICY, type SavedPolicy } from '@hakiri/contracts/policy';
import type { Cause } from '@hakiri/service/messaging';
import type { Clock } from '@hakiri/substrate/clock';
import type { Database } from '@hakiri/substrate/libsql/database';
import { insertIf } from '@hakiri/substrate/libsql/insert-if';
import type { Random } from '@hakiri/substrate/random';
import { and, eq } from 'drizzle-orm';
import { policies } from './schema.ts';
import type { Announcements } from './store-announcements.ts';
import { policyIs } from './store-rows.ts';

export type PolicyRows = ReturnType<typeof createPolicyRows>;

export function createPolicyRows(deps: {
  database: Database;
  announcements: Announcements;
  clock: Clock;
  random: Random;
}) {
  const { database, clock, random } = deps;
  const { orm } = database;

  async function policy(team: string): Promise<SavedPolicy> {
    const row = await orm.select().from(policies).where(eq(policies.team, team)).get();
    if (!row) return { version: 0, policy: NO_POLICY };
    const { version, savedAtMs, savedBy } = row;
    return { version, policy: row.policy, savedAt: new Date(savedAtMs).toISOString(), savedBy };
  }

  return {
    policy,

    /** Undefined when somebody saved after `version`. */
    savePolicy: (
      team: string,
      version: number,
      wanted: ApplyPolicy,
      user: string,
      cause: Cause,
    ): Promise<SavedPolicy | undefined> =>
      database.write(async () => {
        const before = await policy(team);
        if (before.version !== version) return undefined;
        const nowMs = clock.now();
        const row = { team, version: version + 1, policy: wanted, savedAtMs: nowMs, savedBy: user };
        const current = policyIs(team, version);
        const record = {
          action: 'manifest.policy',
          outcome: 'done' as const,
          target: team,
          detail: { version: row.version, before: before.policy, after: wanted },
        };
        const told = deps.announcements.audit(team, { ...cause, id: random.ulid(nowMs) }, record, current);
        const saved =
          version === 0
            ? insertIf(orm, policies, row, current)
            : orm
                .update(policies)
                .set(row)
                .where(and(eq(policies.team, team), current));
        const [, { rowsAffected }] = await orm.batch([told, saved]);
        return rowsAffected > 0 ? policy(team) : undefined;
      }),
  };
}
