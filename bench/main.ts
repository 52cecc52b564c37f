// `npm run bench`: every figure of bench/README.md, measured on this machine, each beside its floor in the same run.
// `npm run bench -- sync` compares sync with other servers.
import { measureApply } from './apply-many.ts';
import { measurePage, PAGE_HELP } from './page/run.ts';
import { measureProduct } from './product.ts';
import { READERS_HELP, runReaders } from './readers/run.ts';
import { runSync, SYNC_HELP } from './sync/run.ts';

const HELP = `npm run bench [-- <command>]

  (none)   the product's figures, each beside its floor
  apply    Apply of 1 and of all of 10,000 pipelines: npm run bench -- apply [<pipelines>]
  page     the page in a real browser, with 200 and with 10,000 pipelines: npm run bench -- page --help
  readers  thousands of daemons that wait for a revision: npm run bench -- readers --help
  sync     sync beside other servers: npm run bench -- sync --help`;

// An interrupted run ends its servers, which hangs on `exit`.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const [command, ...args] = Bun.argv.slice(2);
try {
  if (command === undefined) await measureProduct();
  else if (command === 'apply') await measureApply(args);
  else if (command === 'page') await measurePage(args);
  else if (command === 'readers') await runReaders(args);
  else if (command === 'sync') await runSync(args);
  else if (command === '--help')
    process.stdout.write(`${HELP}\n\n${PAGE_HELP}\n\n${READERS_HELP}\n\n${SYNC_HELP}\n`);
  else throw new Error(`${command} is no command\n\n${HELP}`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
process.exit(0);
