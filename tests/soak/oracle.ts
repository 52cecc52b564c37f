// The long form of the oracle: `-- oracle [<histories> [<first seed>]]`. Each seed is a history of its own and repeats exactly.
import { playOracle } from '../oracle/play.ts';
import { openOracleStage } from '../oracle/world.ts';

const HISTORIES = 10_000;
const TOLD_EVERY = 500;

/** False when the two disagreed. */
export async function soakOracle([countText, firstText]: string[]): Promise<boolean> {
  const count = Number(countText ?? HISTORIES);
  const first = Number(firstText ?? 1);
  const total: Record<string, number> = {};
  const begunMs = performance.now();
  const stage = await openOracleStage();
  process.stdout.write(`Apply and its model: seeds ${first} to ${first + count - 1}\n`);
  for (let seed = first; seed < first + count; seed++) {
    try {
      const tally = await playOracle(stage.world(`seed-${seed}`), seed);
      for (const [what, times] of Object.entries(tally)) total[what] = (total[what] ?? 0) + times;
    } catch (error) {
      process.stdout.write(`DISAGREE: ${error instanceof Error ? error.message : String(error)}\n`);
      return false;
    }
    const played = seed - first + 1;
    if (played % TOLD_EVERY === 0 || played === count) {
      const rate = (played / (performance.now() - begunMs)) * 1000;
      const counts = Object.entries(total).map(([what, times]) => `${times} ${what}`);
      process.stdout.write(`${played} histories, ${rate.toFixed(0)} a second: ${counts.join(', ')}\n`);
    }
  }
  await stage.close();
  process.stdout.write('they agree\n');
  return true;
}
