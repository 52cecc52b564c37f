import { expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { Materialize } from '@hakiri/contracts/subjects';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { pipeline } from '../testing/bed-peer.ts';
import { refusalProblem } from './apply-machine.ts';
import { materialize } from './materialize.ts';

const WANTED = { team: 'default', doc: 'main', scope: { kind: 'all' }, version: 'v1' } as const;

test('[AP4.16] a page that is not as large as its owner says is not believed: more or less of it is document_unreadable', async () => {
  const directory = await makeTempDirectory();
  const substrate = await openEmbedded(directory.path);
  const messaging = createMessaging({ ...substrate, logger: silentLogger });
  const pipelines = [pipeline(1, { description: 'žluťoučký 🐎' }), pipeline(2)];
  const whole = pipelines.reduce((sum, one) => sum + utf8(JSON.stringify(one)).length + 1, 0);
  let sizeBytes = whole;
  messaging.respond(Materialize, 'sync', 'sync', async () => ({
    kind: 'page' as const,
    pipelines,
    variables: [],
    sizeBytes,
  }));
  const cause = { actor: { kind: 'service', id: 'apply' } } as const;
  const limits = { pageTimeoutMs: 5_000, documentLimitBytes: 10_000_000 };
  const read = () => materialize(messaging, WANTED, cause, limits);
  expect((await read()).kind).toBe('draft');
  for (const told of [0, Math.floor(whole / 2), whole * 4]) {
    sizeBytes = told;
    const refused = await read();
    expect(refused).toMatchObject({ kind: 'unreadable', toldBytes: told });
    if (refused.kind === 'unreadable')
      expect(refusalProblem(refused)).toMatchObject({ status: 502, code: 'document_unreadable' });
  }
  await substrate.close();
  await directory.remove();
});

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
