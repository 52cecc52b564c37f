// The page as it is served: built once, cached by digest, under a policy that allows no inline script.
import { expect, test } from 'bun:test';
import { createPage } from './page.ts';

const page = createPage();
const BROWSER = { accept: 'text/html,application/xhtml+xml' };
const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  page(new Request(`http://127.0.0.1${path}`, { headers }));
const script = async (): Promise<string> =>
  /"(\/assets\/index-[^"]+\.js)"/.exec(await (await get('/')).text())?.[1] ?? '';

test('[PL9] the page names its assets by digest, and each of them is there', async () => {
  const html = await (await get('/')).text();
  const paths = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
  expect(paths.length).toBeGreaterThanOrEqual(2);
  for (const path of paths) {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toContain('immutable');
  }
});

test('[PL9] a page that has not changed is not sent again', async () => {
  const first = await get('/');
  const again = await get('/', { 'if-none-match': first.headers.get('etag') ?? '' });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe('');
});

test('[PL9] nothing inline may run, and the page contains nothing inline', async () => {
  const response = await get('/');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe-inline');
  const html = await response.text();
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(html).not.toMatch(/\son[a-z]+=|style=/);
});

test('[PL9] what a browser can unzip is sent zipped, and is the same', async () => {
  const path = await script();
  const plain = new Uint8Array(await (await get(path)).arrayBuffer());
  const zipped = await get(path, { 'accept-encoding': 'gzip, br' });
  expect(zipped.headers.get('content-encoding')).toBe('gzip');
  expect(Bun.gunzipSync(await zipped.arrayBuffer())).toEqual(plain);
});

test('[PL9] a place of the page is answered with the page, to a browser alone', async () => {
  const index = await (await get('/')).text();
  const place = await get('/docs/main/pipelines', BROWSER);
  expect([place.status, await place.text()]).toEqual([200, index]);
  expect((await get('/revisions/v1.1', BROWSER)).status).toBe(200);
  expect((await get('/docs/main/pipelines')).status).toBe(404);
  expect((await get('/v1/nothing', BROWSER)).status).toBe(404);
  expect((await get('/assets/gone-12345678.js', BROWSER)).status).toBe(404);
});

test('[PL9] other methods are refused with a problem', async () => {
  const posted = await page(new Request('http://127.0.0.1/', { method: 'POST' }));
  expect(posted.status).toBe(400);
  expect(posted.headers.get('content-type')).toBe('application/problem+json');
});

test('[PG8.21] a start asks for the WebAssembly first, then for two files of script and one of style', async () => {
  const html = await (await get('/')).text();
  const paths = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
  const ending = (path: string): string => path.slice(path.lastIndexOf('.'));
  expect(paths.map(ending)[0]).toBe('.wasm');
  expect(paths.map(ending).sort()).toEqual(['.css', '.js', '.js', '.wasm']);
});

test('[PG8.11] the script of the first screen is at most 300 KB as it is sent', async () => {
  const html = await (await get('/')).text();
  const paths = new Set([...html.matchAll(/"(\/assets\/[^"]+\.js)"/g)].map((match) => match[1] ?? ''));
  expect(paths.size).toBeGreaterThan(1);
  let bytes = 0;
  for (const path of paths)
    bytes += (await (await get(path, { 'accept-encoding': 'gzip' })).arrayBuffer()).byteLength;
  expect(bytes).toBeLessThanOrEqual(300_000);
});
