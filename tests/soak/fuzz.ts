// The long form of the fuzz: 100,000 hostile frames on one process; `-- fuzz <seed> <frames>` plays another history.
import { embeddedDeployment } from '../deployments.ts';
import { type FuzzReport, fuzzFrames } from '../fuzz/frames.ts';

const FRAMES = 100_000;
/** A soak is often the machine's last concern. */
const PATIENCE_MS = 120_000;
/** Of the lowest in the last quarter over the lowest in the second: in between memory goes up and down with the workers that end. */
const GROWTH_LIMIT_MB = 100;

/** False when something was answered wrongly, others noticed, or memory grew. */
export async function soakFuzz([seedText, framesText]: string[]): Promise<boolean> {
  const seed = Number(seedText ?? 1);
  const frames = Number(framesText ?? FRAMES);
  const deployment = await embeddedDeployment({ logLevel: 'silent' });
  process.stdout.write(`${deployment.kind}: ${frames} hostile frames, seed ${seed}\n`);
  const begunMs = performance.now();
  try {
    const report = await fuzzFrames(deployment, {
      frames,
      seed,
      patienceMs: PATIENCE_MS,
      onProgress: (done, residentMb) => {
        const perSecond = done / ((performance.now() - begunMs) / 1_000);
        const minutes = Math.ceil((frames - done) / perSecond / 60);
        process.stdout.write(
          `  ${done} frames, ${residentMb.toFixed(0)} MB, ${perSecond.toFixed(0)} a second, ${minutes} min to go\n`,
        );
      },
    });
    process.stdout.write(`\n${told(report)}\n`);
    const { early, late } = lowest(report.residentMb);
    return late - early <= GROWTH_LIMIT_MB;
  } catch (error) {
    process.stdout.write(
      `\n  WRONG with seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return false;
  } finally {
    await deployment.stop();
  }
}

function lowest(residentMb: readonly number[]): { early: number; late: number } {
  const quarter = (residentMb.length - 1) / 4;
  return {
    early: Math.min(...residentMb.slice(quarter, quarter * 2 + 1)),
    late: Math.min(...residentMb.slice(quarter * 3)),
  };
}

function told({ endings, edits, longestMs, residentMb, targets }: FuzzReport): string {
  const lines = [...endings].sort().map(([kind, counts]) => {
    const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([how, count]) => `${count} × ${how}`);
    return `  ${kind.padEnd(20)} ${parts.join(', ')}`;
  });
  const { early, late } = lowest(residentMb);
  return [
    ...lines,
    `  ${targets.users} users in ${targets.documents} documents`,
    `  elsewhere: ${edits} edits, the longest took ${longestMs.toFixed(0)} ms`,
    `  memory, lowest: ${early.toFixed(0)} → ${late.toFixed(0)} MB (limit: ${GROWTH_LIMIT_MB} more)`,
  ].join('\n');
}
