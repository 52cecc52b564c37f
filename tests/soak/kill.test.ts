// The short form of the soak: some seeded kills at every test run, so that a loss is noticed the same day.
import { expect, test } from 'bun:test';
import { embeddedDeployment } from '../deployments.ts';
import { killRounds } from './kill.ts';

const ROUNDS = 10;
const SEED = 20_260_101;

test(`${ROUNDS} seeded kills during edits and Applies lose nothing`, async () => {
  const deployment = await embeddedDeployment();
  try {
    const report = await killRounds(deployment, { rounds: ROUNDS, seed: SEED });
    expect(report.edits).toBeGreaterThan(ROUNDS);
    expect(report.revisions).toBeGreaterThan(0);
  } finally {
    await deployment.stop();
  }
}, 300_000);
