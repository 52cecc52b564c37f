// Schedulers and nodes die at random instants of a simulated month; afterwards every due tick must be in the ledger exactly
// once, and what was acknowledged must be there exactly once. A failure prints its seed: add it to SEEDS.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Claim } from '@hakiri/contracts/scheduler';
import { nextTicks } from '@hakiri/manifest/schedule';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { seededRandom } from '@hakiri/testing/seeded-random';
import { createSimulatedClock, type SimulatedClock } from '@hakiri/testing/simulated-clock';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { Killed, LEASE_MS, type Process, type Shared, startProcess } from './testing/processes.ts';
import { keyOf, pipeline, publish, TEAM } from './testing/world.ts';

const SEEDS = [1, 2];
const ROUNDS = 250;
const PIPELINES = 4;
const STEPS = 3;
const EXPRESSIONS = ['20s', '1m', '15m', '1h'] as const;
const TRACE = '00-0-0-00';

type Model = {
  /** For each pipeline: which schedule was in force from when on; null while it had none. */
  inForce: { fromMs: number; exprs: (string | null)[] }[];
  /** By run: the newest fence given out, and the steps that were acknowledged. */
  fences: Map<string, number>;
  steps: Map<string, Set<number>>;
  /** How often what this is about happened at all. */
  seen: { deaths: number; takeovers: number; refusals: number };
};

/** A node that may die, or oversleep its lease and wake as a ghost with an old claim. */
type SimNode = { name: string; claims: Claim[] };

async function work(node: SimNode, process: Process, model: Model, prng: Prng): Promise<void> {
  const worker = { team: TEAM, owner: node.name, traceparent: TRACE };
  const poll = { signal: new AbortController().signal, stillAllowed: async () => {} };
  if (node.claims.length < 3) {
    const offer = {
      node: node.name,
      pools: ['default'],
      labels: [],
      waitS: 0,
      restarted: prng.below(20) === 0,
    };
    const claim = await process.claims.claim(worker, offer, poll);
    if (claim) {
      const acknowledged = model.steps.get(claim.run.id) ?? new Set();
      expect(claim.fence).toBeGreaterThan(model.fences.get(claim.run.id) ?? 0);
      if (acknowledged.size > 0) model.seen.takeovers += 1;
      for (const index of acknowledged) expect(claim.steps[index]?.index).toBe(index);
      model.fences.set(claim.run.id, claim.fence);
      node.claims.push(claim);
    }
  }
  for (const claim of [...node.claims]) {
    const { id } = claim.run;
    const isStale = (model.fences.get(id) ?? 0) > claim.fence;
    const done = claim.steps.length;
    try {
      if (done >= STEPS)
        await process.claims.finish(worker, id, { fence: claim.fence, outcome: 'succeeded' });
      else
        await process.claims.step(worker, id, {
          fence: claim.fence,
          index: done,
          name: `s${done}`,
          result: null,
        });
      // Had another claim been given out, this must have been refused.
      expect(isStale).toBe(false);
      if (done >= STEPS) node.claims.splice(node.claims.indexOf(claim), 1);
      else {
        const steps = model.steps.get(id) ?? new Set();
        expect(steps.has(done)).toBe(false);
        model.steps.set(id, steps.add(done));
        claim.steps.push({ index: done, name: '', fence: claim.fence, finishedAt: '', result: null });
      }
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      model.seen.refusals += 1;
      expect(['stale_claim', 'conflict']).toContain(error.problem.code);
      node.claims.splice(node.claims.indexOf(claim), 1);
    }
  }
}

