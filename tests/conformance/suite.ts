// The conformance suite: what hakiri-control promises, asked of a deployment over its public address alone. In order: later
// parts look at what earlier ones left behind, as people do.
import { afterAll, beforeAll, describe } from 'bun:test';
import { present } from '@hakiri/base/assert';
import type { Deployment } from '../deployments.ts';
import type { Stores } from '../stores.ts';
import { applying } from './applying.ts';
import { editing } from './editing.ts';
import { guarding } from './guarding.ts';
import { running } from './running.ts';
import { stores } from './stores.ts';
import { surviving } from './surviving.ts';
import { createWorld } from './world.ts';

const START_TIMEOUT_MS = 180_000;

export function conformance(
  name: string,
  start: () => Promise<Deployment>,
  options: { processes: boolean; stores?: () => Stores },
): void {
  describe(`conformance: ${name}`, () => {
    let deployment: Deployment | undefined;
    beforeAll(async () => {
      deployment = await start();
    }, START_TIMEOUT_MS);
    afterAll(async () => {
      await deployment?.stop();
    }, START_TIMEOUT_MS);
    const world = createWorld(() => present(deployment, 'beforeAll starts it'));
    describe('editing', () => editing(world));
    describe('applying', () => applying(world));
    describe('running', () => running(world));
    describe('guarding', () => guarding(world));
    describe('surviving', () => surviving(world, options));
    if (options.stores !== undefined) {
      const there = options.stores;
      describe('stores', () => stores(world, there));
    }
  });
}
