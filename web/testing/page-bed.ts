// A whole server and two people at its page in a real browser, for the tests of the page.
import { test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hakiri/client/client';
import { type Embedded, startEmbedded } from '@hakiri/embedded/embedded';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';

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
  } = {},
): Promise<PageBed | undefined> {
  if (!present) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'hakiri-page-'));
  const dataDir = join(folder, 'data');
  const server = await startEmbedded({
    ...{ dataDir, hostname: '127.0.0.1', port: 0, logLevel: 'error' },
    ...(options.stepDelayMs === undefined ? {} : { stepDelayMs: options.stepDelayMs }),
  });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const complaints: string[] = [];
  const { auth } = createClient({ url: server.url, token: server.ownerToken });
  const { code } = await auth.createLink({
    kind: 'invite',
    name: 'Bob Baker',
    role: options.bob ?? 'editor',
  });
  const [alice, bob] = await Promise.all([
    openLink(browser, server.ownerLink, complaints),
    openLink(browser, `${server.url}/#code=${code}`, complaints),
  ]);
  for (const page of [alice, bob]) await saved(page);
  return {
    folder,
    server,
    browser,
    alice,
    bob,
    complaints,
    newcomer: (link) => openLink(browser, link, complaints),
    async end() {
      await browser.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openLink(browser: Browser, link: string, complaints: string[]): Promise<Page> {
  const context = await browser.newContext();
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(link);
  return page;
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
