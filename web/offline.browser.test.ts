// Editing without a connection, in a real browser: reloads, tabs that help each other, a tab that crashes.
import { afterAll, beforeAll, expect } from 'bun:test';
import { createClient } from '@hakiri/client/client';
import type { BrowserContext, Page } from 'playwright-core';
import { browserTest, CONFIG, openPageBed, type PageBed, row, TEST_TIMEOUT_MS } from './testing/page-bed.ts';

let bed: PageBed | undefined;
let alice: Page;
let bob: Page;

beforeAll(async () => {
  bed = await openPageBed();
  if (!bed) return;
  ({ alice, bob } = bed);
  const { server } = bed;
  const { apply } = createClient({ url: server.url, token: server.ownerToken });
  await apply.import(CONFIG, { format: 'toml' });
  for (const page of [alice, bob]) await row(page, 'orders').waitFor();
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

/** A page of the same browser whose sockets lead nowhere; everything else works. */
async function openWithoutSockets(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.routeWebSocket(/\/v1\/sync$/, (socket) => void socket.close());
  await page.goto(url);
  await page.getByText('Offline', { exact: false }).first().waitFor();
  return page;
}

const rename = async (page: Page, id: string, name: string): Promise<void> => {
  if (!(await page.getByLabel('Name', { exact: true }).isVisible()))
    await page.getByRole('button', { name: id, exact: true }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
};

browserTest(
  '[SY16.8] what is typed offline survives a reload, reaches the other tab, and a crash, and is sent by a tab that is online',
  async () => {
    const context = alice.context();
    const url = alice.url();
    // What is saved was stored here before, with everything it builds on.
    await rename(alice, 'invoices', 'Typed online');
    await row(bob, 'invoices').getByText('Typed online').waitFor();
    await alice.close();
    const first = await openWithoutSockets(context, url);
    const second = await openWithoutSockets(context, url);
    await rename(first, 'orders', 'Typed offline');
    await first.getByText('Offline: your edits wait here').waitFor();
    await row(second, 'orders').getByText('Typed offline').waitFor();
    await first.reload();
    await first.getByText('Offline: your edits wait here').waitFor();
    await row(first, 'orders').getByText('Typed offline').waitFor();
    await rename(first, 'invoices', 'Typed before the crash');
    await row(second, 'invoices').getByText('Typed before the crash').waitFor();
    // Said when it is stored, and not before.
    await first.getByText('Offline: your edits wait here').waitFor();
    const crashed = first.waitForEvent('crash');
    void first.goto('chrome://crash').catch(() => {});
    await crashed;
    await second.close();
    const online = await context.newPage();
    await online.goto(url);
    await online.getByText('Saved', { exact: true }).waitFor();
    await row(bob, 'orders').getByText('Typed offline').waitFor();
    await row(bob, 'invoices').getByText('Typed before the crash').waitFor();
    expect(bed?.complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[SY16.8] a tab that is online sends what a tab without a connection typed, when that one is closed',
  async () => {
    const context = bob.context();
    const offline = await openWithoutSockets(context, bob.url());
    await rename(offline, 'orders', 'Typed in the other tab');
    await row(bob, 'orders').getByText('Typed in the other tab').waitFor();
    await offline.getByText('Offline: your edits wait here').waitFor();
    await offline.close();
    await bob.getByText('Saved', { exact: true }).waitFor();
    const witness = createClient({ url: bed?.server.url ?? '', token: bed?.server.ownerToken ?? '' });
    for (let names = ''; !names.includes('Typed in the other tab'); )
      names = JSON.stringify((await witness.apply.document('main')).config.pipelines);
  },
  TEST_TIMEOUT_MS,
);
