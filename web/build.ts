// Bundles the page on the first request, keeps it in memory and answers every path that no service owns.
import { join } from 'node:path';
import { sha256Hex, utf8 } from '@hakiri/base/bytes';
import { problem } from '@hakiri/contracts/problem';

type Asset = { path: string; type: string; bytes: Uint8Array; zipped: Uint8Array; etag: string };
type Site = ReadonlyMap<string, Asset>;

/** No inline script or style, nothing from elsewhere, in no frame. WebAssembly is Loro's. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'accept-encoding',
};

export function createPage(): (request: Request) => Promise<Response> {
  let site: Promise<Site> | undefined;
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refusal('malformed', 'The page is only read.');
    site ??= buildSite();
    try {
      return answer(request, await site);
    } catch (error) {
      site = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      return refusal('internal', `The page could not be built: ${reason}`);
    }
  };
}

function answer(request: Request, site: Site): Response {
  const { pathname } = new URL(request.url);
  const asset = site.get(pathname === '/index.html' ? '/' : pathname);
  if (!asset) return refusal('not_found', `Nothing answers ${pathname} here.`);
  // Names of assets carry their digest, so they may be kept for ever; the page itself is asked for every time.
  const cache = pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  const headers: Record<string, string> = { ...HEADERS, etag: asset.etag, 'cache-control': cache };
  const known = request.headers.get('if-none-match')?.split(/,\s*/) ?? [];
  if (known.includes(asset.etag)) return new Response(null, { status: 304, headers });
  headers['content-type'] = asset.type;
  const zip = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
  if (zip) headers['content-encoding'] = 'gzip';
  const body = zip ? asset.zipped : asset.bytes;
  headers['content-length'] = String(body.length);
  return new Response(request.method === 'HEAD' ? null : body.slice(), { headers });
}

function refusal(...args: Parameters<typeof problem>): Response {
  const body = problem(...args);
  const headers = { ...HEADERS, 'content-type': 'application/problem+json' };
  return Response.json(body, { status: body.status, headers });
}

async function buildSite(): Promise<Site> {
  const here = import.meta.dir;
  const assets = [
    await asset('main.js', 'text/javascript; charset=utf-8', await bundle(join(here, 'main.ts'))),
    await asset(
      'loro.wasm',
      'application/wasm',
      await read(Bun.resolveSync('loro-crdt/web/loro_wasm_bg.wasm', here)),
    ),
    await asset('style.css', 'text/css; charset=utf-8', await styles(here)),
    await asset('icon.svg', 'image/svg+xml', await read(join(here, 'icon.svg'))),
  ];
  let html = await Bun.file(join(here, 'index.html')).text();
  for (const { name, path } of assets) html = html.replaceAll(`{{${name}}}`, path);
  const page = await asset('index.html', 'text/html; charset=utf-8', utf8(html));
  return new Map([['/', { ...page, path: '/' }], ...assets.map((each) => [each.path, each] as const)]);
}

/** The build of Loro that loads its WebAssembly from an address of its own: compiled while it arrives, cached by itself. */
const loroForTheWeb: Bun.BunPlugin = {
  name: 'loro-for-the-web',
  setup(build) {
    const path = Bun.resolveSync('loro-crdt/web', import.meta.dir);
    build.onResolve({ filter: /^loro-crdt$/ }, () => ({ path }));
  },
};

async function bundle(entry: string): Promise<Uint8Array> {
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    target: 'browser',
    minify: true,
    plugins: [loroForTheWeb],
  });
  const [script] = outputs;
  if (!script) throw new Error('the bundler gave nothing');
  return new Uint8Array(await script.arrayBuffer());
}

async function asset(name: string, type: string, bytes: Uint8Array): Promise<Asset & { name: string }> {
  const digest = (await sha256Hex(bytes)).slice(0, 16);
  const path = `/assets/${name.replace('.', `-${digest}.`)}`;
  return { name, path, type, bytes, zipped: Bun.gzipSync(bytes.slice()), etag: `"${digest}"` };
}

/** In this order: later sheets override earlier ones. */
const STYLES = ['style-controls.css', 'style-page.css', 'style-parts.css'];

async function styles(folder: string): Promise<Uint8Array> {
  const texts = await Promise.all(STYLES.map((name) => Bun.file(join(folder, name)).text()));
  return utf8(texts.join('\n'));
}

async function read(path: string): Promise<Uint8Array> {
  return new Uint8Array(await Bun.file(path).arrayBuffer());
}
