// `npm run demo`: the whole story on a data directory of its own, each step checked. `-- --cluster` plays it on four processes.
import { clusterDeployment, embeddedDeployment } from '../deployments.ts';
import { editTogether } from './edit-together.ts';
import { goLive } from './go-live.ts';
import { createStage } from './stage.ts';
import { surviveCrash } from './survive-crash.ts';

const HELP = `npm run demo [-- --cluster]: edit together, apply, publish, fire, crash, go on; each step checked

  --cluster   four processes over nats-server instead of one process`;
/** The local node rests before each step, so that the crash finds a run in the middle. */
const STEP_DELAY_MS = 400;

const args = Bun.argv.slice(2);
if (args.includes('--help')) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const stage = createStage((line) => process.stdout.write(`${line}\n`));
const start = args.includes('--cluster') ? clusterDeployment : embeddedDeployment;
const deployment = await start({ stepDelayMs: STEP_DELAY_MS });
try {
  const { url, data } = deployment.ready();
  stage.act(`hakiri-control (${deployment.kind}) at ${url}, data in ${data}`);
  const cast = await editTogether(stage, deployment);
  await goLive(stage, deployment, cast);
  await surviveCrash(stage, deployment, cast);
  stage.end();
} catch (error) {
  process.stdout.write(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await deployment.stop();
}
process.exit();
