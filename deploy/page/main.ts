// The page alone: a process without state that asks nobody, for a container of its own. An Ingress sends `/v1` to the services and
// all else here. HAKIRI_HOST and HAKIRI_PORT say where it listens. What it serves is built at its start, or, for an image, before:
// `bun web/server/build.ts`.
import { integerSetting, textSetting } from '@hakiri/service/config';
import { createPage } from '@hakiri/web/server/page';

const LONGEST_REQUEST_BYTES = 1024;

const page = createPage();
const server = Bun.serve({
  hostname: textSetting(process.env, 'HAKIRI_HOST', '127.0.0.1'),
  port: integerSetting(process.env, 'HAKIRI_PORT', { fallback: 0, min: 0, max: 65_535 }),
  maxRequestBodySize: LONGEST_REQUEST_BYTES,
  fetch: (request) => {
    const { pathname } = new URL(request.url);
    return pathname === '/healthz' || pathname === '/readyz'
      ? Response.json({ status: 'ok' })
      : page(request);
  },
});
const end = (): void => void server.stop().finally(() => process.exit(0));
process.once('SIGINT', end);
process.once('SIGTERM', end);
process.stdout.write(`${JSON.stringify({ url: server.url.origin })}\n`);