async function simulate(seed: number): Promise<void> {
  const directory = await makeTempDirectory();
  const prng = createPrng(seed);
  const clock = createSimulatedClock();
  const substrate = await openEmbedded(directory.path, { clock });
  const random = seededRandom(seed);
  const messaging = createMessaging({ ...substrate, random, logger: silentLogger });
  const shared: Shared = {
    ...substrate,
    url: `file:${join(directory.path, 'scheduler.db')}`,
    migrations: join(import.meta.dir, 'migrations'),
    random,
    prng,
  };
  let calm = true;
  let started = 0;
  const start = () => startProcess(`s${started++}`, shared, () => !calm && prng.below(60) === 0);
  const processes: Process[] = [await start(), await start()];
  const nodes: SimNode[] = ['n1', 'n2', 'n3'].map((name) => ({ name, claims: [] }));
  const model: Model = {
    inForce: [],
    fences: new Map(),
    steps: new Map(),
    seen: { deaths: 0, takeovers: 0, refusals: 0 },
  };
  const buried = new Set<Process>();
  let revision = 0;

  async function apply(process: Process): Promise<void> {
    const exprs = Array.from({ length: PIPELINES }, (_, n) =>
      n === 0 ? '30s' : prng.below(5) === 0 ? null : prng.pick(EXPRESSIONS),
    );
    const pipelines = exprs.map((expr, n) =>
      pipeline(n, { enabled: expr !== null, schedule: { kind: 'every', expr: expr ?? '1m' } }),
    );
    revision += 1;
    const published = await publish(substrate, messaging, revision, { pipelines }, false);
    while ((await alive(process).adopt(TEAM, published)).kind !== 'ack');
    model.inForce.push({ fromMs: clock.now(), exprs });
  }
  const alive = (wanted: Process): Process =>
    wanted.isDead() ? (processes.find((p) => !p.isDead()) ?? wanted) : wanted;

  async function survive(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    for (const [index, process] of processes.entries())
      if (process.isDead()) {
        if (!buried.has(process)) model.seen.deaths += 1;
        buried.add(process);
        await process.close();
        if (calm || prng.below(3) === 0) processes[index] = await start();
      }
  }

  await apply(processes[0] as Process);
  calm = false;
  for (let round = 0; round < ROUNDS; round += 1) {
    await survive(async () => {
      const process = prng.pick(processes);
      const fate = prng.below(30);
      if (fate === 0) process.kill();
      else if (fate === 1) for (const one of processes) one.kill();
      else if (fate === 2) prng.pick(nodes).claims = [];
      else if (!process.isDead())
        for (const node of nodes) if (prng.below(3) > 0) await work(node, process, model, prng);
    });
    const isLong = processes.every((one) => one.isDead()) ? prng.below(2) === 0 : prng.below(30) === 0;
    const lastsMs = prng.below(isLong ? 20 * LEASE_MS : 4_000);
    await clock.advance(lastsMs);
    if (prng.below(15) === 0 && processes.some((p) => !p.isDead())) {
      calm = true;
      await apply(alive(processes[0] as Process));
      calm = false;
    }
  }
  calm = true;
  await survive(async () => {});
  await clock.advance(LEASE_MS);
  await verify(processes.find((p) => !p.isDead()) as Process, model, clock);
  for (const process of processes) await process.close();
  await substrate.close();
  await directory.remove();
}

async function verify(process: Process, model: Model, clock: SimulatedClock): Promise<void> {
  const nowMs = clock.now();
  const decisions = new Set<string>();
  for (let n = 0; n < PIPELINES; n += 1) {
    const rows = (await process.schedules.ledger(TEAM, { pipeline: keyOf(n) }, 1_000_000)).toSorted(
      (a, b) => a.dueAtMs - b.dueAtMs,
    );
    const due = model.inForce.flatMap(({ fromMs, exprs }, index) => {
      const expr = exprs[n];
      const untilMs = model.inForce[index + 1]?.fromMs ?? nowMs;
      return expr ? ticksBetween(expr, fromMs, untilMs) : [];
    });
    // The rows, each with the ticks it stands for, are exactly the ticks that were due.
    let at = 0;
    for (const row of rows) {
      expect([row.decision, row.dueAtMs]).toEqual([row.decision, due[at] ?? 0]);
      at += row.count;
      decisions.add(row.decision);
    }
    expect(at).toBe(due.length);
    const runs = await process.store.list(TEAM, { pipeline: keyOf(n) }, 1_000_000);
    const named = rows.flatMap((row) => (row.run === null ? [] : [row.run]));
    expect(named.toSorted()).toEqual(runs.map((run) => run.id).toSorted());
    expect(new Set(named).size).toBe(named.length);
  }
  // All of it has happened, or this has shown nothing.
  expect([...decisions].sort()).toEqual(['dropped', 'fired', 'late', 'skipped']);
  for (const [what, times] of Object.entries(model.seen)) expect([what, times > 0]).toEqual([what, true]);
}

function ticksBetween(expr: string, fromMs: number, untilMs: number): number[] {
  const ticks: number[] = [];
  for (let at = fromMs; ; ) {
    const chunk = nextTicks({ kind: 'every', expr }, at, 500).filter((tick) => tick <= untilMs);
    ticks.push(...chunk);
    if (chunk.length < 500) return ticks;
    at = chunk.at(-1) ?? untilMs;
  }
}

for (const seed of SEEDS)
  test(
    `[SC2.1] [SC2.6] [SC3.1] [SC5.3] nothing is lost or done twice, whoever dies and whenever (seed ${seed})`,
    () => simulate(seed),
    30_000,
  );
