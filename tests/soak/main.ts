// `npm run soak`: the long runs. Fifty seeded kills on one process, then on four; `-- <seed> <rounds>` plays another history.
// `-- fuzz [<seed> [<frames>]]`: hostile frames instead.
import { clusterDeployment, embeddedDeployment } from '../deployments.ts';
import { soakFuzz } from './fuzz.ts';
import { killRounds } from './kill.ts';

const args = Bun.argv.slice(2);
if (args[0] === 'fuzz') process.exit((await soakFuzz(args.slice(1))) ? 0 : 1);

const [seedText, roundsText] = args;
const seed = Number(seedText ?? 1);
const rounds = Number(roundsText ?? 50);

for (const start of [embeddedDeployment, clusterDeployment]) {
  const deployment = await start();
  process.stdout.write(`${deployment.kind}: ${rounds} kills, seed ${seed}\n`);
  try {
    const report = await killRounds(deployment, {
      rounds,
      seed,
      onRound: () => void process.stdout.write('.'),
    });
    process.stdout.write(`\n  nothing lost: ${report.edits} edits, ${report.revisions} revisions\n`);
  } catch (error) {
    process.stdout.write(
      `\n  LOST with seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  } finally {
    await deployment.stop();
  }
}
process.exit();
