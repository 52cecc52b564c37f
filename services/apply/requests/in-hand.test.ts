// Requests in hand: what runs, what waits for its turn, and whose deliveries come through meanwhile.
import { expect, test } from 'bun:test';
import { ApplyRequested } from '@hakiri/contracts/subjects';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import type { Verdict } from '@hakiri/substrate/bus';
import { systemClock } from '@hakiri/substrate/clock';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { DEFAULTS } from '../config.ts';
import { createStore } from '../store/store.ts';
import { apply, openBed } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { createInHand } from './in-hand.ts';
import { createTeamQueue } from './team-queue.ts';

const LIMIT = 4;
const AGAIN_MS = 60_000;
const DONE: Verdict = { kind: 'ack' };
const LATER: Verdict = { kind: 'retry', delayMs: AGAIN_MS };

/** Whatever begins without anybody else's doing has begun by then. */
const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Each run of a request ends when the test says so. */
function openHand(runningLimit = LIMIT) {
  const clock = createSimulatedClock();
  const queue = createTeamQueue();
  const begun: string[] = [];
  const ends = new Map<string, (verdict: Verdict) => void>();
  const hand = createInHand({
    carry: (_team, id, attempt) => {
      begun.push(`${id}${attempt}`);
      return new Promise((resolve) => ends.set(id, resolve));
    },
    ...{ queue, clock, runningLimit, againMs: AGAIN_MS },
  });
  const end = async (id: string, verdict = DONE): Promise<void> => {
    const resolve = await until(() => ends.get(id), { what: `${id} runs` });
    ends.delete(id);
    resolve(verdict);
  };
  return { hand, clock, queue, begun, end };
}

test('[AP4.4, AP4.13] what waits for its turn, or comes again while it runs, is answered at once; turns come in order', async () => {
  const { hand, queue, begun, end } = openHand();
  const first = hand.handle('a', 'r', 1);
  expect(await hand.handle('a', 's', 1)).toEqual(LATER);
  expect(await hand.handle('a', 't', 1)).toEqual(LATER);
  for (const id of ['r', 's', 't']) expect(await hand.handle('a', id, 2)).toEqual(LATER);
  const other = hand.handle('b', 'u', 1);
  await end('u');
  expect(await other).toEqual(DONE);
  for (const id of ['r', 's', 't']) await end(id);
  expect(await first).toEqual(DONE);
  await queue.idle();
  expect(begun).toEqual(['r1', 'u1', 's1', 't1']);
});

test('[AP4.13] one that has to be tried again is, after its pause, whether its delivery ran or its turn', async () => {
  const { hand, clock, begun, end } = openHand();
  const again: Verdict = { kind: 'retry', delayMs: 100 };
  const first = hand.handle('a', 'r', 1);
  await hand.handle('a', 's', 1);
  await end('r', again);
  expect(await first).toEqual(again);
  await end('s', again);
  await until(() => clock.nextDue() !== undefined);
  await clock.advance(99);
  expect(begun).toEqual(['r1', 's1']);
  await clock.advance(1);
  await until(() => begun.length === 3);
  expect(begun).toEqual(['r1', 's1', 's2']);
});

test('[AP4.13] a new event of a request whose turn is about to end is another turn, and none after a stop', async () => {
  const { hand, queue, begun, end } = openHand();
  const first = hand.handle('a', 'r', 1);
  expect(await hand.handle('a', 'r', 1)).toEqual(LATER);
  await end('r');
  expect(await first).toEqual(DONE);
  await end('r');
  await queue.idle();
  expect(begun).toEqual(['r1', 'r1']);
  const last = hand.handle('a', 'r', 3);
  await hand.handle('a', 's', 1);
  hand.stop();
  await end('r');
  expect(await last).toEqual(DONE);
  await queue.idle();
  expect(begun).toEqual(['r1', 'r1', 'r3']);
});

test('[AP4.13] what ends after a stop is left to its next delivery: no timer is set for it', async () => {
  const { hand, clock, queue, begun, end } = openHand();
  const first = hand.handle('a', 'r', 1);
  await hand.handle('a', 's', 1);
  await end('r');
  await first;
  await until(() => begun.includes('s1'));
  hand.stop();
  await end('s', { kind: 'retry', delayMs: 100 });
  await queue.idle();
  await turnOfLoop();
  expect(clock.nextDue()).toBeUndefined();
});

test('[AP4.13] no more run at once than there are places, turns included', async () => {
  const { hand, begun, end } = openHand(1);
  const first = hand.handle('a', 'r', 1);
  await hand.handle('a', 's', 1);
  const other = hand.handle('b', 't', 1);
  await turnOfLoop();
  expect(begun).toEqual(['r1']);
  await end('r');
  await first;
  await end('t');
  await other;
  await end('s');
  expect(begun).toEqual(['r1', 't1', 's1']);
});

test('[AP4.4, AP4.10, AP4.13] as many stuck requests of one team as are in hand at once keep no other team waiting', async () => {
  const bed = await openBed();
  const gate = Promise.withResolvers<void>();
  let isStuck = false;
  const running = await bed.start({
    config: { inFlightLimit: LIMIT, ackWaitMs: 200 },
    step: (name) => {
      if (name !== 'prepared' || isStuck) return;
      isStuck = true;
      return gate.promise;
    },
  });
  const token = bed.token('applier');
  const version = bed.peer.edit({ pipelines: [pipeline(1)], variables: [] });
  const body = { scope: { kind: 'all' }, version } as const;
  for (let request = 0; request < 2 * LIMIT; request++)
    expect((await apply(running.url, token, body, { prefer: 'respond-async' })).status).toBe(202);
  await until(() => isStuck);
  const messaging = createMessaging({ ...bed.substrate, logger: silentLogger });
  const database = await bed.substrate.database('apply', new URL('../migrations', import.meta.url).pathname);
  const store = createStore({
    ...{ ...DEFAULTS, database, messaging, clock: systemClock, random: bed.substrate.random },
  });
  const accepted = await store.accept({
    ...{ team: 'other', author: 'ada', authorRole: 'applier', idempotencyKey: 'key-of-ada', bodyHash: '' },
    ...{ body: { ...body, doc: 'main' }, traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` },
  });
  if (accepted.kind !== 'accepted') throw new Error(accepted.kind);
  const { id } = accepted.row;
  const author = { actor: { kind: 'user', id: 'ada' } } as const;
  await messaging.enqueue(ApplyRequested, { team: 'other' }, author, { request: id });
  await until(async () => (await store.request('other', id))?.state === 'published', {
    what: "another team's outcome",
    timeoutMs: 10_000,
  }).finally(gate.resolve);
  await bed.close();
});
