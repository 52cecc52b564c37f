// The door and the admin surface in a real browser: who comes in, who may what, and two who save at once.
import { afterAll, beforeAll, expect } from 'bun:test';
import { type Client, createClient } from '@hakiri/client/client';
import { NO_POLICY } from '@hakiri/contracts/policy';
import { until } from '@hakiri/testing/until';
import type { Locator, Page } from 'playwright-core';
import { axeViolations } from '../testing/axe.ts';
import {
  browserTest,
  goTo,
  held,
  openPageBed,
  type PageBed,
  seenAgain,
  TEST_TIMEOUT_MS,
} from '../testing/page-bed.ts';

let bed: PageBed | undefined;
let alice: Page;
let bob: Page;
let client: Client;
let url: string;

beforeAll(async () => {
  bed = await openPageBed();
  if (!bed) return;
  ({ alice, bob } = bed);
  url = bed.server.url;
  client = createClient({ url, token: bed.server.ownerToken });
}, TEST_TIMEOUT_MS);

afterAll(() => bed?.end());

const parts = (page: Page): Locator => page.getByRole('navigation', { name: 'Admin' });
const rowOf = (page: Page, name: string): Locator => page.getByRole('row').filter({ hasText: name });
const dialogOf = (page: Page): Locator => page.getByRole('dialog');

async function newcomer(link: string): Promise<Page> {
  const page = await bed?.newcomer(link);
  if (!page) throw new Error('no browser');
  return page;
}

