// `npm run soak -- apply`: apply as a process, killed at random on both substrates, then five hundred Applies over fifty teams in
// a minute with a kill every five seconds. Afterwards no number is skipped or doubled, every request has one answer, all bodies parse.
import {
  type Child,
  type CrashBed,
  clusterAvailable,
  openClusterBed,
  openEmbeddedBed,
} from '@hakiri/apply/testing/crash-bed';
import { createCrashHistory } from '@hakiri/apply/testing/crash-history';
import { createPrng, type Prng } from '@hakiri/base/prng';

const KILL_WITHIN_MS = 150;
const SETTLE_MS = 180_000;
const RATE = { applies: 500, teams: 50, durationMs: 60_000, killEveryMs: 5_000 };
/** So small that bodies move all the time. */
const HOT_REVISIONS = 5;

const say = (text: string): void => void process.stdout.write(text);

export async function soakApply(args: readonly string[]): Promise<boolean> {
  const [seed = 1, kills = 200] = args.map(Number);
  const beds = [openEmbeddedBed, ...(clusterAvailable() ? [openClusterBed] : [])];
  let isWhole = true;
  for (const open of beds) {
    const bed = await open();
    try {
      say(`${bed.kind}: ${kills} kills at random, seed ${seed}\n`);
      say(`\n  nothing lost or doubled: ${await killAtRandom(bed, createPrng(seed), kills)} revisions\n`);
      say(`${bed.kind}: ${RATE.applies} Applies over ${RATE.teams} teams in a minute, a kill every 5 s\n`);
      say(`\n  nothing lost or doubled: ${await killUnderRate(bed, createPrng(seed))}\n`);
    } catch (error) {
      say(`\n  WRONG with seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n`);
      isWhole = false;
    } finally {
      await bed.close();
    }
  }
  return isWhole;
}

async function killAtRandom(bed: CrashBed, prng: Prng, kills: number): Promise<number> {
  const history = createCrashHistory(bed);
  for (let round = 0; round < kills; round++) {
    const child = await bed.start({ hotRevisions: HOT_REVISIONS });
    const sent = Array.from({ length: 1 + prng.below(4) }, () => {
      const ask = history.next(`random-${prng.below(5)}`);
      // Repeated at once now and then, as by an impatient client.
      return Promise.all(Array.from({ length: 1 + prng.below(2) }, () => history.send(child.url, ask, 10)));
    });
    await Bun.sleep(prng.below(KILL_WITHIN_MS));
    await child.kill();
    await Promise.all(sent);
    say('.');
  }
  const last = await bed.start({ hotRevisions: HOT_REVISIONS });
  for (const ask of history.asked) await history.settle(ask, () => last.url, performance.now() + SETTLE_MS);
  const revisions = await verified(history);
  await last.kill();
  return revisions;
}

async function killUnderRate(bed: CrashBed, prng: Prng): Promise<string> {
  const history = createCrashHistory(bed);
  let child: Child | undefined = await bed.start({ hotRevisions: HOT_REVISIONS });
  const begun = performance.now();
  const settled: Promise<number>[] = [];
  let kills = 0;
  const killing = (async () => {
    while ((kills + 1) * RATE.killEveryMs < RATE.durationMs) {
      await Bun.sleep(Math.max(0, begun + (kills + 1) * RATE.killEveryMs - performance.now()));
      const doomed = child;
      child = undefined;
      await doomed?.kill();
      kills += 1;
      say('.');
      child = await bed.start({ hotRevisions: HOT_REVISIONS });
    }
  })();
  for (let n = 0; n < RATE.applies; n++) {
    const dueMs = (n * RATE.durationMs) / RATE.applies;
    await Bun.sleep(Math.max(0, begun + dueMs - performance.now()));
    const ask = history.next(`rate-${prng.below(RATE.teams)}`);
    const asked = performance.now();
    settled.push(
      history.settle(ask, () => child?.url, asked + SETTLE_MS).then(() => performance.now() - asked),
    );
  }
  await killing;
  const tookMs = (await Promise.all(settled)).toSorted((a, b) => a - b);
  const revisions = await verified(history);
  await child?.kill();
  const at = (share: number): string =>
    ((tookMs[Math.floor(share * (tookMs.length - 1))] ?? 0) / 1000).toFixed(1);
  return `${revisions} revisions, ${kills} kills; answered after ${at(0.5)} s (p50), ${at(0.99)} s (p99), ${at(1)} s at most`;
}

async function verified(history: ReturnType<typeof createCrashHistory>): Promise<number> {
  const revisions = await history.verify();
  const deadline = performance.now() + SETTLE_MS;
  while (history.eventFaults().length > 0) {
    if (performance.now() > deadline)
      throw new Error(`not one event each: ${history.eventFaults().slice(0, 10).join(', ')}`);
    await Bun.sleep(100);
  }
  return revisions;
}
