// Work without a server, in a real browser: reloads, tabs that help each other, a tab that crashes, an absence and the return.
import { afterAll, beforeAll, expect } from 'bun:test';
import { createClient } from '@hakiri/client/client';
import { connectDocument, type DocumentConnection } from '@hakiri/client/sync';
import { commitEdit, createPipeline, setEnabled, setText } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import { until } from '@hakiri/testing/until';
import type { BrowserContext, Page } from 'playwright-core';
import { browserTest, openPageBed, type PageBed, row, TEST_TIMEOUT_MS } from '../testing/page-bed.ts';

/** Of ten pipelines these fields each are fifty edits. */
const FIELDS = ['Name', 'Description', 'Source reference', 'Table', 'Partition column'];
const TEN = ['orders', 'invoices', 'returns', ...[4, 5, 6, 7, 8, 9, 10].map((n) => `part-${n}`)];
const HOUR_MS = 3_600_000;

let bed: PageBed | undefined;
let colleague: DocumentConnection;
const keys = new Map<string, string>();

beforeAll(async () => {
  bed = await openPageBed({ isKept: true });
  if (!bed) return;
  const { url, ownerToken } = bed.server;
  const owner = createClient({ url, token: ownerToken });
  const { team } = await owner.auth.me();
  const { token } = await owner.auth.createToken({ name: 'Colleague', role: 'editor', ttlDays: 1 });
  const client = createClient({ url, token });
  colleague = await connectDocument({ client, team, doc: 'main' });
  for (const id of [...TEN, 'elsewhere'])
    keys.set(
      id,
      commitEdit(colleague.doc, 'test', () => createPipeline(colleague.doc, { id, name: id })),
    );
  await colleague.saved();
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  colleague?.close();
  await bed?.end();
});

const address = (id: string): string => `${bed?.server.url}/docs/main/pipelines/${keys.get(id)}`;
const nameField = (page: Page) => page.getByLabel('Name', { exact: true });
const offlineSaid = (page: Page) => page.getByText('Offline', { exact: true }).waitFor();

async function rename(page: Page, id: string, name: string): Promise<void> {
  await page.goto(address(id));
  await nameField(page).fill(name);
}

/**
 * What came from others is stored a moment later, and a page without a connection begins with what is stored: with what its own
 * browser wrote last it begins where everybody is, and what it types meets nothing.
 */
async function openBeside(page: Page, name: string): Promise<Page> {
  await rename(page, 'orders', name);
  await nameThere('orders', name);
  const offline = await openWithoutSockets(page.context());
  await nameHere(offline, name);
  return offline;
}

/** A page of the same browser whose sockets lead nowhere; everything else works. */
async function openWithoutSockets(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.routeWebSocket(/\/v1\/sync$/, (socket) => void socket.close());
  await page.goto(address('orders'));
  await offlineSaid(page);
  return page;
}

const mineIn = (id: string, field: string): string => `My ${field.toLowerCase()} of ${id}`;

const nameThere = async (id: string, name: string): Promise<void> => {
  await until(() => JSON.stringify(colleague.doc.toJSON()).includes(name) || undefined, {
    what: `${id} is called ${name}`,
  });
};
const nameHere = (page: Page, name: string) =>
  page.waitForFunction(
    (wanted) => [...document.querySelectorAll('input')].some(({ value }) => value === wanted),
    name,
  );

browserTest(
  '[SY16.8] what is typed offline survives a reload, reaches the other tab, and a crash, and is sent by a tab that is online',
  async () => {
    if (!bed) return;
    const context = bed.alice.context();
    await rename(bed.alice, 'invoices', 'Typed online');
    await nameThere('invoices', 'Typed online');
    await bed.alice.getByText('Saved', { exact: true }).waitFor();
    const first = await openWithoutSockets(context);
    const second = await openWithoutSockets(context);
    await bed.alice.close();
    await nameField(first).fill('Typed offline');
    await nameHere(second, 'Typed offline');
    await first.reload();
    await offlineSaid(first);
    await nameHere(first, 'Typed offline');
    await nameField(first).fill('Typed before the crash');
    await nameHere(second, 'Typed before the crash');
    const crashed = first.waitForEvent('crash');
    void first.goto('chrome://crash').catch(() => {});
    await crashed;
    await first.close();
    await second.close();
    const online = await context.newPage();
    await online.goto(address('orders'));
    await online.getByText('Saved', { exact: true }).waitFor();
    await nameThere('orders', 'Typed before the crash');
    bed.alice = online;
    expect(bed.complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[SY16.8] a tab that is online sends what a tab without a connection typed, when that one is closed',
  async () => {
    if (!bed) return;
    const offline = await openBeside(bed.bob, 'By the first tab');
    await nameField(offline).fill('Typed in the other tab');
    await bed.bob.goto(address('orders'));
    await nameHere(bed.bob, 'Typed in the other tab');
    await offline.close();
    await bed.bob.getByText('Saved', { exact: true }).waitFor();
    await nameThere('orders', 'Typed in the other tab');
  },
  TEST_TIMEOUT_MS,
);

/** So that it can be told from the server's. */
async function nameTheKeptPage(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        if (new URL(request.url).pathname !== '/index.html') continue;
        const html = (await (await cache.match(request))?.text()) ?? '';
        const headers = { 'content-type': 'text/html' };
        await cache.put(request, new Response(html.replace('<html ', '<html data-kept '), { headers }));
      }
    }
  });
}

