// kill -9 at each named step and at random moments, on both substrates: whatever was begun is there once after the next start.
// The long runs are in tests/soak.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { until } from '@hakiri/testing/until';
import { COLD_STEPS, STEPS } from '../requests/steps.ts';
import { type CrashBed, clusterAvailable, openClusterBed, openEmbeddedBed } from '../testing/crash-bed.ts';
import { createCrashHistory } from '../testing/crash-history.ts';

const RANDOM_KILLS = 6;
/** Dozens of processes start and are killed: only what never comes to its end takes as long, also on a busy machine. */
const SLOW_MS = 300_000;
const SETTLE_MS = 200_000;
const SEED = 20_261;

function killedOn(name: string, open: () => Promise<CrashBed>): () => CrashBed {
  let bed: CrashBed;
  beforeAll(async () => {
    bed = await open();
  }, SLOW_MS);
  afterAll(() => bed?.close());

  for (const step of [...STEPS, ...COLD_STEPS])
    test(
      `[AP3.5, AP10.3] ${name}: kill -9 after "${step}" is completed by the next start`,
      async () => {
        const history = createCrashHistory(bed);
        const team = `team-${step.replaceAll('_', '-')}`;
        const doomed = await bed.start({ crash: { step, times: 2 }, hotRevisions: 1 });
        const waiting: Promise<unknown>[] = [];
        for (let n = 0; n < 4; n++) waiting.push(history.send(doomed.url, history.next(team), 10));
        expect(await doomed.exited).not.toBe(0);
        await Promise.all(waiting);
        const next = await bed.start({ hotRevisions: 1 });
        const deadline = performance.now() + SETTLE_MS;
        for (const ask of history.asked) await history.settle(ask, () => next.url, deadline);
        expect(await history.verify()).toBe(4);
        await until(() => history.eventFaults().length === 0, { what: 'each event' });
        await next.kill();
      },
      SLOW_MS,
    );

  test(
    `[AP3.7, AP4.3] ${name}: ${RANDOM_KILLS} kills at random from seed ${SEED}: no number skipped or doubled, each request answered once`,
    async () => {
      const prng = createPrng(SEED);
      const history = createCrashHistory(bed);
      for (let round = 0; round < RANDOM_KILLS; round++) {
        const child = await bed.start({ hotRevisions: 3 });
        const waiting = Array.from({ length: 4 }, () => {
          const ask = history.next(`random-${prng.below(2)}`);
          const sends = 1 + prng.below(2);
          return Promise.all(Array.from({ length: sends }, () => history.send(child.url, ask, 10)));
        });
        await Bun.sleep(prng.below(120));
        await child.kill();
        await Promise.all(waiting);
      }
      const last = await bed.start({ hotRevisions: 3 });
      const deadline = performance.now() + SETTLE_MS;
      for (const ask of history.asked) await history.settle(ask, () => last.url, deadline);
      expect(await history.verify()).toBe(history.asked.length);
      await until(() => history.eventFaults().length === 0, { what: 'each event' });
      await last.kill();
    },
    SLOW_MS,
  );
  return () => bed;
}

describe('in one process', () => {
  killedOn('embedded', openEmbeddedBed);
});
describe.skipIf(!clusterAvailable())('over NATS, S3 and sqld', () => {
  const bed = killedOn('cluster', openClusterBed);

  test(
    '[AP3.12] two at once over one database, one of them killed: one outcome for each request, no number skipped or doubled',
    async () => {
      const prng = createPrng(SEED);
      const history = createCrashHistory(bed());
      const replicas = [await bed().start({ hotRevisions: 3 }), await bed().start({ hotRevisions: 3 })];
      const deadline = performance.now() + SETTLE_MS;
      let up = [...replicas];
      // Both are asked the same at the same moment, and both take messages from the one queue.
      const settled = Array.from({ length: 40 }, () => {
        const ask = history.next(`pair-${prng.below(3)}`);
        return Promise.all(
          replicas.map((_, at) => history.settle(ask, () => up[at % up.length]?.url, deadline)),
        );
      });
      await until(() => history.answered() > 10, { timeoutMs: SETTLE_MS });
      up = replicas.slice(1);
      await replicas[0]?.kill();
      await Promise.all(settled);
      expect(await history.verify()).toBe(40);
      await until(() => history.eventFaults().length === 0, { what: 'each event' });
      await replicas[1]?.kill();
    },
    SLOW_MS,
  );
});
