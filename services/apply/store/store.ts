// Apply's rows. Every change of state is one batch with what announces it (outbox), so both are there or neither is; and every
// statement of it carries what has to hold, so several processes of the service may share one database.
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import type { Clock } from '@hakiri/substrate/clock';
import type { Database } from '@hakiri/substrate/libsql/database';
import type { Random } from '@hakiri/substrate/random';
import { createAnnouncements } from './store-announcements.ts';
import { createColdRows } from './store-cold.ts';
import { createFolderRows } from './store-folders.ts';
import { createPolicyRows } from './store-policy.ts';
import { createRequests } from './store-requests.ts';
import { createRevertRows } from './store-reverts.ts';
import { createRevisionRows } from './store-revisions.ts';
import { createWaitingRows } from './store-waiting.ts';

export type Store = ReturnType<typeof createStore>;

export function createStore(deps: {
  database: Database;
  messaging: Messaging;
  clock: Clock;
  random: Random;
  openRequestsLimit: number;
  waitingRequestsLimit: number;
}) {
  const { database, messaging, clock, random } = deps;
  const announcements = createAnnouncements(database, messaging);
  const rooms = { ...deps, announcements };

  return {
    ...createRequests(rooms),
    ...createRevertRows(rooms),
    ...createRevisionRows(rooms),
    ...createWaitingRows(rooms),
    ...createPolicyRows(rooms),
    ...createColdRows(rooms),
    ...createFolderRows(rooms),

    /** For what changes nothing here, such as an import. */
    audit: (team: string, cause: Cause, record: AuditRecord): Promise<void> =>
      database.write(async () => {
        await announcements.audit(team, { ...cause, id: random.ulid(clock.now()) }, record);
      }),
  };
}
