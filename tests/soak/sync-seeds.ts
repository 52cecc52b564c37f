// Plays the seeds from the first argument up to the second, and tells the process that started it about each.
import { simulate } from '@hakiri/sync/testing/simulated-sync';

/** `broken`: which rule. */
export type Played = { seed: number; report?: Record<string, number>; broken?: string };

const [from, end] = Bun.argv.slice(2).map(Number);

// Nobody listens any more.
process.on('disconnect', () => process.exit());
for (let seed = from ?? 0; seed < (end ?? 0); seed++) tell(await play(seed));
process.disconnect?.();

async function play(seed: number): Promise<Played> {
  try {
    return { seed, report: await simulate({ seed }) };
  } catch (error) {
    return { seed, broken: error instanceof Error ? error.message : String(error) };
  }
}

function tell(played: Played): void {
  process.send?.(played);
}
