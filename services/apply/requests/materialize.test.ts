import { expect, test } from 'bun:test';
import { Materialize } from '@hakiri/contracts/subjects';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { pipeline } from '../testing/bed-peer.ts';
import { materialize } from './materialize.ts';

const WANTED = { team: 'default', doc: 'main', scope: { kind: 'all' }, version: 'v1' } as const;

test('[AP4.14] an owner that goes on without end is left: with nothing on a page as if it were away, else at the largest document', async () => {
  const directory = await makeTempDirectory();
  const substrate = await openEmbedded(directory.path);
  const messaging = createMessaging({ ...substrate, logger: silentLogger });
  let asked = 0;
  let pipelines = [pipeline(1)];
  messaging.respond(Materialize, 'sync', 'sync', async () => {
    asked += 1;
    if (asked > 1_000) throw new Error('it is asked without end');
    return { kind: 'page' as const, pipelines, variables: [], next: `${asked}` };
  });
  const cause = { actor: { kind: 'service', id: 'apply' } } as const;
  const limits = { pageTimeoutMs: 5_000, documentLimitBytes: 10_000 };
  expect(await materialize(messaging, WANTED, cause, limits)).toEqual({
    kind: 'too_large',
    limitBytes: 10_000,
  });
  expect(asked).toBeLessThan(100);
  pipelines = [];
  asked = 0;
  expect(await materialize(messaging, WANTED, cause, limits)).toEqual({ kind: 'away' });
  expect(asked).toBe(1);
  await substrate.close();
  await directory.remove();
});