const isKeptPage = (page: Page) => page.evaluate(() => 'kept' in document.documentElement.dataset);

browserTest(
  '[PG7.1, PG7.2, PG7.3] the page opens without a server with what was unsent; fifty edits of an hour alone are merged, and who comes back is told what met what',
  async () => {
    if (!bed) return;
    const page = bed.alice;
    const context = page.context();
    await page.waitForFunction(
      async () => (await navigator.serviceWorker.ready).active?.state === 'activated',
    );
    await nameTheKeptPage(page);
    await page.goto(`${bed.server.url}/`);
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await isKeptPage(page)).toBe(false);
    await context.setOffline(true);
    // Of the absence: it begins when the page notices, and is one after ten seconds.
    await page.clock.install();
    await page.goto(address('returns'));
    await offlineSaid(page);
    expect(await isKeptPage(page)).toBe(true);
    const typed = async (ids: readonly string[]): Promise<void> => {
      for (const id of ids) {
        await row(page, id).click();
        await page.getByRole('complementary', { name: `Pipeline ${id}` }).waitFor();
        for (const field of FIELDS) {
          await page.getByLabel(field, { exact: true }).fill(mineIn(id, field));
          await page.clock.fastForward(HOUR_MS / (TEN.length * FIELDS.length));
        }
      }
    };
    await typed(TEN.slice(0, 5));
    await page.reload();
    await offlineSaid(page);
    await nameHere(page, mineIn('part-5', 'Name'));
    await page.getByRole('link', { name: 'Changes', exact: true }).click();
    await page.clock.fastForward(5_000);
    await page
      .getByText(/what differs from it, is not known here\. \d+ edits of yours are not sent yet/)
      .waitFor();
    expect(await page.getByText('the last known state').count()).toBe(0);
    await page.getByRole('link', { name: 'Pipelines', exact: true }).click();
    await typed(TEN.slice(5));
    const { doc } = colleague;
    const keyOf = (id: string): string => keys.get(id) ?? '';
    commitEdit(doc, 'test', () => {
      setText(doc, keyOf('orders'), 'name', 'theirs');
      setEnabled(doc, keyOf('invoices'), false);
      setText(doc, keyOf('elsewhere'), 'description', 'theirs');
    });
    await colleague.saved();
    await context.setOffline(false);
    await page
      .getByText(/your edits to 10 pipelines are on the server. Others changed 3 pipelines meanwhile/)
      .waitFor();
    await page
      .getByText(/2 were changed by both: orders \(.+: Name\), invoices \(.+, other fields\)/)
      .waitFor();
    // What both wrote into is of both, the same everywhere; all else is what was typed.
    const there = readConfig(doc).pipelines;
    const metName = there.find(({ id }) => id === 'orders')?.name;
    for (const id of TEN)
      expect(there.find((one) => one.id === id)).toMatchObject({
        name: id === 'orders' ? metName : mineIn(id, 'Name'),
        description: mineIn(id, 'Description'),
        enabled: id !== 'invoices',
        source: { ref: mineIn(id, 'Source reference') },
        destination: { table: mineIn(id, 'Table'), partition_by: mineIn(id, 'Partition column') },
      });
    await row(page, 'orders').click();
    await nameHere(page, String(metName));
    await page.getByRole('button', { name: 'Dismiss' }).first().click();
    expect(bed.complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG8.22] the document is opened while the server is asked what one may do, and the page is kept when it is shown',
  async () => {
    if (!bed) return;
    const context = await bed.browser.newContext({ storageState: await bed.alice.context().storageState() });
    try {
      const page = await context.newPage();
      const [asked, answers] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      await page.route('**/v1/auth/me', async (route) => {
        asked.resolve();
        await answers.promise;
        await route.continue();
      });
      const joined = page
        .waitForEvent('websocket', { timeout: TEST_TIMEOUT_MS })
        .then((socket) => socket.waitForEvent('framereceived', { timeout: TEST_TIMEOUT_MS }));
      await page.goto(`${bed.server.url}/`);
      await Promise.all([asked.promise, joined]);
      expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(
        0,
      );
      answers.resolve();
      await page.getByText('Saved', { exact: true }).waitFor();
      await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active !== null);
    } finally {
      await context.close();
    }
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[SY16.20] letters typed in the very turn in which the page is loaded again are there afterwards',
  async () => {
    if (!bed) return;
    const page = await openBeside(bed.bob, 'Round 0');
    // Nobody else may have heard of it.
    await bed.bob.close();
    for (const round of [1, 2, 3, 4, 5]) {
      await nameField(page).focus();
      const loaded = page.waitForEvent('load');
      await page.evaluate((last) => {
        const field = document.activeElement;
        if (!(field instanceof HTMLInputElement)) throw new Error('the field is not focused');
        const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
        for (const typed of [`${last} is half typ`, `${last} is half type`, `${last} is typed`]) {
          value?.set?.call(field, typed);
          field.dispatchEvent(new Event('input', { bubbles: true }));
        }
        location.reload();
      }, `Round ${round}`);
      await loaded;
      await offlineSaid(page);
      expect(await nameField(page).inputValue()).toBe(`Round ${round} is typed`);
    }
    await page.close();
  },
  TEST_TIMEOUT_MS,
);
