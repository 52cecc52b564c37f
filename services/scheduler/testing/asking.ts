// For tests: what they ask of a scheduler again and again.
import { ApiProblem } from '@hakiri/client/errors';
import type { PipelineConfig } from '@hakiri/contracts/config';
import type { Problem } from '@hakiri/contracts/problem';
import type { Claim, ClaimBody } from '@hakiri/contracts/scheduler';
import { until } from '@hakiri/testing/until';
import type { World } from './world.ts';

/** What a node offers that takes any run of the default pool. */
export const OFFER: ClaimBody = { node: 'n1', pools: ['default'], labels: [], waitS: 0, restarted: false };

/** Published, adopted, and in force. */
export function applied(world: World, number: number, ...pipelines: PipelineConfig[]) {
  const viewer = world.as('viewer');
  return world.publish(number, { pipelines }).then(() =>
    until(async () => {
      const { schedules } = await viewer.schedules();
      return schedules.length === pipelines.length && schedules;
    }),
  );
}

/** The run that a node of that name is given; its token is its own. */
export async function claimed(world: World, node = 'n1'): Promise<Claim> {
  const claim = await world.as('node', node).node.claim({ ...OFFER, node });
  if (claim === undefined) throw new Error('there was no run to claim');
  return claim;
}

export async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (error instanceof ApiProblem) return error.problem;
  throw new Error(`it was not refused: ${error}`);
}
