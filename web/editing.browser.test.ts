// Editing on the page, in a real browser against a whole server: new pipelines, every field, what is not applied, a phone.
import { afterAll, beforeAll, expect } from 'bun:test';
import { createClient } from '@hakiri/client/client';
import type { Embedded } from '@hakiri/embedded/embedded';
import { until } from '@hakiri/testing/until';
import type { Page } from 'playwright-core';
import {
  browserTest,
  CONFIG,
  fillDialog,
  openPageBed,
  type PageBed,
  row,
  TEST_TIMEOUT_MS,
} from './testing/page-bed.ts';

let bed: PageBed | undefined;
let server: Embedded;
let alice: Page;
let bob: Page;

beforeAll(async () => {
  bed = await openPageBed();
  if (bed) ({ server, alice, bob } = bed);
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

const client = () => createClient({ url: server.url, token: server.ownerToken });

const isFocused = (page: Page, label: string): Promise<boolean> =>
  page.getByLabel(label, { exact: true }).evaluate((field) => field === document.activeElement);

browserTest(
  '[PL9] what is not applied is named, marked in the list, and cleared by an Apply',
  async () => {
    await client().apply.import(CONFIG, { format: 'toml' });
    await row(alice, 'orders').waitFor();
    await alice.getByText('2 pipelines not applied: invoices, orders').waitFor();
    await alice.getByLabel('Select orders').check();
    await alice.getByRole('button', { name: 'Apply selected (1)' }).click();
    await alice.getByText('1 pipeline not applied: invoices').waitFor();
    await row(alice, 'invoices').getByText('not applied').waitFor();
    expect(await row(alice, 'orders').getByText('not applied').count()).toBe(0);
    for (const page of [alice, bob]) await page.getByRole('button', { name: 'orders', exact: true }).click();
    await bob.getByLabel('Name', { exact: true }).fill('Orders of today');
    await alice.getByText('2 pipelines not applied: invoices, orders').waitFor();
    await row(alice, 'orders').getByText('not applied').waitFor();
    await alice.getByRole('button', { name: 'Apply all' }).click();
    await alice.getByText('All of this is live.').waitFor();
    expect(await alice.locator('.remark').filter({ hasText: /\S/ }).count()).toBe(0);
    await alice.getByLabel('Expression').fill('never');
    await row(alice, 'orders').getByText('to mend before Apply').waitFor();
    await alice.getByLabel('Expression').fill('0 6 * * *');
    await alice.getByText('All of this is live.').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PL9] a new pipeline is valid at once, and an id that is taken or malformed is refused with a sentence',
  async () => {
    await alice.getByRole('button', { name: 'New pipeline' }).click();
    const dialog = alice.getByRole('dialog');
    for (const [id, sentence] of [
      ['orders', 'There is a pipeline orders already'],
      ['My new!', 'An id has lower-case letters'],
    ] as const) {
      await fillDialog(alice, id);
      await dialog.getByRole('button', { name: 'Create' }).click();
      await dialog.getByRole('alert').filter({ hasText: sentence }).waitFor();
    }
    await fillDialog(alice, 'my-new');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await alice.getByText('1 pipeline not applied: my-new').waitFor();
    await alice.getByRole('button', { name: 'Apply all' }).click();
    await alice.getByText('Published v3').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PL9] every field of the editor reaches what is published',
  async () => {
    const fields = {
      'Source reference': 'https://example.org/rows',
      Table: 'shop.new',
      'Partition column': 'day',
      Target: 'any-mac',
      Description: 'Made on the page',
      Group: 'shop/new',
      Id: 'my-newer',
    };
    await alice.getByLabel('Source kind').selectOption('another kind');
    await alice.getByLabel('Name of the kind').fill('ftp');
    await alice.getByLabel('Placement kind').selectOption('label');
    for (const [label, text] of Object.entries(fields)) {
      await alice.getByLabel(label, { exact: true }).fill(text);
      await alice.keyboard.press('Tab');
    }
    await row(alice, 'my-newer').getByText('shop/new').waitFor();
    await alice.getByRole('button', { name: 'Apply all' }).click();
    await alice.getByText('Published v4').waitFor();
    const toml = await client().apply.body('v4');
    for (const text of [...Object.values(fields), 'ftp']) expect(toml).toContain(text);
    await alice.getByLabel('Id', { exact: true }).fill('orders');
    await alice.keyboard.press('Tab');
    await alice.getByText('Not renamed. There is a pipeline orders already').waitFor();
    await alice.getByLabel('Id', { exact: true }).fill('my-new');
    await alice.keyboard.press('Tab');
    await row(alice, 'my-new').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PL9] an issue leads to its own field, and one without a field here says so',
  async () => {
    await alice.getByLabel('Name of the kind').fill('');
    await alice.getByLabel('Table').fill('no table');
    await alice.getByLabel('Target').fill('');
    // An import reads the document and then applies what it read: nothing may be on its way.
    await until(async () => JSON.stringify(await client().documents.view('main')).includes('no table'));
    await alice.getByText('Saved').waitFor();
    const transform = '[[pipeline.transforms]]\nkind = "filter"\nbody = ""\n';
    const filtered = CONFIG.replaceAll('orders', 'filtered').replace('[[pipeline]]\nid = "invoices"', '#');
    expect(filtered).toContain('#');
    await client().apply.import(`${filtered.split('#')[0]}${transform}`, { format: 'toml' });
    await row(alice, 'filtered').waitFor();
    await alice.getByText('Saved').waitFor();
    await alice.getByRole('button', { name: 'Apply all' }).click();
    await alice.getByText('Nothing was published. Mend the issues below').waitFor();
    for (const [path, label] of [
      ['source/kind', 'Name of the kind'],
      ['destination/table', 'Table'],
      ['placement/target', 'Target'],
    ] as const) {
      await alice.getByRole('button', { name: `/pipelines/my-new/${path}` }).click();
      expect([path, await isFocused(alice, label)]).toEqual([path, true]);
    }
    const transformIssue = alice.getByRole('listitem').filter({ hasText: '/transforms/0/body' });
    await transformIssue.getByText('Not on this page yet: edit it with hakictl import.').waitFor();
    expect(await transformIssue.getByRole('button').count()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PL9] on a phone the editor takes the place of the list, with Apply above it, and Close returns',
  async () => {
    await alice.setViewportSize({ width: 390, height: 844 });
    await alice.getByRole('button', { name: 'Apply all' }).waitFor();
    expect(await row(alice, 'orders').isVisible()).toBe(false);
    const wide = await alice.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wide).toBe(false);
    await alice.getByRole('button', { name: 'Close' }).click();
    await row(alice, 'orders').waitFor();
    expect(await alice.getByRole('region', { name: 'Pipeline', exact: true }).count()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

browserTest('[PL9] nothing in editing broke the page’s policy or threw', () => {
  expect(bed?.complaints).toEqual([]);
});
