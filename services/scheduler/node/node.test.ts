import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipelineConfig } from '@hakiri/contracts/config';
import type { RunDetail } from '@hakiri/contracts/scheduler';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { openWorld, pipeline, tokenFor, type World } from '../testing/world.ts';
import { createNode, type Node, type NodeOptions } from './node.ts';

const ORDERS = pipeline(1, {
  source: { kind: 'csv-file', ref: '${FILE}' },
  destination: { table: 'orders', partition_by: 'country' },
  transforms: [
    { key: `${'0'.repeat(25)}1`, kind: 'filter', body: 'amount >= ${LEAST}', inputs: [] },
    { key: `${'0'.repeat(25)}2`, kind: 'select', body: '', inputs: ['id', 'country'] },
  ],
});
const VARIABLES = [
  { key: `${'0'.repeat(25)}3`, name: 'FILE', value: 'orders.csv', comment: '' },
  { key: `${'0'.repeat(25)}4`, name: 'LEAST', value: '50', comment: '' },
];

let directory: TempDirectory;
let world: World;
let options: NodeOptions;
let nodes: Node[] = [];
beforeEach(async () => {
  directory = await makeTempDirectory();
  world = await openWorld(join(directory.path, 'scheduler'));
  options = {
    url: world.url,
    token: tokenFor('node', 'n1'),
    name: 'n1',
    pools: ['default'],
    labels: [],
    dataRoot: join(directory.path, 'files'),
    outputRoot: join(directory.path, 'tables'),
  };
  await mkdir(options.dataRoot);
  await writeFile(join(options.dataRoot, 'orders.csv'), 'id,country,amount\n1,nl,12.5\n2,de,80\n3,nl,99\n');
});
afterEach(async () => {
  for (const node of nodes) await node.stop();
  nodes = [];
  await world.stop();
  await directory.remove();
});

async function startNode(changes: Partial<NodeOptions> = {}): Promise<Node> {
  const node = createNode({ ...options, ...changes });
  nodes.push(node);
  await node.start();
  return node;
}
async function begin(...pipelines: PipelineConfig[]): Promise<string> {
  await world.publish(1, { pipelines, variables: VARIABLES });
  const viewer = world.as('viewer');
  await until(async () => (await viewer.schedules()).schedules.length === pipelines.length);
  return (await world.as('applier').start('p1')).id;
}
const show = (id: string): Promise<RunDetail> => world.as('viewer').show(id);
async function ended(id: string): Promise<RunDetail> {
  const viewer = world.as('viewer');
  return until(
    async () => {
      const run = await viewer.show(id);
      return ['succeeded', 'failed', 'cancelled'].includes(run.state) && run;
    },
    { what: 'the end of the run' },
  );
}
/** The tables, apart from what steps hand to each other. */
const output = async () => {
  const all = await readdir(options.outputRoot, { recursive: true });
  return all.filter((name) => name.endsWith('.ndjson') && !name.startsWith('.work')).sort();
};
/** A node forgets a run's rows once the scheduler has its end, and so a little after others see that end. */
const workIsEmpty = () =>
  until(async () => (await readdir(join(options.outputRoot, '.work'))).length === 0, {
    what: 'an empty work directory',
  });

test('[SC8.1] a node carries a run out: rows move from a CSV file to lines of JSON', async () => {
  await startNode();
  const id = await begin(ORDERS);
  const run = await ended(id);
  expect(run).toMatchObject({ state: 'succeeded', node: 'n1' });
  expect(run.steps.map(({ name, result }) => [name, (result as { rows: number }).rows])).toEqual([
    ['extract', 3],
    ['filter', 2],
    ['select', 2],
    ['load', 2],
  ]);
  expect(await output()).toEqual([`orders/country=de/${id}.ndjson`, `orders/country=nl/${id}.ndjson`]);
  expect(await readFile(join(options.outputRoot, `orders/country=nl/${id}.ndjson`), 'utf8')).toBe(
    '{"id":3,"country":"nl"}\n',
  );
  await workIsEmpty();
});

test('[SC8.9, SC8.10] a run says what it reads, how many rows each step left and how it ended, without the values of its variables', async () => {
  await startNode();
  const id = await begin(ORDERS);
  await ended(id);
  const { lines } = await world.as('viewer').logs(id);
  expect(lines.map(({ step, text }) => [step, text.replace(/, after [\d.]+ m?s/, '')])).toEqual([
    [undefined, 'Attempt 1 on n1, as applied in v1.'],
    ['1. extract', 'Reads csv-file ${FILE}'],
    ['1. extract', '3 rows (110 bytes).'],
    ['2. filter', 'Keeps the rows for which amount >= 50'],
    ['2. filter', '2 of 3 rows (72 bytes).'],
    ['3. select', 'Keeps the columns id, country'],
    ['3. select', '2 rows (48 bytes).'],
    ['4. load', 'Writes table orders, partitioned by country'],
    ['4. load', '2 rows in 2 files.'],
    [undefined, 'Every step has finished.'],
  ]);
});

