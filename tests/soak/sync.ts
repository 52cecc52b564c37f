// The long form of sync's simulation: `-- sync [<seeds> [<first seed>]]`. Each seed is a history of its own and repeats exactly.
import { simulate } from '@hakiri/sync/testing/simulated-sync';

const SEEDS = 100_000;
const PROGRESS_SEEDS = 1_000;
/** More than these are not needed to know that something is wrong. */
const FAILURES_LIMIT = 20;
const TOLD = [
  'steps',
  'crashes',
  'opens',
  'fenced',
  'traps',
  'hangs',
  'deaths',
  'failures',
  'compactions',
  'sleeps',
];

/** False when a rule was broken. */
export async function soakSync([seedsText, firstText]: string[]): Promise<boolean> {
  const seeds = Number(seedsText ?? SEEDS);
  const first = Number(firstText ?? 1);
  const totals: Record<string, number> = {};
  let failures = 0;
  process.stdout.write(`simulated sync: seeds ${first} to ${first + seeds - 1}\n`);
  for (let seed = first; seed < first + seeds && failures < FAILURES_LIMIT; seed++) {
    try {
      const report = await simulate({ seed });
      for (const [name, count] of Object.entries(report)) totals[name] = (totals[name] ?? 0) + count;
    } catch (error) {
      failures += 1;
      const reason = error instanceof Error ? error.message : String(error);
      process.stdout.write(`\n  WRONG with seed ${seed}: ${reason}\n`);
      process.stdout.write(`    SIM_SEED=${seed} npx bun test services/sync/sync.sim.test.ts\n`);
    }
    const played = seed - first + 1;
    if (played % PROGRESS_SEEDS === 0 || played === seeds)
      process.stdout.write(`  ${told(played, totals)}\n`);
  }
  process.stdout.write(failures === 0 ? '  every rule held\n' : `  ${failures} seeds broke a rule\n`);
  return failures === 0;
}

/** An opening of a document in the log is a new epoch. */
function told(played: number, totals: Record<string, number>): string {
  const counts = TOLD.map((name) => `${totals[name] ?? 0} ${name === 'opens' ? 'epochs' : name}`);
  return `${played} seeds: ${counts.join(', ')}`;
}
