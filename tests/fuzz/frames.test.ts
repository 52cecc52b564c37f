// The short form of the fuzz: a few thousand hostile frames at every test run.
import { expect, test } from 'bun:test';
import { embeddedDeployment } from '../deployments.ts';
import { fuzzFrames } from './frames.ts';

const FRAMES = 3_000;
const PATIENCE_MS = 15_000;
const SEED = 20_260_101;
/** Whether it still grows is what the long form asks. */
const RESIDENT_LIMIT_MB = 800;

test(`${FRAMES} hostile frames, seed ${SEED}: a right refusal or a closed socket each, and people elsewhere do not notice`, async () => {
  const deployment = await embeddedDeployment({ logLevel: 'silent' });
  try {
    const { endings, edits, residentMb } = await fuzzFrames(deployment, {
      frames: FRAMES,
      seed: SEED,
      patienceMs: PATIENCE_MS,
    });
    expect(edits).toBeGreaterThan(10);
    expect(endings.size).toBeGreaterThan(15);
    expect(Math.max(...residentMb)).toBeLessThan(RESIDENT_LIMIT_MB);
  } finally {
    await deployment.stop();
  }
}, 300_000);
