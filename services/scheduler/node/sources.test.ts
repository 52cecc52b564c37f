import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipelineConfig } from '@hakiri/contracts/config';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { pipeline } from '../testing/world.ts';
import type { Row } from './rows.ts';
import { extract, JSON_LIMIT_BYTES } from './sources.ts';

let directory: TempDirectory;
let dataRoot: string;
let server: ReturnType<typeof Bun.serve>;
beforeAll(async () => {
  directory = await makeTempDirectory();
  dataRoot = join(directory.path, 'data');
  await mkdir(dataRoot);
  server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/orders') return Response.json({ data: { items: [{ id: 1 }, { id: 2 }] } });
      if (pathname === '/huge') return new Response(new Uint8Array(JSON_LIMIT_BYTES + 1));
      return new Response('no', { status: 404 });
    },
  });
});
afterAll(async () => {
  await server.stop(true);
  await directory.remove();
});

type Source = Record<string, string | number | boolean> & PipelineConfig['source'];
function rowsOf(source: Source, schema: PipelineConfig['schema'] = {}): Promise<Row[]> {
  const { signal } = new AbortController();
  const context = { dataRoot, fetch: (input: string, init: RequestInit) => fetch(input, init), signal };
  return Array.fromAsync(extract(pipeline(1, { source, schema }), context));
}
async function csv(text: string, schema: PipelineConfig['schema'] = {}, options = {}): Promise<Row[]> {
  await writeFile(join(dataRoot, 'x.csv'), text);
  return rowsOf({ kind: 'csv-file', ref: 'x.csv', ...options }, schema);
}

test('[SC8.1] CSV: quotes, line breaks in them, a byte order mark, another delimiter', async () => {
  expect(await csv('\uFEFFid,name\n1,"Ada ""the first"", L."\r\n2,"two\nlines"\n')).toEqual([
    { id: 1, name: 'Ada "the first", L.' },
    { id: 2, name: 'two\nlines' },
  ]);
  expect(await csv('id;name\n1;a,b\n', {}, { delimiter: ';' })).toEqual([{ id: 1, name: 'a,b' }]);
});

test('[SC8.1] CSV: a column becomes what the schema says, else a number when nothing is lost by it', async () => {
  const schema = { zip: { type: 'string' }, n: { type: 'int64', nullable: true }, ok: { type: 'bool' } };
  expect(await csv('zip,n,ok,free,code\n1234,,yes,7.5,007\n', schema)).toEqual([
    { zip: '1234', n: null, ok: true, free: 7.5, code: '007' },
  ]);
  expect(csv('n\nx\n', schema)).rejects.toThrow('Row 1: n is "x", which is no number.');
  expect(await csv('n\n9007199254740993\n', schema)).toEqual([{ n: '9007199254740993' }]);
});

test('[SC8.1] CSV: a row with too few cells stops the run', async () => {
  expect(csv('a,b\n1\n')).rejects.toThrow('cannot be read');
});

test('[SC8.1] JSON: an array, an array inside, or a line each', async () => {
  await writeFile(join(dataRoot, 'x.json'), JSON.stringify({ rows: [{ id: 1 }] }));
  await writeFile(join(dataRoot, 'x.ndjson'), '{"id":1}\n\n{"id":2}');
  expect(await rowsOf({ kind: 'json-file', ref: 'x.json', path: 'rows' })).toEqual([{ id: 1 }]);
  expect(await rowsOf({ kind: 'json-file', ref: 'x.ndjson' })).toEqual([{ id: 1 }, { id: 2 }]);
  expect(rowsOf({ kind: 'json-file', ref: 'x.json' })).rejects.toThrow('not an array');
  expect(rowsOf({ kind: 'json-file', ref: 'x.json', path: 'toString' })).rejects.toThrow(
    'no array at toString',
  );
});

test('[SC8.1] JSON from a URL, within its bounds', async () => {
  const url = `http://127.0.0.1:${server.port}`;
  expect(await rowsOf({ kind: 'http-json', ref: `${url}/orders`, path: 'data.items' })).toEqual([
    { id: 1 },
    { id: 2 },
  ]);
  expect(rowsOf({ kind: 'http-json', ref: `${url}/other` })).rejects.toThrow('answered 404');
  expect(rowsOf({ kind: 'http-json', ref: `${url}/huge` })).rejects.toThrow('more than');
  expect(rowsOf({ kind: 'http-json', ref: 'file:///etc/passwd' })).rejects.toThrow('not an http');
});

test('[SC8.3] a pipeline reads nothing outside the data directory', async () => {
  await writeFile(join(directory.path, 'secret.json'), '[]');
  await symlink(join(directory.path, 'secret.json'), join(dataRoot, 'link.json'));
  for (const ref of [
    '../secret.json',
    'a/../../secret.json',
    join(directory.path, 'secret.json'),
    'link.json',
    '.',
    '',
  ])
    expect(rowsOf({ kind: 'json-file', ref })).rejects.toThrow('not inside');
  expect(rowsOf({ kind: 'json-file', ref: 'missing.json' })).rejects.toThrow('There is no file missing.json');
});