test('[SC8.9, SC8.10] a run that fails says why as an error, and neither its log nor its reason tells a value', async () => {
  await startNode();
  await rm(join(options.dataRoot, 'orders.csv'));
  const id = await begin(ORDERS);
  expect((await ended(id)).error).toBe('step 1 (extract): There is no file ${FILE} on this node.');
  expect((await world.as('viewer').logs(id)).lines.at(-1)).toMatchObject({
    ...{ level: 'error', step: '1. extract', text: 'There is no file ${FILE} on this node.' },
  });
});

test('[SC8.4] a step that cannot be carried out fails the run and says which and why', async () => {
  await startNode();
  const id = await begin(pipeline(1, { source: { kind: 'csv-file', ref: 'missing.csv' } }));
  expect(await ended(id)).toMatchObject({
    state: 'failed',
    error: 'step 1 (extract): There is no file missing.csv on this node.',
    steps: [],
  });
});

test('[SC8.6] a cancelled run stops in the middle', async () => {
  await world.stop();
  world = await openWorld(join(directory.path, 'scheduler'), { config: { leaseMs: 300 } });
  await startNode({ url: world.url, stepDelayMs: 60_000 });
  const id = await begin(ORDERS);
  await until(async () => (await show(id)).steps.length === 1);
  await world.as('applier').cancel(id);
  expect(await ended(id)).toMatchObject({ state: 'cancelled', steps: [{ name: 'extract' }] });
  await workIsEmpty();
  expect(await output()).toEqual([]);
});

test('[SC5.2] when a node is gone for good, another that shares its files carries the run to its end', async () => {
  await world.stop();
  world = await openWorld(join(directory.path, 'scheduler'), { config: { leaseMs: 400 } });
  const lost = await startNode({ url: world.url, stepDelayMs: 60_000 });
  const id = await begin(ORDERS);
  await until(async () => (await show(id)).steps.length === 1);
  const [extracted] = (await show(id)).steps;
  await lost.stop();
  await startNode({ url: world.url, name: 'n2', token: tokenFor('node', 'n2') });
  const run = await ended(id);
  expect(run).toMatchObject({ state: 'succeeded', node: 'n2' });
  expect(run.steps[0]).toEqual(extracted as never);
  const { lines } = await world.as('viewer').logs(id);
  expect(lines.find(({ fence }) => fence === 2)?.text).toBe(
    'Attempt 2 on n2, as applied in v1. It goes on behind step 1. extract.',
  );
});

test('[SC3.1] a run whose rows are on another node fails with what to do', async () => {
  const lost = await startNode({ stepDelayMs: 60_000 });
  const id = await begin(ORDERS);
  await until(async () => (await show(id)).steps.length === 1);
  await lost.stop();
  await startNode({ workRoot: join(directory.path, 'elsewhere') });
  const run = await ended(id);
  expect(run.state).toBe('failed');
  expect(run.error).toContain('on another node');
});

test('[SC8.7] a node carries out no more runs at a time than it is told to', async () => {
  await startNode({ concurrency: 2, stepDelayMs: 60_000 });
  await begin(...[1, 2, 3, 4].map((n) => pipeline(n)));
  const applier = world.as('applier');
  for (const name of ['p2', 'p3', 'p4']) await applier.start(name);
  await until(async () => (await applier.list({ state: 'running' })).runs.length === 2);
  expect((await applier.list({ state: 'waiting' })).runs).toHaveLength(2);
});

test('[SC8.8] a node waits for a scheduler that is away, and goes on when it is back', async () => {
  const { port } = world;
  await world.stop();
  await startNode();
  world = await openWorld(join(directory.path, 'scheduler'), { port });
  expect(await ended(await begin(ORDERS))).toMatchObject({ state: 'succeeded' });
});

test('[SC3.6] kill -9 of the node in the middle of a run: the next one goes on behind the last finished step', async () => {
  const spawn = (stepDelayMs: number) =>
    Bun.spawn([process.execPath, join(import.meta.dir, 'main.ts')], {
      env: {
        ...process.env,
        HAKIRI_URL: options.url,
        HAKIRI_TOKEN: options.token,
        HAKIRI_NODE_NAME: 'n1',
        HAKIRI_NODE_DATA: options.dataRoot,
        HAKIRI_NODE_OUTPUT: options.outputRoot,
        HAKIRI_NODE_STEP_DELAY_MS: String(stepDelayMs),
        HAKIRI_LOG: 'error',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const first = spawn(700);
  const id = await begin(ORDERS);
  await until(async () => (await show(id)).steps.length >= 2);
  first.kill('SIGKILL');
  await first.exited;
  const before = await show(id);
  expect(before.state).toBe('running');
  const second = spawn(0);
  const run = await ended(id);
  second.kill('SIGTERM');
  expect(await second.exited).toBe(0);
  expect(run.state).toBe('succeeded');
  expect(run.steps.slice(0, before.steps.length)).toEqual(before.steps);
  expect(run.steps.map(({ name, fence }) => [name, fence])).toEqual([
    ['extract', 1],
    ['filter', 1],
    ['select', 2],
    ['load', 2],
  ]);
  expect(await output()).toEqual([`orders/country=de/${id}.ndjson`, `orders/country=nl/${id}.ndjson`]);
}, 120_000);
