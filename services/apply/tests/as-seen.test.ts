// An import of exactly what its dry run told, over real HTTP and the real bus.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { ImportResult } from '@hakiri/contracts/apply';
import { type Bed, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

const FILE = `
[[pipeline]]
id = "p-1"
source = { kind = "csv", ref = "p-1.csv" }
destination = { table = "raw.p1" }
schedule = { kind = "every", expr = "15m" }

[[pipeline]]
id = "orders"
source = { kind = "csv", ref = "orders.csv" }
destination = { table = "raw.orders" }
schedule = { kind = "every", expr = "1h" }
`;
let bed: Bed;
let running: Running;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
});
afterEach(() => bed.close());

async function importFile(
  query: string,
): Promise<{ status: number; body: ImportResult & { code?: string } }> {
  const response = await fetch(`${running.url}/v1/manifest/import?${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bed.token('editor')}`, 'content-type': 'application/toml' },
    body: FILE,
  });
  return { status: response.status, body: await response.json() };
}
const look = async (): Promise<string> =>
  encodeURIComponent((await importFile('dryRun=true')).body.digest ?? '');

test('[AP13.39] an import of what was looked at is refused when it would change something else by now', async () => {
  bed.peer.edit({ pipelines: [pipeline(1), pipeline(2)], variables: [] });
  const seen = await look();
  // Keys of what is new are other ones each time.
  expect(await look()).toBe(seen);
  const edited = pipeline(1, { name: 'edited' });
  bed.peer.edit({ pipelines: [edited, pipeline(2)], variables: [] });
  const refused = await importFile(`digest=${seen}`);
  expect([refused.status, refused.body.code]).toEqual([409, 'document_moved']);
  expect(bed.peer.current().pipelines.map(({ id }) => id)).toEqual(['p-1', 'p-2']);
  const again = await look();
  bed.peer.edit({ pipelines: [edited, pipeline(2, { name: 'beside' })], variables: [] });
  const done = await importFile(`digest=${again}`);
  expect([done.status, done.body.created, done.body.digest]).toEqual([200, ['orders'], undefined]);
  // Who heard no answer asks again, and nothing is left to write.
  expect((await importFile(`digest=${again}`)).status).toBe(200);
});
