// The page in a real browser against a whole server: two people in two windows, through nothing but what they see.
import { afterAll, beforeAll, expect } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@hakiri/client/client';
import type { Embedded } from '@hakiri/embedded/embedded';
import type { Browser, Page } from 'playwright-core';
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
let folder: string;
let server: Embedded;
let browser: Browser;
let alice: Page;
let bob: Page;

beforeAll(async () => {
  bed = await openPageBed();
  if (bed) ({ folder, server, browser, alice, bob } = bed);
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

browserTest(
  '[PL9] a link signs in once, and its code does not stay in the address',
  async () => {
    expect(alice.url()).toBe(`${server.url}/`);
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(server.ownerLink);
    await stranger.getByRole('alert').filter({ hasText: /\S/ }).waitFor({ timeout: 10_000 });
    await stranger.context().close();
    await alice.reload();
    await alice.getByText('Saved').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PL9] a file imported in one window appears in the other',
  async () => {
    const file = join(folder, 'hakiri.toml');
    await writeFile(file, CONFIG);
    await alice.getByText('No pipelines yet').waitFor();
    await alice.getByLabel('Import hakiri.toml: choose a file').setInputFiles(file);
    await row(bob, 'orders').waitFor();
    await row(bob, 'invoices').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PL9] two people edit one pipeline at once, see each other’s edit and where the other is',
  async () => {
    for (const page of [alice, bob]) await page.getByRole('button', { name: 'orders', exact: true }).click();
    await alice.getByLabel('Expression').click();
    await bob.getByText('is here').waitFor();
    await Promise.all([
      alice.getByLabel('Expression').fill('30 6 * * *'),
      bob.getByLabel('Name', { exact: true }).fill('Orders of the day'),
    ]);
    await row(bob, 'orders').getByText('30 6 * * *').waitFor();
    await row(alice, 'orders').getByText('Orders of the day').waitFor();
    expect(await bob.getByLabel('Expression').inputValue()).toBe('30 6 * * *');
    expect(await alice.getByLabel('Name', { exact: true }).inputValue()).toBe('Orders of the day');
    await alice.getByRole('group', { name: 'Who is here' }).getByRole('img', { name: 'Bob Baker' }).waitFor();
    await Promise.all([alice, bob].map((page) => page.getByText('Saved').waitFor()));
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PL9] what is wrong is shown with its path and a sentence, and leads to the field',
  async () => {
    await alice.getByLabel('Expression').fill('whenever');
    await alice.getByLabel('Select orders').check();
    await alice.getByRole('button', { name: 'Apply selected (1)' }).click();
    const issue = alice.getByRole('button', { name: '/pipelines/orders/schedule/expr' });
    await issue.waitFor();
    await alice.getByRole('button', { name: 'Close' }).click();
    await issue.click();
    expect(await alice.getByLabel('Expression').evaluate((field) => field === document.activeElement)).toBe(
      true,
    );
    await alice.getByLabel('Expression').fill('45 6 * * *');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PL9] an apply from the page publishes exactly what is on it, and everybody hears of it',
  async () => {
    await alice.getByLabel('Message').fill('a quarter of an hour later');
    await alice.getByRole('button', { name: 'Apply selected (1)' }).click();
    await alice.getByText('Published v1').waitFor();
    await bob.getByText('live: v1').waitFor();
    await bob.getByText('a quarter of an hour later').click();
    await bob.getByText('added orders').waitFor();
    const toml = await createClient({ url: server.url, token: server.ownerToken }).apply.body('v1');
    expect(toml).toContain('45 6 * * *');
    expect(toml).not.toContain('invoices');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PL9] a role that may not apply is told so, and edits all the same',
  async () => {
    await bob.getByText('Your role may edit, and not apply').waitFor();
    await bob.getByRole('button', { name: 'New pipeline' }).click();
    await fillDialog(bob, 'refunds');
    await bob.getByRole('button', { name: 'Create' }).click();
    await row(alice, 'refunds').waitFor();
    await bob.getByRole('button', { name: 'Delete this pipeline…' }).click();
    await bob.getByRole('button', { name: 'Delete', exact: true }).click();
    await row(alice, 'refunds').waitFor({ state: 'detached' });
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PL9] without a network edits wait, truthfully called unsaved, and arrive on return',
  async () => {
    await bob.getByRole('button', { name: 'invoices', exact: true }).click();
    await bob.context().setOffline(true);
    await bob.getByText('Offline', { exact: true }).waitFor();
    await bob.getByLabel('Name', { exact: true }).fill('Invoices, from the train');
    await bob.getByText('Offline: your edits wait here').waitFor();
    await bob.context().setOffline(false);
    await row(alice, 'invoices').getByText('Invoices, from the train').waitFor();
    await bob.getByText('Saved').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest('[PL9] nothing on the page broke its policy or threw', async () => {
  expect(bed?.complaints).toEqual([]);
});
