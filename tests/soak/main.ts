// `npm run soak`: the long runs. Fifty seeded kills on one process, then on four; `-- <seed> <rounds>` plays another history.
import { clusterDeployment, embeddedDeployment } from '../deployments.ts';
import { killRounds } from './kill.ts';

const [seedText, roundsText] = Bun.argv.slice(2);
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
