// From the document to what is live, in a real browser against a whole server: one looks, applies, discards; another edits meanwhile.
import { afterAll, beforeAll, expect } from 'bun:test';
import { type Client, createClient } from '@hakiri/client/client';
import { until } from '@hakiri/testing/until';
import type { Locator, Page } from 'playwright-core';
import { axeViolations } from '../testing/axe.ts';
import {
  browserTest,
  CONFIG,
  fitsItsWidth,
  openPageBed,
  type PageBed,
  seenAgain,
  TEST_TIMEOUT_MS,
} from '../testing/page-bed.ts';

let bed: PageBed | undefined;
let client: Client;
let alice: Page;
let bob: Page;
/** What the document has, as a file; each step edits it. */
let config = CONFIG;

beforeAll(async () => {
  bed = await openPageBed();
  if (!bed) return;
  ({ alice, bob } = bed);
  client = createClient({ url: bed.server.url, token: bed.server.ownerToken });
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

const edit = async (from: string, to: string): Promise<void> => {
  expect(config).toContain(from);
  config = config.replace(from, to);
  await client.apply.import(config, { format: 'toml' });
};
const dialog = (page: Page): Locator => page.getByRole('dialog');
const entry = (id: string): Locator => alice.getByRole('group', { name: id, exact: true });
const openChanges = (page: Page) => page.getByRole('link', { name: 'Changes', exact: true }).click();
const says = (page: Page, text: string | RegExp) => seenAgain(page.getByText(text).first());
const finish = async (page: Page, outcome: string): Promise<void> => {
  await dialog(page).getByText(outcome).waitFor();
  await dialog(page).getByRole('button', { name: 'Close', exact: true }).last().click();
  await dialog(page).waitFor({ state: 'hidden' });
};

browserTest(
  '[PG3.8, PG3.9, PG3.13, PG8.13] the first Apply: nothing waits, then what an import brought goes live after a look, and the other hears of it',
  async () => {
    await openChanges(alice);
    await says(alice, 'No changes to apply');
    expect(await axeViolations(alice)).toEqual([]);
    const topOfWaiting = async () => (await alice.getByRole('region', { name: 'Pending' }).boundingBox())?.y;
    const top = await topOfWaiting();
    await client.apply.import(config, { format: 'toml' });
    await says(alice, '2 pipelines not applied yet');
    await alice.getByText('All changes (2)').waitFor();
    expect(await topOfWaiting()).toBe(top);
    await alice.keyboard.press('a');
    await dialog(alice).getByText('2 pipelines will go live for the first time, as v1.').waitFor();
    const fresh = dialog(alice).getByRole('listitem').filter({ hasText: 'orders' });
    await fresh.getByText('0 6 * * *').waitFor();
    const [message, list] = [dialog(alice).getByLabel('Message'), fresh].map((part) => part.boundingBox());
    expect((await message)?.y).toBeLessThan((await list)?.y ?? 0);
    expect(await axeViolations(alice)).toEqual([]);
    await dialog(alice).getByLabel('Message').fill('the first');
    await dialog(alice).getByRole('button', { name: 'Apply v1' }).click();
    await says(bob, /v1 applied by Owner: the first/);
    await bob.getByRole('link', { name: 'Live: v1' }).waitFor();
    await finish(alice, 'v1 is live, with 2 pipelines.');
    await says(alice, 'Everything here is live as v1.');
    expect(await client.apply.body('v1')).toContain('id = "invoices"');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG3.1, PG3.3, PG3.4, PG3.8] a part goes live as it was shown, as fields and as TOML, and the rest stays',
  async () => {
    await edit('0 6 * * *', '0 7 * * *');
    await edit('15m', '20m');
    await says(alice, '2 pipelines changed since v1');
    const field = alice.getByRole('listitem').filter({ hasText: '0 7 * * *' });
    await field.getByText('Schedule expression').waitFor();
    await field.getByText('0 6 * * *').waitFor();
    await field.getByText(/by Owner/).waitFor();
    expect(await axeViolations(alice)).toEqual([]);
    await alice.getByLabel('Include invoices').click();
    await alice.getByText('Selected changes (1)').waitFor();
    await alice.keyboard.press('a');
    await dialog(alice).getByText('From v1 to v2: 1 pipeline changed.').waitFor();
    expect(await dialog(alice).getByText('20m').count()).toBe(0);
    await dialog(alice).getByRole('button', { name: 'TOML' }).click();
    await dialog(alice).getByText('expr = "0 7 * * *"').waitFor();
    expect(await axeViolations(alice)).toEqual([]);
    await dialog(alice).getByRole('button', { name: 'Apply v2' }).click();
    await finish(alice, 'v2 is live');
    await says(alice, '1 pipeline changed since v2');
    const toml = await client.apply.body('v2');
    expect(toml).toContain('0 7 * * *');
    expect(toml).toContain('15m');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG3.6] a field and a pipeline are discarded, by button and by key, and undone',
  async () => {
    await edit('"Invoices"', '"Bills"');
    await alice.getByRole('button', { name: 'Discard Schedule expression of invoices' }).click();
    await says(alice, 'Discarded: invoices');
    await seenAgain(alice.getByText('20m'), 'detached');
    await until(async () => (await client.apply.export()).includes('15m'));
    expect(await client.apply.export()).toContain('"Bills"');
    await alice.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await says(alice, 'The discarded edits are back.');
    await until(async () => (await client.apply.export()).includes('20m'));
    await seenAgain(alice.getByText('20m'));
    const requests: string[] = [];
    alice.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
    const focusByKey = async (): Promise<void> => {
      await alice.keyboard.press('j');
      await until(() => entry('invoices').evaluate((row) => row === document.activeElement));
    };
    await focusByKey();
    // Somewhere else the key means none of the rows, whichever had the focus last.
    await alice.getByRole('main').evaluate((main) => main.focus());
    await alice.keyboard.press('d');
    await focusByKey();
    await alice.keyboard.press('d');
    await says(alice, 'No changes to apply');
    expect(requests.filter((request) => request.endsWith('discard'))).toHaveLength(1);
    expect(await client.apply.export()).toContain('"Invoices"');
    config = config.replace('20m', '15m').replace('"Bills"', '"Invoices"');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG3.8] who edits while another looks: the page says so, and what goes live is what was looked at last',
  async () => {
    await edit('0 7 * * *', '0 8 * * *');
    await says(alice, '1 pipeline changed since v2');
    await alice.getByRole('radio', { name: /All changes/ }).check();
    await alice.keyboard.press('a');
    await dialog(alice).getByText('0 8 * * *').waitFor();
    await edit('0 8 * * *', '0 9 * * *');
    await dialog(alice).getByText('The document has changed since this preview.').waitFor();
    expect(await dialog(alice).getByRole('button', { name: 'Apply v3' }).count()).toBe(0);
    await dialog(alice).getByRole('button', { name: 'Refresh' }).click();
    await dialog(alice).getByText('0 9 * * *').waitFor();
    await dialog(alice).getByRole('button', { name: 'Apply v3' }).click();
    await finish(alice, 'v3 is live');
    expect(await client.apply.body('v3')).toContain('0 9 * * *');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG3.5, PG3.7] what is wrong leads to its field, and a part that needs more is taken with one press',
  async () => {
    const refunds =
      '\n[[pipeline]]\nid = "refunds"\nname = "Refunds"\nsource = { kind = "csv-file", ref = "r.csv" }\n' +
      'destination = { table = "refunds" }\nschedule = { kind = "on-event", expr = "pipeline.finished:returns" }\n';
    const returns = refunds
      .replaceAll('refunds', 'returns')
      .replace('on-event", expr = "pipeline.finished:returns', 'cron", expr = "never');
    config = `${config}${refunds}${returns}`;
    await client.apply.import(config, { format: 'toml' });
    const issue = alice.getByRole('link', { name: 'returns: Schedule expression' });
    await issue.waitFor();
    await issue.click();
    // The address is gone from the bar as soon as it has led there.
    const expression = alice
      .getByRole('region', { name: 'Pipeline returns' })
      .getByLabel('Expression', { exact: true });
    await until(() => expression.evaluate((input) => input === document.activeElement));
    await edit('expr = "never"', 'expr = "0 5 * * *"');
    await until(async () => (await expression.inputValue()) === '0 5 * * *');
    await openChanges(alice);
    await alice.getByLabel('Include returns').click();
    await alice.keyboard.press('a');
    await dialog(alice).getByText('Nothing was published.').waitFor();
    await dialog(alice).getByRole('button', { name: 'Include these' }).click();
    await dialog(alice).getByText('From v3 to v4: 2 pipelines new.').waitFor();
    await dialog(alice).getByRole('button', { name: 'Apply v4' }).click();
    await finish(alice, 'v4 is live');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG3.4] the selection of the list comes along in the address, and who may not apply is told so',
  async () => {
    await edit('0 9 * * *', '0 10 * * *');
    await edit('15m', '25m');
    const { pipelines } = await client.apply.pending('main');
    const key = pipelines.find(({ id }) => id === 'invoices')?.key ?? '';
    await alice.goto(`${bed?.server.url}/docs/main/changes?keys=${key}`);
    await alice.getByText('Selected changes (1)').waitFor();
    expect(await alice.getByLabel('Include invoices').isChecked()).toBe(true);
    expect(await alice.getByLabel('Include orders').isChecked()).toBe(false);
    await openChanges(bob);
    await says(bob, 'Your role cannot apply changes');
    expect(await bob.getByRole('button', { name: 'Apply…' }).count()).toBe(0);
    expect(await bob.getByLabel('Include invoices').isDisabled()).toBe(true);
    await alice.setViewportSize({ width: 360, height: 740 });
    await fitsItsWidth(alice);
    await alice.setViewportSize({ width: 1280, height: 800 });
  },
  TEST_TIMEOUT_MS,
);

browserTest('[PG3.8] nothing in the changes broke the page’s policy or threw', () => {
  expect(bed?.complaints).toEqual([]);
});
