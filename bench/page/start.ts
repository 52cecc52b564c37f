// A cold start of the page: a browser context that has only the session, from the navigation until the first row is painted; and
// what it loads for that.
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type Figure, quantile } from '../figures.ts';
import type { Team } from './team.ts';

const STARTS = 5;
/** With the frames of a display: without a limit whatever moves, as the browser's own sign that it loads, is drawn all the time. */
const ARGUMENTS = ['--no-sandbox', '--disable-gpu'];
/** So long between two starts: what one set off at the server is over, and the browser has opened its window, which takes more than the page. */
const REST_MS = 3_000;
const PATIENCE_MS = 120_000;
const SCRIPT_LIMIT_KB = 300;

/** In a context of its own, with the session of somebody who came by the link. */
export async function signIn(browser: Browser, team: Team): Promise<BrowserContextOptions> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(team.link);
  await page.locator('[role="row"][aria-rowindex="2"]').waitFor({ timeout: PATIENCE_MS });
  const { origins, cookies } = await context.storageState();
  await context.close();
  return { storageState: { origins, cookies } };
}

export async function startFigures(
  team: Team,
  session: BrowserContextOptions,
  { pipelines, limitMs }: { pipelines: number; limitMs: number },
): Promise<Figure[]> {
  const starts: number[] = [];
  const busy: number[] = [];
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS });
  for (let round = 0; round < STARTS; round++) {
    const context = await browser.newContext(session);
    const page = await context.newPage();
    await Bun.sleep(REST_MS);
    const devtools = await context.newCDPSession(page);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    starts.push(await openList(page, team.url));
    const { metrics } = await devtools.send('Performance.getMetrics');
    busy.push(1_000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN));
    await context.close();
  }
  await browser.close();
  return [
    {
      name: `first row painted, cold, ${pipelines.toLocaleString('en')} pipelines`,
      unit: 'ms',
      ours: quantile(starts, 0.5),
      limit: limitMs,
      note: `best ${Math.min(...starts).toFixed(0)}, worst ${Math.max(...starts).toFixed(0)} of ${STARTS}; the page's thread was busy for ${quantile(busy, 0.5).toFixed(0)} ms of CPU`,
    },
  ];
}

/** Since the navigation began, in ms: after the frame with the first row. */
export async function openList(page: Page, url: string): Promise<number> {
  await page.goto(`${url}/docs/main/pipelines`, { waitUntil: 'commit' });
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        // A look at every frame would be one more thing that the page does.
        const changes = new MutationObserver(look);
        function look(): void {
          if (document.querySelector('[role="row"][aria-rowindex="2"]') === null) return;
          changes.disconnect();
          // A message is served when the work of the frame is done.
          requestAnimationFrame(() => port2.postMessage(0));
        }
        changes.observe(document, { childList: true, subtree: true });
        look();
      }),
  );
}

/** As served: the entry, all it imports statically (which the document names), and Loro's WebAssembly, in KB of 1,000 bytes. */
export async function sizeFigures(url: string): Promise<Figure[]> {
  const html = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
  const named = (pattern: RegExp): string[] => [...html.matchAll(pattern)].flatMap(([, path]) => path ?? []);
  const scripts = named(/(?:src|href)="([^"]+\.js)"/g);
  const entry = named(/<script[^>]* src="([^"]+)"/g)[0] ?? '';
  const text = await (await fetch(new URL(entry, url))).text();
  const wasm = /[\w./-]+\.wasm/.exec(text)?.[0] ?? '';
  const sum = async (paths: readonly string[]): Promise<number> => {
    const sizes = await Promise.all([...new Set(paths)].map((path) => servedBytes(new URL(path, url))));
    return sizes.reduce((all, size) => all + size, 0) / 1_000;
  };
  return [
    {
      name: 'script of the first screen, gzip',
      unit: 'KB',
      ours: await sum(scripts),
      limit: SCRIPT_LIMIT_KB,
      note: `${scripts.length} files`,
    },
    { name: 'Loro’s WebAssembly, gzip', unit: 'KB', ours: await sum([wasm]) },
  ];
}

async function servedBytes(url: URL): Promise<number> {
  const response = await fetch(url, { headers: { 'accept-encoding': 'gzip' }, decompress: false });
  if (!response.ok || response.headers.get('content-encoding') !== 'gzip')
    throw new Error(`${url} is not served compressed`);
  return (await response.arrayBuffer()).byteLength;
}
