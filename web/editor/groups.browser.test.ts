// The tree of groups in a real browser: what people do with groups, by mouse and by keys.
import { afterAll, beforeAll, expect } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, createClient } from '@hakiri/client/client';
import { until } from '@hakiri/testing/until';
import type { Locator, Page } from 'playwright-core';
import { axeViolations } from '../testing/axe.ts';
import {
  browserTest,
  goTo,
  hasFocus,
  openPageBed,
  type PageBed,
  row,
  TEST_TIMEOUT_MS,
} from '../testing/page-bed.ts';

const ABROAD = `
[[pipeline]]
id = "visits"
group = "abroad/daily"
source = { kind = "csv-file", ref = "visits.csv" }
destination = { table = "visits" }
schedule = { kind = "every", expr = "1h" }
transforms = [{ kind = "filter", body = "count > \${LIMIT}", inputs = ["count"] }]

[[variable]]
name = "LIMIT"
value = "3"
`;

let bed: PageBed;
let alice: Page;
let bob: Page;
let client: Client;

beforeAll(async () => {
  const opened = await openPageBed();
  if (!opened) return;
  ({ alice, bob } = bed = opened);
  client = createClient({ url: bed.server.url, token: bed.server.ownerToken });
  const example = await readFile(join(import.meta.dir, 'first', 'example.toml'), 'utf8');
  await client.apply.import(example, { format: 'toml' });
}, TEST_TIMEOUT_MS);

afterAll(() => bed?.end());

const item = (page: Page, name: string): Locator =>
  page.getByRole('treeitem', { name: new RegExp(`^${name} ?[0-9]`) });

/** By way of another screen: what was chosen and typed there before is forgotten. */
async function home(page: Page): Promise<void> {
  await goTo(page, `${bed.server.url}/revisions`);
  await page.getByRole('main').getByRole('heading', { name: 'Revisions', exact: true }).first().waitFor();
  await goTo(page, `${bed.server.url}/docs/main/pipelines`);
  await page.getByRole('grid').waitFor();
}

/** Let go when the target shows that it would take it. */
async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  if (!start || !end) throw new Error('there is nothing to drag');
  const before = await to.getAttribute('class');
  const [x, y] = [start.x + Math.min(60, start.width / 2), start.y + start.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 12, y + 4, { steps: 4 });
  const [toX, toY] = [end.x + end.width / 2, end.y + end.height / 2];
  await until(
    async () => {
      await page.mouse.move(toX + 2, toY, { steps: 8 });
      await page.mouse.move(toX, toY);
      return (await to.getAttribute('class')) !== before;
    },
    { what: 'it is over the target' },
  );
  await page.mouse.up();
}

browserTest(
  '[PG1.25] groups by keys: made, renamed, moved into another, and deleted with a word on what is in them',
  async () => {
    await home(alice);
    await alice.getByRole('button', { name: 'New group' }).click();
    await alice.getByLabel('Name', { exact: true }).fill('archive');
    await alice.getByRole('button', { name: 'Create', exact: true }).click();
    await item(bob, 'archive').waitFor();
    await item(alice, 'All pipelines').click();
    await alice.keyboard.press('f');
    await hasFocus(item(alice, 'finance'));
    await alice.keyboard.press('F2');
    await alice.getByLabel('Name', { exact: true }).fill('money');
    await alice.keyboard.press('Enter');
    await item(bob, 'money').waitFor();
    await item(alice, 'money').focus();
    await alice.keyboard.press('Enter');
    await alice.getByRole('button', { name: 'Group actions' }).click();
    await alice.getByRole('menuitem', { name: 'Move group…' }).click();
    await alice.getByLabel('To group').fill('shop');
    await alice.getByRole('option', { name: 'shop', exact: true }).click();
    await alice.getByRole('button', { name: 'Move', exact: true }).click();
    await alice.waitForURL(/group=shop%2Fmoney|group=shop\/money/);
    await row(alice, 'revenue').waitFor();
    await item(alice, 'money').focus();
    await alice.keyboard.press('Delete');
    await alice.getByText('1 pipeline in it stay, and go to shop.').waitFor();
    await alice.getByRole('button', { name: 'Delete the group' }).click();
    await item(bob, 'money').waitFor({ state: 'detached' });
    await item(bob, 'shop').getByText('4').waitFor();
    await item(alice, 'All pipelines').click();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.25] pipelines are dragged onto a group, all that are chosen at once, and a group into another',
  async () => {
    await home(alice);
    await row(alice, 'orders').getByLabel('Select orders').check();
    await row(alice, 'revenue').getByLabel('Select revenue').check();
    await drag(alice, row(alice, 'orders').getByText('Orders', { exact: true }), item(alice, 'archive'));
    await alice.getByText('2 pipelines moved to archive').waitFor();
    await item(bob, 'archive').getByText('2').waitFor();
    await drag(alice, item(alice, 'archive'), item(alice, 'shop'));
    await alice.getByText('archive moved to shop').waitFor();
    await item(bob, 'shop').getByText('4').waitFor();
    await alice.getByRole('treeitem', { name: /^All pipelines/ }).click();
    await row(alice, 'revenue').getByLabel('Select revenue').check();
    await alice.getByRole('button', { name: 'Move to group…' }).click();
    await alice.getByLabel('To group').fill('finance/weekly');
    await alice.getByRole('button', { name: 'Move', exact: true }).click();
    await item(bob, 'weekly').waitFor();
    await alice.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await item(bob, 'archive').getByText('2').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.53] a group goes to another document of the team once there is one, after a word on what is live',
  async () => {
    await client.apply.import(ABROAD, { format: 'toml' });
    await home(alice);
    const openMenu = async (): Promise<Locator> => {
      await item(alice, 'abroad').click();
      await alice.getByRole('button', { name: 'Group actions' }).click();
      await alice.getByRole('menuitem', { name: 'Move group…' }).waitFor();
      return alice.getByRole('menuitem', { name: 'Move to another document…' });
    };
    expect(await (await openMenu()).count()).toBe(0);
    await alice.keyboard.press('Escape');
    const { version } = await client.documents.view('main');
    await client.apply.apply({ scope: { kind: 'all' }, version });
    await client.documents.create({ doc: 'eu', title: 'Europe' });
    await (await openMenu()).click();
    const dialog = alice.getByRole('dialog');
    await dialog.getByText(/^1 pipeline moves to Europe/).waitFor();
    await dialog.getByText(/What is live stays as it was applied/).waitFor();
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await dialog.getByText('1 pipeline is in Europe now.').waitFor();
    await dialog.getByText('Variables copied: LIMIT.').waitFor();
    expect(await axeViolations(alice)).toEqual([]);
    for (const page of [alice, bob]) await item(page, 'abroad').waitFor({ state: 'detached' });
    expect(await client.apply.body('v1')).toContain('id = "visits"');
    await dialog.getByRole('link', { name: 'Changes of Europe' }).click();
    await alice.waitForURL(/\/docs\/eu\/changes$/);
    expect(bed.complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);
