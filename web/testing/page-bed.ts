// A whole server and two people at its page in a real browser, for the tests of the page.
import { test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hakiri/client/client';
import { type Embedded, startEmbedded } from '@hakiri/embedded/embedded';
import { afterAllFiles } from '@hakiri/testing/endings';
import { until } from '@hakiri/testing/until';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];
/** Only what never happens takes as long, also on a busy machine. */
const ACTION_TIMEOUT_MS = 45_000;
/** How long something may still be on its way before somebody who waits for it looks at the page again. */
const LOOK_AGAIN_MS = 250;
export const TEST_TIMEOUT_MS = 120_000;
export const CONFIG = `
[[pipeline]]
id = "orders"
name = "Orders"
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "orders" }
schedule = { kind = "cron", expr = "0 6 * * *" }
placement = { kind = "auto" }

[[pipeline]]
id = "invoices"
name = "Invoices"
source = { kind = "csv-file", ref = "invoices.csv" }
destination = { table = "invoices" }
schedule = { kind = "every", expr = "15m" }
placement = { kind = "auto" }
`;

const present = existsSync(CHROMIUM);
if (!present && process.env.CI === 'true') throw new Error(`CI needs ${CHROMIUM}: apt-get install chromium`);
if (!present)
  process.stdout.write(`skipping the browser tests: ${CHROMIUM} is missing (apt-get install chromium)\n`);
export const browserTest = test.skipIf(!present);

export type PageBed = {
  folder: string;
  server: Embedded;
  browser: Browser;
  /** The owner. */
  alice: Page;
  /** An editor, who may not apply, unless another role was asked for. */
  bob: Page;
  /** What the pages threw, and what their policy refused. */
  complaints: string[];
  /** Somebody else, in a browser of their own. */
  newcomer(link: string): Promise<Page>;
  end(): Promise<void>;
};

/** Undefined where the tests are skipped. */
export async function openPageBed(
  options: {
    bob?: 'editor' | 'applier' | 'admin';
    /** The local node waits so long before each step, so that a run can be looked at while it goes on. */
    stepDelayMs?: number;
    /** Each page is kept for a time without a server, which costs each new person a second. */
    isKept?: boolean;
  } = {},
): Promise<PageBed | undefined> {
  if (!present) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'hakiri-page-'));
  const dataDir = join(folder, 'data');
  const server = await startEmbedded({
    ...{ dataDir, hostname: '127.0.0.1', port: 0, logLevel: 'error' },
    ...(options.stepDelayMs === undefined ? {} : { stepDelayMs: options.stepDelayMs }),
  });
  const browser = await sharedBrowser();
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  const { auth } = createClient({ url: server.url, token: server.ownerToken });
  const { code } = await auth.createLink({
    kind: 'invite',
    name: 'Bob Baker',
    role: options.bob ?? 'editor',
  });
  const openLink = async (link: string): Promise<Page> => {
    const context = await browser.newContext({
      // What is on its way would be waited for at each click.
      reducedMotion: 'reduce',
      serviceWorkers: options.isKept ? 'allow' : 'block',
    });
    contexts.push(context);
    return open(context, link, complaints);
  };
  const [alice, bob] = await Promise.all([
    openLink(server.ownerLink),
    openLink(`${server.url}/#code=${code}`),
  ]);
  for (const page of [alice, bob]) await saved(page);
  return {
    folder,
    server,
    browser,
    alice,
    bob,
    complaints,
    newcomer: openLink,
    async end() {
      await Promise.all(contexts.map((context) => context.close()));
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One for all beds of a process: people are contexts, which share nothing. */
let shared: Browser | undefined;

async function sharedBrowser(): Promise<Browser> {
  if (shared?.isConnected()) return shared;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  shared = browser;
  afterAllFiles(() => browser.close());
  return browser;
}

async function open(context: BrowserContext, link: string, complaints: string[]): Promise<Page> {
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(link);
  return page;
}

/** Resolves when the focus is there. */
export async function hasFocus(place: Locator): Promise<void> {
  await until(() => place.evaluate((element) => element === document.activeElement), {
    what: `the focus is on ${place}`,
  });
}

/**
 * Resolves when it is there, or gone, for somebody who looks away and back until it is: what a screen asks the server for now and
 * then is asked for at once. That it is asked for by itself, and how often, is promised by `live/poll.test.ts`.
 */
export async function seenAgain(place: Locator, state: 'visible' | 'detached' = 'visible'): Promise<void> {
  const looked = async (): Promise<boolean> => {
    await place.page().evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    return place.waitFor({ state, timeout: LOOK_AGAIN_MS }).then(
      () => true,
      () => false,
    );
  };
  await until(looked, { what: `${place} is ${state}` });
}

/** An edit is counted as unsaved before the page is drawn again: no word of before it is met. */
export function saved(page: Page): Promise<void> {
  return page.getByText('Saved', { exact: true }).waitFor();
}

/** @throws naming what sticks out at the right, when it goes on to */
export async function fitsItsWidth(page: Page): Promise<void> {
  const isIn = () => document.documentElement.scrollWidth <= document.documentElement.clientWidth;
  await page.waitForFunction(isIn).catch(async (error) => {
    const out = await page.evaluate(() =>
      [...document.querySelectorAll('body *')]
        .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth)
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    throw new Error(out.join('\n'), { cause: error });
  });
}

/**
 * To another address as a link leads there, without the seconds that the page takes to load anew where many tests run. The router
 * hears of it.
 */
export async function goTo(page: Page, address: string): Promise<void> {
  const isOpen = await page.getByRole('banner').isVisible();
  if (isOpen) await page.evaluate((there) => history.pushState(null, '', there), address);
  else await page.goto(address);
}

/** From now on such requests wait for what it gives, which lets them go and answers how many there were. */
export async function held(page: Page, address: string, method: string): Promise<() => Promise<number>> {
  let asked = 0;
  const go = Promise.withResolvers<void>();
  await page.route(address, async (route) => {
    if (route.request().method() === method) {
      asked += 1;
      await go.promise;
    }
    await route.continue();
  });
  return async () => {
    go.resolve();
    await page.unrouteAll({ behavior: 'wait' });
    return asked;
  };
}

export function row(page: Page, id: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('button', { name: id, exact: true }) });
}

/** The questions about a new pipeline. */
export async function fillDialog(page: Page, id: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Id', { exact: true }).fill(id);
  await dialog.getByLabel('Source reference').fill(`${id}.csv`);
  await dialog.getByLabel('Table').fill('shop.rows');
}
