// Serves the built page from memory, to every path that no service owns. A path of the page itself (`/pipelines/orders`) is
// answered with the same document, which finds its way by its address.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '@hakiri/base/bytes';
import { problem } from '@hakiri/contracts/problem';
import { builtPage } from './build.ts';

type Asset = { path: string; type: string; bytes: Uint8Array; zipped: Uint8Array | undefined; etag: string };
type Site = ReadonlyMap<string, Asset>;

/** No inline script or style, nothing from elsewhere, in no frame. WebAssembly is Loro's. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
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
const DOCUMENT = '/index.html';

export function createPage(
  build: () => Promise<string> = builtPage,
): (request: Request) => Promise<Response> {
  let site: Promise<Site> | undefined;
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refusal('malformed', 'The page is only read.');
    site ??= build().then(loadSite);
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
  const asset = site.get(pathname) ?? (isPlaceOfPage(pathname, request) ? site.get(DOCUMENT) : undefined);
  if (!asset) return refusal('not_found', `Nothing answers ${pathname} here.`);
  // Names of assets carry their digest, so they may be kept for ever; all else is asked for every time.
  const cache = pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  const headers: Record<string, string> = { ...HEADERS, etag: asset.etag, 'cache-control': cache };
  const known = request.headers.get('if-none-match')?.split(/,\s*/) ?? [];
  if (known.includes(asset.etag)) return new Response(null, { status: 304, headers });
  headers['content-type'] = asset.type;
  const zipped = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '') ? asset.zipped : undefined;
  if (zipped) headers['content-encoding'] = 'gzip';
  const body = zipped ?? asset.bytes;
  headers['content-length'] = String(body.length);
  return new Response(request.method === 'HEAD' ? null : body.slice(), { headers });
}

/** A person's browser asks for a document; a program that mistyped an address is told so. */
function isPlaceOfPage(pathname: string, request: Request): boolean {
  if (pathname === '/') return true;
  if (/^\/(v1|assets)\//.test(pathname)) return false;
  return (request.headers.get('accept') ?? '').includes('text/html');
}

function refusal(...args: Parameters<typeof problem>): Response {
  const body = problem(...args);
  const headers = { ...HEADERS, 'content-type': 'application/problem+json' };
  return Response.json(body, { status: body.status, headers });
}

async function loadSite(folder: string): Promise<Site> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = names
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.gz'))
    .map((entry) => join(entry.parentPath, entry.name));
  const assets = await Promise.all(paths.map((path) => loadAsset(folder, path)));
  return new Map(assets.map((asset) => [asset.path, asset]));
}

async function loadAsset(folder: string, file: string): Promise<Asset> {
  const { type } = Bun.file(file);
  const bytes = new Uint8Array(await Bun.file(file).arrayBuffer());
  const zipped = Bun.file(`${file}.gz`);
  return {
    path: file.slice(folder.length),
    type: file.endsWith('.webmanifest') ? 'application/manifest+json' : type,
    bytes,
    zipped: (await zipped.exists()) ? await zipped.bytes() : undefined,
    etag: `"${(await sha256Hex(bytes)).slice(0, 16)}"`,
  };
}
