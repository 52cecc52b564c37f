// All of sync's core played from one seed: clients, sockets, processes, threads and a disk, each of which goes on, lags, fails
// or dies when the seed says so. Nothing waits for real time. What must hold is checked while it runs and when it has settled.
import { createPrng } from '@hakiri/base/prng';
import { checkSettled } from './simulated-end.ts';
import { createDocuments, SimulatedRequests } from './simulated-requests.ts';
import { step } from './simulated-steps.ts';
import { SimulatedWorld } from './simulated-world.ts';

export type SimulationOptions = { seed: number; steps?: number };

const STEPS = 300;

/** What happened, how often. @throws Violation when a rule is broken */
export async function simulate({ seed, steps = STEPS }: SimulationOptions): Promise<Record<string, number>> {
  const world = new SimulatedWorld(seed, createPrng(seed));
  const requests = new SimulatedRequests(world);
  try {
    await begin(world);
    for (let count = 0; count < steps; count++) await step(world, requests);
    await world.settle();
    await checkSettled(world);
    return world.report();
  } finally {
    for (const process of world.processes) process.die();
    for (const { doc } of world.clients) doc.free();
  }
}

async function begin(world: SimulatedWorld): Promise<void> {
  world.start();
  let isReady = false;
  createDocuments(world.now.documents).then(
    () => {
      isReady = true;
    },
    (error) => {
      world.broken = error;
    },
  );
  await world.drive(() => isReady);
  for (const client of world.clients) world.connect(client);
}
