// The first steps, the list and files in a real browser: what people do with them, by mouse and by keys.
import { afterAll, beforeAll, expect } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { createClient } from '@hakiri/client/client';
import { until } from '@hakiri/testing/until';
import type { Locator, Page } from 'playwright-core';
import { axeViolations } from '../testing/axe.ts';
import {
  browserTest,
  CONFIG,
  fitsItsWidth,
  goTo,
  held,
  openPageBed,
  type PageBed,
  row,
  TEST_TIMEOUT_MS,
} from '../testing/page-bed.ts';

let bed: PageBed;
let alice: Page;
let bob: Page;

beforeAll(async () => {
  const opened = await openPageBed();
  if (opened) ({ alice, bob } = bed = opened);
}, TEST_TIMEOUT_MS);

afterAll(() => bed?.end());

const grid = (page: Page): Locator => page.getByRole('grid');
const item = (page: Page, name: string): Locator =>
  page.getByRole('treeitem', { name: new RegExp(`^${name} ?[0-9]`) });
const selected = (page: Page, count: number): Locator => page.getByText(`${count} selected`, { exact: true });
const isFocused = (of: Locator): Promise<boolean> =>
  of.evaluate((element) => element === document.activeElement);

/** By way of another screen: what was chosen and typed there before is forgotten. */
async function home(page: Page): Promise<void> {
  await goTo(page, `${bed.server.url}/revisions`);
  await page.getByRole('main').getByRole('heading', { name: 'Revisions', exact: true }).first().waitFor();
  await goTo(page, `${bed.server.url}/docs/main/pipelines`);
  await grid(page).waitFor();
}

const isReached = (of: Locator): Promise<boolean> =>
  until(() => isFocused(of), { what: 'the focus is there' });

