// Applies that wait, in a real browser against a whole server: one asks, another approves or rejects; a time, a freeze, a message.
import { afterAll, beforeAll, expect } from 'bun:test';
import { type Client, createClient } from '@hakiri/client/client';
import { type ApplyPolicy, NO_POLICY } from '@hakiri/contracts/policy';
import type { Locator, Page } from 'playwright-core';
import { axeViolations } from '../testing/axe.ts';
import {
  browserTest,
  CONFIG,
  openPageBed,
  type PageBed,
  seenAgain,
  TEST_TIMEOUT_MS,
} from '../testing/page-bed.ts';

let bed: PageBed | undefined;
let client: Client;
/** The owner, who may approve. */
let alice: Page;
/** An applier. */
let bob: Page;
let minute = 0;

const ADMINS = { roles: ['admin' as const, 'owner' as const], users: [] };
const PROTECTED: ApplyPolicy = { ...NO_POLICY, protected: [{ group: '', approvals: 1, by: ADMINS }] };
const YEARS = { kind: 'between' as const, from: '2020-01-01T00:00:00Z', until: '2120-01-01T00:00:00Z' };

beforeAll(async () => {
  bed = await openPageBed({ bob: 'applier' });
  if (!bed) return;
  ({ alice, bob } = bed);
  client = createClient({ url: bed.server.url, token: bed.server.ownerToken });
  await edit();
  for (const page of [alice, bob]) await page.getByRole('link', { name: 'Changes', exact: true }).click();
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

/** So that something differs from what is live. */
async function edit(): Promise<string> {
  minute += 1;
  await client.apply.import(CONFIG.replace('0 6 * * *', `${minute} 6 * * *`), { format: 'toml' });
  return `${minute} 6 * * *`;
}

async function save(policy: ApplyPolicy): Promise<void> {
  const { version } = await client.requests.policy();
  await client.requests.savePolicy({ version, policy });
}

const dialog = (page: Page): Locator => page.getByRole('dialog');

/** The dialog, once it shows what would go live: `value` is part of that, so that it is no earlier look. */
async function look(page: Page, value?: string): Promise<void> {
  const apply = page.getByRole('button', { name: 'Apply…' });
  if (value !== undefined) await seenAgain(page.getByText(value).first());
  await apply.click();
  await dialog(page).getByLabel('Message').waitFor();
}

async function close(page: Page): Promise<void> {
  await dialog(page).getByRole('button', { name: 'Close', exact: true }).last().click();
  await dialog(page).waitFor({ state: 'hidden' });
}

async function ask(message: string, value?: string): Promise<void> {
  await look(bob, value);
  await dialog(bob).getByText('Everything is protected: 0 of 1 approval given.').waitFor();
  await dialog(bob).getByLabel('Message').fill(message);
  await dialog(bob).getByRole('button', { name: 'Request approval' }).click();
  await dialog(bob).getByText('Waiting for approval').waitFor();
  await close(bob);
}

/** Alice has it in her list by the next question. */
async function open(page: Page, message: string): Promise<void> {
  const look = page.getByRole('listitem').filter({ hasText: message }).getByRole('button', { name: /View/ });
  await seenAgain(look);
  await look.click();
  await dialog(page).getByText(message).waitFor();
}

browserTest(
  '[PG3.10, PG3.16, PG4.2] one asks, cannot approve their own, and another approves exactly what they see',
  async () => {
    await save(PROTECTED);
    await ask('please, the first');
    await open(bob, 'please, the first');
    await dialog(bob).getByText('you cannot approve your own').waitFor();
    expect(await dialog(bob).getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await close(bob);
    await seenAgain(alice.getByRole('link', { name: /^Changes\s*1\s*waiting for your approval$/ }));
    expect(await bob.getByRole('link', { name: 'Changes', exact: true }).count()).toBe(1);
    await open(alice, 'please, the first');
    await dialog(alice).getByText('csv-file invoices.csv').waitFor();
    expect(await axeViolations(alice)).toEqual([]);
    await dialog(alice).getByRole('button', { name: 'Approve' }).click();
    await bob.getByText(/v1 applied by Bob Baker: please, the first/).waitFor();
    expect((await client.apply.revision('v1')).message).toBe('please, the first');
    await bob.getByRole('link', { name: 'Live: v1' }).click();
    await bob.getByText('Approved by').waitFor();
    await bob.getByRole('link', { name: 'Changes', exact: true }).click();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG3.10, PG3.22] a rejection says why, and nothing is published; its author finds it until they put it away',
  async () => {
    const value = await edit();
    await ask('in a hurry', value);
    await open(alice, 'in a hurry');
    await dialog(alice).getByRole('button', { name: 'Reject' }).click();
    await dialog(alice).getByText('Give a reason to reject it.').waitFor();
    await dialog(alice).getByLabel('Reason').fill('not on a Friday');
    await dialog(alice).getByRole('button', { name: 'Reject' }).click();
    await alice.getByText('Nothing is waiting for approval or scheduled.').waitFor();
    const [last] = (await client.requests.list({ state: 'all' })).requests;
    expect(last).toMatchObject({ state: 'refused', problem: { code: 'approval_rejected' } });
    expect(last?.problem?.detail).toContain('not on a Friday');
    const why = bob.getByText('did not approve it: not on a Friday');
    await bob.reload();
    await why.waitFor();
    await bob.getByRole('button', { name: 'Dismiss: in a hurry' }).click();
    await why.waitFor({ state: 'detached' });
    await bob.reload();
    await bob.getByText('Nothing is waiting for approval or scheduled.').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG3.11] a timed Apply is planned, listed, and cancelled by its author',
  async () => {
    await save(NO_POLICY);
    await look(bob);
    await dialog(bob).getByLabel('Message').fill('tomorrow');
    await dialog(bob).getByLabel('When').selectOption('At a set time');
    expect(await dialog(bob).getByRole('button', { name: 'Schedule' }).isDisabled()).toBe(true);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
    await dialog(bob).getByLabel('Time', { exact: true }).fill(tomorrow);
    await dialog(bob).getByRole('button', { name: 'Schedule' }).click();
    await dialog(bob).getByText('It goes live at').waitFor();
    await close(bob);
    await open(bob, 'tomorrow');
    await dialog(bob).getByRole('button', { name: 'Cancel this Apply' }).click();
    await bob.getByText('Nothing is waiting for approval or scheduled.').waitFor();
    expect((await client.requests.list()).requests).toEqual([]);
    expect((await client.apply.revisions()).revisions).toHaveLength(1);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG3.12, PG3.11] a message that the policy wants is said at the message, a freeze before anything is sent, each with a way on',
  async () => {
    await save({ ...NO_POLICY, requireMessage: true });
    await look(bob);
    await dialog(bob).getByText('Your team wants a message with each Apply').waitFor();
    await dialog(bob).getByRole('button', { name: 'Cancel' }).click();
    await save({ ...NO_POLICY, freezes: [{ name: 'holidays', when: YEARS, override: ADMINS }] });
    await look(alice);
    await dialog(alice)
      .getByText(/holidays/)
      .waitFor();
    await dialog(alice).getByRole('button', { name: 'Apply v2' }).click();
    await dialog(alice)
      .getByText(/Nothing was published\. .*holidays/)
      .waitFor();
    await dialog(alice).getByLabel('Apply despite the freeze').check();
    await dialog(alice).getByLabel('Message').fill('cannot wait');
    await dialog(alice).getByRole('button', { name: 'Apply v2' }).click();
    await dialog(alice).getByText('v2 is live').waitFor();
    await close(alice);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG3.17] whether somebody is told while the page is hidden is a switch of their account menu, kept on the device',
  async () => {
    await alice.context().grantPermissions(['notifications']);
    const turn = alice.getByRole('menuitem', { name: /^Notify me when the page is hidden/ });
    const openMenu = () => alice.getByRole('button', { name: /account and settings/ }).click();
    for (const isOn of [true, false]) {
      await openMenu();
      await turn.click();
      await openMenu();
      await turn.filter(isOn ? { hasText: '✓' } : { hasNotText: '✓' }).waitFor();
      await alice.keyboard.press('Escape');
    }
  },
  TEST_TIMEOUT_MS,
);

browserTest('[PG3.10] nothing that waits broke the page’s policy or threw', () => {
  expect(bed?.complaints).toEqual([]);
});