browserTest(
  '[PG6.2] an editor sees the members and nothing that the role may not do, and is told what is not for them',
  async () => {
    await goTo(bob, `${url}/admin`);
    await bob.waitForURL('**/admin/members');
    await bob.getByText('Your role can see members but not change them.').waitFor();
    await rowOf(bob, 'Bob Baker').getByText('Editor').waitFor();
    expect(await bob.getByRole('table').getByRole('combobox').count()).toBe(0);
    expect(await bob.getByRole('button', { name: /^Actions on/ }).count()).toBe(0);
    expect(await parts(bob).getByRole('link').allTextContents()).toEqual(['Members']);
    const refused = {
      invitations: 'Invitations',
      tokens: 'Tokens',
      policy: 'Apply policy',
      audit: 'Audit log',
    };
    for (const [part, title] of Object.entries(refused)) {
      await goTo(bob, `${url}/admin/${part}`);
      await bob.getByText(`${title}: no access`).waitFor();
    }
    expect(await axeViolations(bob, '#content')).toEqual([]);
    const { entries } = await client.auth.audit({ newest: true });
    expect(entries.filter(({ outcome }) => outcome === 'refused')).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG6.1, PG6.6] the owner invites somebody without a name; who comes says it; a link works once, and not after it was taken back',
  async () => {
    await goTo(alice, `${url}/admin/invitations`);
    await alice.getByLabel('Role').selectOption('viewer');
    await alice.getByRole('button', { name: 'Create link' }).click();
    const link = await alice.getByLabel('Link', { exact: true }).inputValue();
    expect(await axeViolations(alice, '#content')).toEqual([]);
    await rowOf(alice, 'anyone with the link').getByText('Viewer').waitFor();
    const dora = await newcomer(link);
    await dora.getByText('You are invited.').waitFor();
    expect(dora.url()).toBe(`${url}/`);
    expect(await axeViolations(dora)).toEqual([]);
    await dora.getByLabel('Your name').fill('Dora Dunn');
    await dora.getByRole('button', { name: 'Join' }).click();
    await dora.getByRole('button', { name: 'Dora Dunn: account and settings' }).waitFor();
    await seenAgain(rowOf(alice, 'anyone with the link'), 'detached');
    const late = await newcomer(link);
    await late.getByText('This link no longer works').waitFor();
    expect(await axeViolations(late)).toEqual([]);
    await late.context().close();
    await dora.getByRole('button', { name: 'Dora Dunn: account and settings' }).click();
    await dora.getByRole('menuitem', { name: 'Sign out' }).click();
    await dora.getByText('You are signed out.').waitFor();
    await dora.context().close();
    // One that was taken back leads nowhere.
    const { code } = await client.auth.createLink({ kind: 'invite', name: 'Eve', role: 'editor' });
    const takeBack = alice.getByRole('button', { name: 'Revoke the invitation for Eve' });
    await seenAgain(takeBack);
    await takeBack.click();
    await rowOf(alice, 'Eve').waitFor({ state: 'detached' });
    const eve = await newcomer(`${url}/#code=${code}`);
    await eve.getByText('This link no longer works').waitFor();
    await eve.context().close();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG6.3, PG6.5] a role counts when it is saved, in the page that its person has open',
  async () => {
    await parts(alice).getByRole('link', { name: 'Members' }).click();
    await alice.getByLabel('Role of Bob Baker').selectOption('admin');
    await alice.getByText('1 unsaved change').waitFor();
    expect(await axeViolations(alice, '#content')).toEqual([]);
    await parts(alice).getByRole('link', { name: 'Tokens' }).click();
    await dialogOf(alice).getByText('Your changes here are not saved').waitFor();
    await dialogOf(alice).getByRole('button', { name: 'Stay' }).click();
    expect((await client.auth.members()).find(({ name }) => name === 'Bob Baker')?.role).toBe('editor');
    await alice.getByRole('button', { name: 'Save', exact: true }).click();
    await alice.getByText('1 unsaved change').waitFor({ state: 'detached' });
    // Bob's page stood at a part that was not for him.
    await bob.getByRole('button', { name: 'Verify chain' }).waitFor();
    await parts(bob).getByRole('link', { name: 'Members' }).click();
    await bob.getByLabel('Role of Bob Baker').waitFor();
    expect(await bob.getByLabel('Role of Owner').count()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG6.4] a role that somebody else saved first is said, and nothing is overwritten unasked',
  async () => {
    const dora = (await client.auth.members()).find(({ name }) => name === 'Dora Dunn');
    await bob.getByLabel('Role of Dora Dunn').selectOption('editor');
    await client.auth.updateMember(dora?.user ?? '', { role: 'applier' });
    await seenAgain(
      bob.getByText('Dora Dunn was viewer when you chose editor, and has since been made applier'),
    );
    await bob.getByRole('button', { name: 'Save', exact: true }).click();
    await until(async () => (await bob.getByRole('button', { name: 'Save', exact: true }).count()) === 1);
    const roleNow = async () => (await client.auth.members()).find(({ name }) => name === 'Dora Dunn')?.role;
    expect(await roleNow()).toBe('applier');
    expect(await axeViolations(bob, '#content')).toEqual([]);
    await bob.getByRole('button', { name: 'Keep mine' }).click();
    await bob.getByRole('button', { name: 'Save', exact: true }).click();
    await bob.getByText('1 unsaved change').waitFor({ state: 'detached' });
    expect(await roleNow()).toBe('editor');
    await bob.getByRole('button', { name: 'Actions on Dora Dunn' }).click();
    await bob.getByRole('menuitem', { name: 'Remove…' }).click();
    await dialogOf(bob).getByRole('button', { name: 'Remove Dora Dunn' }).click();
    await rowOf(bob, 'Dora Dunn').waitFor({ state: 'detached' });
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG6.6, PG8.10] a token is shown once, works over HTTP for its pipelines alone, and is refused once revoked',
  async () => {
    await goTo(alice, `${url}/admin/tokens`);
    await alice.getByRole('button', { name: 'New token…' }).click();
    const dialog = dialogOf(alice);
    await dialog.getByLabel('Name').fill('nightly job');
    await dialog.getByLabel('Limit to pipelines').fill('orders, Nö');
    await dialog.getByText('Not a pipeline id: Nö').waitFor();
    await dialog.getByLabel('Limit to pipelines').fill('orders');
    expect(await axeViolations(alice, '[role="dialog"]')).toEqual([]);
    // The answers take as long as it pleases; a second press and the Enter of somebody who waits ask for nothing more.
    const letGo = await held(alice, '**/v1/auth/tokens', 'POST');
    await dialog.getByRole('button', { name: 'Create token' }).dblclick();
    await dialog.getByLabel('Name').press('Enter');
    expect(await letGo()).toBe(1);
    const token = await dialog.getByLabel('Token', { exact: true }).inputValue();
    expect((await client.auth.tokens()).filter(({ name }) => name === 'nightly job').length).toBe(1);
    await dialog.getByRole('button', { name: 'Done' }).click();
    const program = createClient({ url, token });
    expect(await program.auth.me()).toMatchObject({ role: 'applier', pipelines: ['orders'] });
    expect((await program.runs.list({ pipeline: 'orders' })).runs).toEqual([]);
    await expect(program.runs.list({ pipeline: 'stock' })).rejects.toThrow();
    await rowOf(alice, 'nightly job').getByText('orders').waitFor();
    expect(await alice.getByText(token).count()).toBe(0);
    await alice.getByRole('button', { name: 'Revoke nightly job' }).click();
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    await rowOf(alice, 'nightly job').getByText('Revoked').waitFor();
    await until(async () =>
      program.auth.me().then(
        () => false,
        () => true,
      ),
    );
    expect(await axeViolations(alice, '#content')).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG6.9] a link that reaches somebody who is signed in asks first, and whoever stays loses nothing',
  async () => {
    const invite = async (name: string) =>
      (await client.auth.createLink({ kind: 'invite', name, role: 'viewer' })).code;
    const [own, other] = [await invite('Nora Nash'), await invite('Mallory')];
    const page = await newcomer(`${url}/#code=${own}`);
    const account = (name: string) => page.getByRole('button', { name: `${name}: account and settings` });
    const open = (code: string) =>
      page.evaluate((given) => {
        location.hash = `#code=${given}`;
      }, code);
    await account('Nora Nash').waitFor();
    await open(other);
    await page.getByText('You are signed in as Nora Nash.').waitFor();
    await page.getByRole('button', { name: 'Stay signed in as you are' }).click();
    await account('Nora Nash').waitFor();
    await open(other);
    await page.getByRole('button', { name: 'Use this link instead' }).click();
    await account('Mallory').waitFor();
    await page.context().close();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG6.3, PG6.4, PG6.7, PG8.10] a policy that two save at once: the second sees both versions and decides',
  async () => {
    for (const page of [alice, bob]) {
      await parts(page).getByRole('link', { name: 'Apply policy' }).click();
      await page.getByText('Not set up').waitFor();
    }
    await alice.getByRole('button', { name: 'Protect a group' }).click();
    await alice.getByLabel('Group', { exact: true }).fill('finance');
    await bob.getByLabel('Require a message').check();
    await bob.getByRole('button', { name: 'Save', exact: true }).click();
    await bob.getByText('1 unsaved change').waitFor({ state: 'detached' });
    await seenAgain(alice.getByText('Bob Baker saved the policy while you were editing it.'));
    await alice.getByText('every Apply needs a message', { exact: true }).waitFor();
    await alice.getByText('finance needs 1 approval by admins, owners').waitFor();
    expect(await axeViolations(alice, '#content')).toEqual([]);
    expect((await client.requests.policy()).policy).toEqual({ ...NO_POLICY, requireMessage: true });
    await alice.getByRole('button', { name: 'Keep mine' }).click();
    await alice.getByLabel('Require a ticket in the message').check();
    await alice.getByLabel('Pattern').fill('(');
    await alice.getByRole('button', { name: 'Save', exact: true }).click();
    await alice.getByText('Not saved. Fix the issues below.').waitFor();
    expect(await alice.getByLabel('Pattern').getAttribute('aria-invalid')).toBe('true');
    await alice.getByLabel('Pattern').fill('DATA-[0-9]+');
    await alice.getByRole('button', { name: 'Add a freeze' }).click();
    const letGo = await held(alice, '**/v1/manifest/policy', 'PUT');
    const hours = alice.getByLabel('Hours until an unapproved request expires');
    await hours.fill('12');
    for (const key of ['Enter', 'Enter']) await hours.press(key);
    await hours.fill('34');
    expect(await letGo()).toBe(1);
    await alice.getByText(/^Version 2\b/).waitFor();
    expect(await hours.inputValue()).toBe('34');
    await alice.getByRole('button', { name: 'Save', exact: true }).click();
    await alice.getByText('1 unsaved change').waitFor({ state: 'detached' });
    // Who looks without changing anything follows.
    await seenAgain(bob.getByLabel('Pattern'));
    expect(await bob.getByLabel('Pattern').inputValue()).toBe('DATA-[0-9]+');
    const { version, policy } = await client.requests.policy();
    expect([version, policy.approvalHours]).toEqual([3, 34]);
    expect(policy.protected.map(({ group }) => group)).toEqual(['finance']);
    expect(policy.freezes).toHaveLength(1);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG6.8, PG8.29] the audit log shows what was done here, is filtered, and its chain holds',
  async () => {
    await parts(alice).getByRole('link', { name: 'Audit log' }).click();
    await alice.getByRole('button', { name: 'Verify chain' }).click();
    await alice.getByText(/^Intact: each of/).waitFor();
    await alice.getByLabel('Search loaded entries').pressSequentially('token.revoke');
    await rowOf(alice, 'token.revoke').first().waitFor();
    await rowOf(alice, 'token.create').first().waitFor({ state: 'detached' });
    expect(await alice.locator('time[tabindex], [role="img"][tabindex]').count()).toBe(0);
    await alice.waitForURL(/[?&]find=token\.revoke/);
    await alice.getByLabel('Outcome').selectOption('refused');
    await alice.getByText('No loaded entry matches.').waitFor();
    await alice.getByLabel('Outcome').selectOption('');
    await alice.getByLabel('Search loaded entries').fill('');
    expect(await axeViolations(alice, '#content')).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG6.1, PG6.5] who is removed is told that the session is over',
  async () => {
    const user = (await client.auth.members()).find(({ name }) => name === 'Bob Baker')?.user ?? '';
    await client.auth.removeMember(user);
    await bob.getByText('Your session has ended.').waitFor();
    expect(await axeViolations(bob)).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

browserTest('[PG6.2] nothing on these screens broke the page’s policy or threw', async () => {
  expect(bed?.complaints).toEqual([]);
});
