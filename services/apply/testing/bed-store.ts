// Apply's rows on a real database, beside a clock that the test moves; with nothing of the service around them.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { present } from '@hakiri/base/assert';
import { utf8 } from '@hakiri/base/bytes';
import { bodyFile, labelOf, type Revision } from '@hakiri/contracts/revision';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { type Database, openDatabase } from '@hakiri/substrate/libsql/database';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { createStore, type Store } from '../store/store.ts';
import { createHistory } from '../store/store-history.ts';
import type { RequestRow } from '../store/store-rows.ts';

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));
export const TEAM = 'default';

export type StoreBed = Awaited<ReturnType<typeof openStoreBed>>;

export async function openStoreBed() {
  const directory = await makeTempDirectory();
  const clock = createSimulatedClock();
  const substrate = await openEmbedded(directory.path, { clock });
  const database = await substrate.database('apply', MIGRATIONS);
  const messaging = createMessaging({ ...substrate, logger: silentLogger });
  const over = { ...substrate, messaging, openRequestsLimit: 20_000, waitingRequestsLimit: 20_000 };
  const store = createStore({ ...over, database });
  const others: Database[] = [];

  const asked = (number: number, team = TEAM) => ({
    team,
    author: 'ada',
    authorRole: 'applier' as const,
    idempotencyKey: `key-${number}`,
    bodyHash: 'sha256:0',
    body: { scope: { kind: 'all' as const }, version: 'v' },
    traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
  });

  return {
    clock,
    database,
    blobs: substrate.blobs,
    store,
    history: createHistory(database),
    asked,
    /** Over a connection of its own, as another process has it. */
    another: async (): Promise<Store> => {
      const connection = await openDatabase(`file:${join(directory.path, 'apply.db')}`, MIGRATIONS);
      others.push(connection);
      return createStore({ ...over, database: connection });
    },
    accept: async (number: number, team = TEAM): Promise<RequestRow> => {
      const accepted = await store.accept(asked(number, team));
      if (accepted.kind !== 'accepted') throw new Error(`not accepted but ${accepted.kind}`);
      return accepted.row;
    },
    /** From the request to the end, without a body anywhere. */
    publish: async (row: RequestRow, body = ''): Promise<Revision> => {
      const last = await store.newest(row.team);
      const revision = revisionOf((last?.sequence ?? 0) + 1);
      if (!(await store.commitRevision(row, revision, utf8(body), []))) throw new Error('not committed');
      await store.finishPublished(present(await store.ofRequest(row.id), 'it was committed'));
      return revision;
    },
    close: async () => {
      for (const one of others) await one.close();
      await substrate.close();
      await directory.remove();
    },
  };
}

export function revisionOf(sequence: number, digest = `sha256:${sequence}`): Revision {
  const name = { number: sequence, minor: 0 };
  return {
    ...name,
    sequence,
    label: labelOf(name),
    file: bodyFile(name),
    digest,
    sizeBytes: 1,
    publishedAt: '2026-01-01T00:00:00.000Z',
    author: 'ada',
    message: '',
    doc: 'main',
    version: 'v',
    scope: { kind: 'all' },
    pipelines: 1,
    changed: ['p'],
  };
}
