// The embedded deployment as `npm start` runs it, with room for as many documents in one team as the bench opens.
import { startEmbedded } from '@hakiri/embedded/embedded';
import { readOptions } from '@hakiri/launch/options';
import { endWithProcess } from '@hakiri/service/lifecycle';
import { DEFAULTS } from '@hakiri/sync/config';

const DOCUMENTS = 4_000;

const options = readOptions(Bun.argv.slice(2), {});
if (options === undefined) process.exit(2);
const sync = { ...DEFAULTS, documents: DOCUMENTS, documentsPerTeam: DOCUMENTS };
const embedded = await startEmbedded({ ...options, sync });
endWithProcess(embedded, embedded.logger);
const { logger: _, stop: __, ...ready } = embedded;
process.stdout.write(`${JSON.stringify(ready)}\n`);