browserTest(
  '[PG1.28, PG3.18, PG8.40] whoever does what the page names as next comes from nothing to a first Apply, and to when it runs',
  async () => {
    await alice.getByRole('heading', { name: 'Get started' }).waitFor();
    expect(await axeViolations(alice)).toEqual([]);
    await alice.locator('[aria-current="step"]').getByRole('button').first().click();
    for (const page of [alice, bob]) await row(page, 'orders').waitFor();
    await isReached(alice.getByRole('heading', { level: 1 }));
    const steps = alice.getByRole('main').getByRole('region', { name: 'First steps' }).first();
    const next = (name: string): Promise<void> => steps.getByRole('link', { name }).click();
    await next('Open a pipeline');
    const pane = alice.getByRole('complementary', { name: /^Pipeline / });
    await pane.waitFor();
    await alice.setViewportSize({ width: 320, height: 700 });
    await pane.getByRole('link', { name: 'Go to Changes' }).waitFor();
    await alice.setViewportSize({ width: 1280, height: 720 });
    await next('Go to Changes');
    await isReached(alice.getByRole('heading', { level: 1, name: 'Changes' }));
    const lead = alice.getByRole('region', { name: 'What an Apply does' });
    await lead.getByText(/Nothing has run yet: an Apply makes what is listed here live/).waitFor();
    await lead.getByText(/Next: Apply…/).waitFor();
    expect(await axeViolations(alice)).toEqual([]);
    await alice.getByRole('button', { name: /^Apply…/ }).click();
    const dialog = alice.getByRole('dialog');
    await isReached(dialog.getByRole('heading', { level: 1 }));
    await dialog.getByRole('button', { name: 'Apply v1' }).click();
    await alice.getByRole('banner').getByText('v1').waitFor();
    await isReached(
      dialog.locator(':focus').filter({ has: alice.getByRole('link', { name: 'Invite people' }) }),
    );
    await dialog.getByRole('link', { name: 'See upcoming runs' }).click();
    await alice.getByRole('row').filter({ hasText: 'orders-large' }).first().waitFor();
    await alice.getByRole('link', { name: 'Changes', exact: true }).click();
    await alice.getByText('Everything here is live as v1.').waitFor();
    expect(await lead.count()).toBe(0);
    await alice.getByRole('link', { name: 'Pipelines', exact: true }).click();
    await row(alice, 'orders').waitFor();
    await row(alice, 'orders').getByText('New').waitFor({ state: 'detached' });
    expect(await alice.getByRole('region', { name: 'First steps' }).count()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.21] search finds by id, name, group and tag; filters and the group stand in the address',
  async () => {
    await home(alice);
    await alice.keyboard.press('/');
    const search = alice.getByRole('searchbox', { name: 'Search pipelines' });
    await isReached(search);
    await search.fill('privacy');
    await row(alice, 'orders').waitFor({ state: 'detached' });
    await row(alice, 'customers').waitFor();
    await alice.waitForURL(/q=privacy/);
    await search.fill('nobody is called that');
    await alice.getByText('No matching pipelines').waitFor();
    await alice.getByRole('button', { name: 'Clear filters' }).last().click();
    await item(alice, 'finance').click();
    await row(alice, 'orders').waitFor({ state: 'detached' });
    await alice.waitForURL(/group=finance/);
    await alice.reload();
    await row(alice, 'revenue').waitFor();
    expect(await row(alice, 'orders').count()).toBe(0);
    await alice.goBack();
    await row(alice, 'orders').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.22] keys move, choose and open; what is done to many is said, and taken back',
  async () => {
    await home(alice);
    await grid(alice).focus();
    await alice.keyboard.press('Home');
    await alice.keyboard.press('Shift+ArrowDown');
    await alice.keyboard.press('Shift+ArrowDown');
    await selected(alice, 3).waitFor();
    await alice.keyboard.press('Control+a');
    await selected(alice, 4).waitFor();
    await alice.keyboard.press('e');
    await row(bob, 'orders').getByRole('switch', { checked: false }).waitFor();
    await alice.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await row(bob, 'orders').getByRole('switch', { checked: true }).waitFor();
    await grid(alice).focus();
    await alice.keyboard.press('Escape');
    await selected(alice, 4).waitFor({ state: 'detached' });
    await row(alice, 'orders').getByLabel('Select orders').check();
    await alice.keyboard.press('Delete');
    await row(bob, 'orders').waitFor({ state: 'detached' });
    await alice.getByText('1 pipeline deleted').waitFor();
    await alice.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await row(bob, 'orders').waitFor();
    await row(alice, 'customers').getByLabel('Select customers').check();
    await alice.getByLabel('Select orders-large').click({ modifiers: ['Shift'] });
    await alice.getByRole('button', { name: 'Clear selection' }).click();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG2.20] a row says who is in it',
  async () => {
    await row(bob, 'customers').getByText('Customers', { exact: true }).click();
    await row(alice, 'customers').getByRole('img', { name: 'Bob Baker' }).waitFor();
    await bob.getByRole('complementary').getByRole('button', { name: 'Close' }).first().click();
    await row(alice, 'customers').getByRole('img', { name: 'Bob Baker' }).waitFor({ state: 'detached' });
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.27] a new pipeline is asked for what it needs, and is there for both',
  async () => {
    await grid(bob).focus();
    await bob.keyboard.press('c');
    const dialog = bob.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('Enter a file path or a URL').waitFor();
    await dialog.getByLabel('Id', { exact: true }).fill('orders');
    await dialog.getByText('There is a pipeline orders already.').waitFor();
    await dialog.getByLabel('Id', { exact: true }).fill('refunds');
    await dialog.getByLabel('Source reference').fill('refunds.csv');
    await dialog.getByLabel('Table').fill('shop.refunds');
    expect(await axeViolations(bob)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await row(alice, 'refunds').waitFor();
    await bob.getByRole('complementary', { name: 'Pipeline refunds' }).waitFor();
    await row(alice, 'refunds').getByText('New').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.29, PG4.6] an import says first what it would do, and does that; an export is the document as a file',
  async () => {
    const { apply } = createClient({ url: bed.server.url, token: bed.server.ownerToken });
    const orders = CONFIG.split('[[pipeline]]').slice(0, 2).join('[[pipeline]]');
    await apply.import(orders.replace('0 6', '5 5'), { format: 'toml' });
    await home(alice);
    const choose = async (content: string): Promise<void> => {
      const file = { name: 'hakiri.toml', mimeType: 'application/toml', buffer: Buffer.from(content) };
      await alice.getByRole('button', { name: 'Import and export' }).click();
      await alice.getByRole('menuitem', { name: 'Import a file…' }).click();
      await alice.getByLabel('File: hakiri.toml or JSON').setInputFiles(file);
    };
    await choose(CONFIG);
    for (const what of ['created', 'changed']) await alice.getByText(`1 pipeline ${what}`).waitFor();
    expect(await row(alice, 'invoices').count()).toBe(0);
    await apply.patchPipeline('orders', { schedule: { expr: '6 5 * * *' } });
    await alice.getByRole('button', { name: 'Import', exact: true }).click();
    await alice.getByRole('button', { name: 'Refresh' }).click();
    await alice.getByRole('button', { name: 'Import', exact: true }).click();
    await row(bob, 'invoices').waitFor();
    await choose('this is [no toml');
    await alice
      .getByRole('alert')
      .filter({ hasText: 'The file was not imported. Fix this in the file' })
      .waitFor();
    await alice
      .getByRole('dialog')
      .getByText(/\(1:\d+\)|line 1/i)
      .waitFor();
    await alice.getByRole('button', { name: 'Cancel' }).click();
    await alice.getByRole('button', { name: 'Import and export' }).click();
    const [download] = await Promise.all([
      alice.waitForEvent('download'),
      alice.getByRole('menuitem', { name: 'Export as hakiri.toml' }).click(),
    ]);
    expect(await readFile(await download.path(), 'utf8')).toContain('id = "invoices"');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.30] the chosen ones are what Changes is about',
  async () => {
    await home(alice);
    await row(alice, 'refunds').getByLabel('Select refunds').check();
    await alice.getByRole('button', { name: 'Apply these…' }).click();
    await alice.waitForURL(/\/changes\?keys=[0-9A-Z]{26}$/);
    await alice.goBack();
    await row(alice, 'refunds').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG8.28] what is typed right behind the palette’s key reaches its field, however late that is there',
  async () => {
    await alice.getByRole('searchbox').waitFor();
    const letGo = await held(alice, '**/palette*.js', 'GET');
    await alice.reload();
    const search = alice.getByRole('searchbox');
    await search.click();
    await alice.keyboard.press('Control+k');
    await alice.keyboard.type('vari');
    await letGo();
    await alice.keyboard.type('ables');
    const field = alice.getByRole('dialog').getByRole('combobox');
    await until(async () => (await field.inputValue()) === 'variables', { what: 'all letters are there' });
    expect(await search.inputValue()).toBe('');
    await alice.keyboard.press('Escape');
    await alice.getByRole('dialog').waitFor({ state: 'detached' });
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG8.1] the list breaks no rule of accessibility in either theme, nor its policy, nor does it throw',
  async () => {
    await home(alice);
    await row(alice, 'orders').getByLabel('Select orders').check();
    expect(await axeViolations(alice)).toEqual([]);
    await alice.setViewportSize({ width: 320, height: 700 });
    await fitsItsWidth(alice);
    expect(await axeViolations(alice)).toEqual([]);
    expect(bed.complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.23] before more than ten are deleted by one key it asks, and there is a way back',
  async () => {
    const { apply } = createClient({ url: bed.server.url, token: bed.server.ownerToken });
    const [, orders = ''] = CONFIG.split('[[pipeline]]');
    const many = Array.from(
      { length: 11 },
      (_, at) => `[[pipeline]]${orders.replace('"orders"', `"many-${at}"`)}`,
    );
    await apply.import(many.join('\n'), { format: 'toml' });
    await goTo(alice, `${bed.server.url}/docs/main/pipelines?q=many-`);
    await row(alice, 'many-9').waitFor();
    await grid(alice).focus();
    await alice.keyboard.press('Control+a');
    await alice.keyboard.press('Delete');
    const dialog = alice.getByRole('dialog', { name: 'Delete 11 pipelines?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await selected(alice, 11).waitFor();
    await alice.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByRole('button', { name: 'Delete 11 pipelines' }).click();
    await alice.getByText('11 pipelines deleted').waitFor();
    await alice.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await row(alice, 'many-9').waitFor();
  },
  TEST_TIMEOUT_MS,
);
