// The long form of sync's simulation: `-- sync [<seeds> [<first seed> [<processes>]]]`. Each seed is a history of its own and
// repeats exactly. They are played in processes that end after some thousands, as memory of wasm never shrinks; a process that
// crashes or hangs costs the seed that it was at.
import { join } from 'node:path';
import type { Played } from './sync-seeds.ts';

const SEEDS = 100_000;
const PROCESSES = 1;
const SEEDS_PER_PROCESS = 2_000;
/** A seed takes some 40 ms. */
const SEED_LIMIT_MS = 60_000;
const PROGRESS_MS = 60_000;
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

type Tally = { seeds: number; played: number; failed: number[]; totals: Record<string, number> };

/** False when a rule was broken, or a process was lost. */
export async function soakSync([seedsText, firstText, processesText]: string[]): Promise<boolean> {
  const seeds = Number(seedsText ?? SEEDS);
  const first = Number(firstText ?? 1);
  const tally: Tally = { seeds, played: 0, failed: [], totals: {} };
  process.stdout.write(`simulated sync: seeds ${first} to ${first + seeds - 1}\n`);
  const begunMs = performance.now();
  const progress = setInterval(() => tell(tally, begunMs), PROGRESS_MS);
  let next = first;
  const play = async (): Promise<void> => {
    while (next < first + seeds) {
      const from = next;
      next = Math.min(from + SEEDS_PER_PROCESS, first + seeds);
      await playRange(from, next, tally);
    }
  };
  await Promise.all(Array.from({ length: Number(processesText ?? PROCESSES) }, play));
  clearInterval(progress);
  tell(tally, begunMs);
  const { failed } = tally;
  process.stdout.write(
    failed.length === 0 ? '  every rule held\n' : `  broke a rule: ${failed.join(', ')}\n`,
  );
  return failed.length === 0;
}

async function playRange(from: number, end: number, tally: Tally): Promise<void> {
  let seed = from;
  while (seed < end) {
    const lost = await playInProcess(seed, end, (played) => {
      seed = played.seed + 1;
      tally.played += 1;
      if (played.broken !== undefined) fail(tally, played.seed, played.broken);
      for (const [name, count] of Object.entries(played.report ?? {}))
        tally.totals[name] = (tally.totals[name] ?? 0) + count;
    });
    if (lost === undefined || seed >= end) continue;
    tally.played += 1;
    fail(tally, seed, lost);
    seed += 1;
  }
}

/** Answers what became of the process, when it did not end by itself. */
async function playInProcess(
  from: number,
  end: number,
  onPlayed: (played: Played) => void,
): Promise<string | undefined> {
  let hung = false;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'sync-seeds.ts'), `${from}`, `${end}`], {
    stdout: 'inherit',
    stderr: 'inherit',
    ipc: (played: Played) => {
      watch.refresh();
      onPlayed(played);
    },
  });
  const watch = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, SEED_LIMIT_MS);
  await child.exited;
  clearTimeout(watch);
  if (hung) return `the process gave no sign for ${SEED_LIMIT_MS / 1_000} s`;
  if (child.signalCode !== null) return `the process ended by ${child.signalCode}`;
  return child.exitCode === 0 ? undefined : `the process ended with ${child.exitCode}`;
}

function fail({ failed }: Tally, seed: number, reason: string): void {
  failed.push(seed);
  process.stdout.write(`\n  WRONG with seed ${seed}: ${reason}\n`);
  process.stdout.write(`    SIM_SEED=${seed} npx bun test services/sync/tests/sync.sim.test.ts\n`);
}

/** An opening of a document in the log is a new epoch. */
function tell({ seeds, played, failed, totals }: Tally, begunMs: number): void {
  const counts = TOLD.map((name) => `${totals[name] ?? 0} ${name === 'opens' ? 'epochs' : name}`);
  const perSecond = played / ((performance.now() - begunMs) / 1_000);
  const minutes = Math.ceil((seeds - played) / Math.max(perSecond, 0.01) / 60);
  process.stdout.write(
    `  ${played} seeds, ${failed.length} wrong, ${perSecond.toFixed(1)} a second, ${minutes} min to go: ${counts.join(', ')}\n`,
  );
}
