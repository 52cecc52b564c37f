// `npm run soak`: the long runs. Fifty seeded kills on one process, then on four; `-- <seed> <rounds>` plays another history.
// `-- fuzz`: hostile frames instead. `-- sync`: sync's simulation. `-- apply`: apply alone, killed. `-- --help` says what follows them.
import { clusterDeployment, embeddedDeployment } from '../deployments.ts';
import { soakApply } from './apply.ts';
import { soakApplyOracle } from './apply-oracle.ts';
import { refusalOf } from './arguments.ts';
import { soakFuzz } from './fuzz.ts';
import { killRounds } from './kill.ts';
import { soakOracle } from './oracle.ts';
import { soakSync } from './sync.ts';

const HELP = `npm run soak                                  fifty seeded kills on one process, then on four
npm run soak -- <seed> <rounds>               another history of kills
npm run soak -- fuzz [<seed> [<frames>]]      hostile frames, 100,000 of them
npm run soak -- apply [<seed> [<kills>]]      apply alone, in one process and then over NATS, S3 and sqld where those are
                                              installed: killed 200 times at random, then every 5 s under 500 Applies a minute;
                                              with one kill at random three minutes, with 200 some ten
npm run soak -- apply-oracle [<histories> [<first seed>]]
                                              partial Applies of two documents beside a simple model, 10,000 random histories:
                                              a minute or two
npm run soak -- oracle [<histories> [<first seed>]]
                                              partial Applies, minor revisions, pending changes, discards, reverts and restarts
                                              beside a simple model, 10,000 random histories: five to
                                              ten minutes, and longer beside other work
npm run soak -- sync [<seeds> [<first seed> [<processes>]]]
                                              sync's simulation, 100,000 seeds, in one process
`;

const args = Bun.argv.slice(2);
if (args[0] === '--help') {
  process.stdout.write(HELP);
  process.exit(0);
}
const [command, ...rest] = args;
const isKnown = ['sync', 'fuzz', 'apply', 'apply-oracle', 'oracle'].includes(command ?? '');
const refusal = refusalOf(isKnown ? rest : args, command === 'sync' ? 3 : 2);
if (refusal !== undefined) {
  process.stderr.write(`${refusal}\n\n${HELP}`);
  process.exit(2);
}
if (command === 'sync') process.exit((await soakSync(rest)) ? 0 : 1);
if (command === 'apply') process.exit((await soakApply(rest)) ? 0 : 1);
if (command === 'apply-oracle') process.exit(soakApplyOracle(rest) ? 0 : 1);
if (command === 'oracle') process.exit((await soakOracle(rest)) ? 0 : 1);
if (command === 'fuzz') process.exit((await soakFuzz(rest)) ? 0 : 1);

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
