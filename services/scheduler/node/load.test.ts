import { afterEach, beforeEach, expect, test } from 'bun:test';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { load, PARTITIONS_LIMIT } from './load.ts';
import { type Row, readRows, writeRows } from './rows.ts';

let directory: TempDirectory;
beforeEach(async () => {
  directory = await makeTempDirectory();
});
afterEach(() => directory.remove());

async function* from(rows: Row[]): AsyncGenerator<Row> {
  yield* rows;
}
const loaded = (rows: Row[], destination: { table: string; partition_by?: string }, attempt = 1) =>
  load(from(rows), { destination, outputRoot: directory.path, run: 'r1', attempt });
const files = async () =>
  (await readdir(directory.path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.path.length + 1))
    .sort();

const ORDERS: Row[] = [
  { id: 1, country: 'nl' },
  { id: 2, country: 'de' },
  { id: 3, country: 'nl' },
];

test('[SC8.1] rows become lines of JSON in a file of the run', async () => {
  expect(await loaded(ORDERS, { table: 'raw.orders' })).toEqual({
    rows: 3,
    files: ['raw.orders/r1.ndjson'],
    fileCount: 1,
  });
  expect(await readFile(join(directory.path, 'raw.orders/r1.ndjson'), 'utf8')).toBe(
    '{"id":1,"country":"nl"}\n{"id":2,"country":"de"}\n{"id":3,"country":"nl"}\n',
  );
});

test('[SC8.1] rows are partitioned by a column', async () => {
  const partitioned = await loaded(ORDERS, { table: 'orders', partition_by: 'country' });
  expect(partitioned.files).toEqual(['orders/country=de/r1.ndjson', 'orders/country=nl/r1.ndjson']);
  expect(await files()).toEqual(partitioned.files);
});

test('[SC8.2] loading again changes nothing, whatever an attempt before left behind', async () => {
  await loaded(ORDERS, { table: 'orders' });
  const path = join(directory.path, 'orders/r1.ndjson');
  const before = await readFile(path);
  await writeFile(`${path}.2.partial`, 'half a ro');
  await loaded(ORDERS, { table: 'orders' }, 2);
  expect(await readFile(path)).toEqual(before);
  expect(await files()).toEqual(['orders/r1.ndjson']);
});

test('[SC8.2] a load that fails in the middle leaves nothing to be seen', async () => {
  async function* broken(): AsyncGenerator<Row> {
    yield { id: 1 };
    throw new Error('the disk is gone');
  }
  const to = { destination: { table: 'orders' }, outputRoot: directory.path, run: 'r1', attempt: 1 };
  await expect(load(broken(), to)).rejects.toThrow('the disk is gone');
  expect(await files()).toEqual([]);
});

test('[SC8.3] neither a table nor a partition leads out of the output directory', async () => {
  expect(loaded(ORDERS, { table: '../orders' })).rejects.toThrow('no name for a table');
  await loaded([{ way: '../../x' }, { way: '..' }, { way: null }], { table: 'orders', partition_by: 'way' });
  expect(await files()).toEqual([
    'orders/way=..%2F..%2Fx/r1.ndjson',
    'orders/way=../r1.ndjson',
    'orders/way=__null__/r1.ndjson',
  ]);
});

test('[SC8.7] partitions are bounded', async () => {
  const many = Array.from({ length: PARTITIONS_LIMIT + 1 }, (_, id) => ({ id }));
  await expect(loaded(many, { table: 'orders', partition_by: 'id' })).rejects.toThrow(
    String(PARTITIONS_LIMIT),
  );
  expect(await files()).toEqual([]);
});

test('[SC8.7] a row that is too long is refused', async () => {
  expect(loaded([{ text: 'x'.repeat(1024 * 1024) }], { table: 'orders' })).rejects.toThrow('Row 1');
});

test('[SC3.6] what a step left is checked before the next step goes on from it', async () => {
  const path = join(directory.path, '0.ndjson');
  const written = await writeRows(path, 1, from(ORDERS));
  expect((await stat(path)).size).toBe(written.sizeBytes);
  expect(await Array.fromAsync(readRows(path, written))).toEqual(ORDERS);
  await writeFile(path, '{"id":1,"country":"xx"}\n');
  expect(Array.fromAsync(readRows(path, written))).rejects.toThrow('not what the step before wrote');
});
