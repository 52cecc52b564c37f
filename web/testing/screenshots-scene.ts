// What the pictures of `npm run screenshots` show: a team at work, and each screen and question of the page as people meet it.
import { join } from 'node:path';
import { type Client, createClient } from '@hakiri/client/client';
import { connectDocument, type DocumentConnection } from '@hakiri/client/sync';
import {
  commitEdit,
  createPipeline,
  deletePipeline,
  moveToGroup,
  setEnabled,
  setSchedule,
  setText,
  setVariable,
} from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import { NO_POLICY } from '@hakiri/contracts/policy';
import { until } from '@hakiri/testing/until';
import type { Page } from 'playwright-core';
import { admin } from '../strings/en-admin.ts';
import { changes } from '../strings/en-changes.ts';
import { revisions } from '../strings/en-revisions.ts';
import { runs } from '../strings/en-runs.ts';
import { strings } from '../strings/strings.ts';
import { field } from './form-bed.ts';
import { type PageBed, saved } from './page-bed.ts';

export const ROOT = join(import.meta.dir, '../..');
const DAY_MS = 86_400_000;
const ADMINS = { roles: ['admin' as const, 'owner' as const], users: [] };

export type Screen = {
  name: string;
  path: string;
  /** Instead of the owner's page. */
  page?: Page;
  /** What is done there before the picture. */
  act?: (page: Page) => Promise<unknown>;
  /** What would be in the way of the next screen. */
  end?: (page: Page) => Promise<unknown>;
};
type Scene = { client: Client; connection: DocumentConnection; keyOf(id: string): string };

export async function playScene(bed: PageBed): Promise<Screen[]> {
  const { url, ownerToken } = bed.server;
  const client = createClient({ url, token: ownerToken });
  const { team } = await client.auth.me();
  const example = await Bun.file(join(ROOT, 'examples/hakiri.toml')).text();
  await client.apply.import(example, { doc: 'main', format: 'toml' });
  const connection = await connectDocument({ client, team, doc: 'main' });
  const keyOf = (id: string): string =>
    readConfig(connection.doc).pipelines.find((pipeline) => pipeline.id === id)?.key ?? '';
  const scene = { client, connection, keyOf };
  await goLive(scene);
  await client.documents.create({ doc: 'lab', title: 'Laboratory' });
  await reports(bed, client);
  const ran = await runsAndPolicy(scene);
  await edit(scene);
  await meet(bed, scene);
  await asks(scene, url);
  await bed.bob.goto(`${url}/docs/main/pipelines/${keyOf('gh-issues')}?field=schedule/expr`);
  const { code } = await client.auth.createLink({ kind: 'invite', name: 'Vera Viewer', role: 'viewer' });
  const reader = await bed.newcomer(`${url}/#code=${code}`);
  await client.auth.createLink({ kind: 'invite', name: 'Imre', role: 'applier' });
  const door = await (await bed.browser.newContext()).newPage();
  return screensOf(scene, { ...ran, reader, door });
}

async function goLive({ client, connection: { doc, saved: sent }, keyOf }: Scene): Promise<void> {
  const live = async (message: string): Promise<void> => {
    const { version } = await client.apply.document('main');
    await client.apply.apply({ doc: 'main', scope: { kind: 'all' }, version, message });
  };
  commitEdit(doc, 'scene', () => {
    for (const [id, ref] of [
      ['refunds-history', 'refunds/2019.csv'],
      ['store-visits', 'orders.csv'],
    ] as const)
      createPipeline(doc, {
        id,
        source: { kind: 'csv-file', ref },
        destination: { table: `shop.${id.replaceAll('-', '_')}` },
        schedule: { kind: 'every', expr: '90d' },
      });
    moveToGroup(doc, keyOf('refunds-history'), 'ingest/shop/stores/europe/north/copenhagen/point-of-sale');
  });
  await sent();
  await live('The shop, as it begins');
  commitEdit(doc, 'scene', () => setSchedule(doc, keyOf('gh-pulls'), { kind: 'cron', expr: '*/10 * * * *' }));
  await sent();
  await live('DATA-41 Read pull requests every ten minutes: the review dashboard was an hour behind');
}

/** Something changed, something new, something gone, something wrong. */
async function edit({ connection: { doc, saved: sent }, keyOf }: Scene): Promise<void> {
  commitEdit(doc, 'scene', () => {
    setText(doc, keyOf('gh-issues'), 'description', 'Every issue, open and closed.');
    setSchedule(doc, keyOf('gh-issues'), { kind: 'cron', expr: '0 */2 * * *' });
    setSchedule(doc, keyOf('gh-pulls'), { kind: 'cron', expr: '5 * * *' });
    setSchedule(doc, keyOf('orders-eu'), { kind: 'cron', expr: '15 6 * * 1-5', timezone: 'Europe/Berlin' });
    setEnabled(doc, keyOf('orders-2024'), true);
    deletePipeline(doc, keyOf('store-visits'));
    createPipeline(doc, {
      id: 'refunds',
      source: { kind: 'csv-file', ref: 'refunds.csv' },
      destination: { table: 'shop.refunds' },
      schedule: { kind: 'cron', expr: '0 5 * * *' },
    });
    const lowest = readConfig(doc).variables.find(({ name }) => name === 'MIN_ORDER_EUR');
    setVariable(doc, { name: 'MIN_ORDER_EUR', value: '25' }, lowest?.key);
  });
  await sent();
}

/** An Apply that waits for somebody else's approval. */
async function asks({ client, connection: { doc, saved: sent }, keyOf }: Scene, url: string): Promise<void> {
  commitEdit(doc, 'scene', () => setSchedule(doc, keyOf('fraud-signals'), { kind: 'every', expr: '2h' }));
  await sent();
  const { code } = await client.auth.createLink({ kind: 'invite', name: 'Ines Ito', role: 'applier' });
  const { accessToken } = await createClient({ url }).auth.redeem({ code });
  const { version } = await client.apply.document('main');
  await createClient({ url, token: accessToken }).apply.submit({
    ...{ doc: 'main', scope: { kind: 'group', group: 'marts/finance' }, version },
    message: 'DATA-57 Look for fraud every two hours',
  });
}

/** One that failed, one that no node takes, some that succeeded; and rules for who may apply what, when. */
async function runsAndPolicy({ client }: Scene): Promise<{ ran: string; failed: string }> {
  const ended = async (is: 'succeeded' | 'failed'): Promise<string> => {
    const find = async () => (await client.runs.list({ state: is })).runs[0]?.id;
    await until(async () => (await find()) !== undefined, { what: `a run ${is}`, timeoutMs: 60_000 });
    return (await find()) ?? '';
  };
  await until(async () => (await client.runs.schedules()).schedules.length > 0, { timeoutMs: 30_000 });
  for (const id of ['refunds-history', 'web-logs', 'customers']) await client.runs.start(id);
  const [ran, failed] = [await ended('succeeded'), await ended('failed')];
  const { version } = await client.requests.policy();
  const from = new Date(Date.now() + 20 * DAY_MS).toISOString();
  const till = new Date(Date.now() + 30 * DAY_MS).toISOString();
  await client.requests.savePolicy({
    version,
    policy: {
      ...NO_POLICY,
      protected: [{ group: 'marts/finance', approvals: 1, by: ADMINS }],
      ticket: { pattern: '[A-Z]+-[0-9]+', example: 'DATA-123' },
      freezes: [{ name: 'Year-end closing', when: { kind: 'between', from, until: till }, override: ADMINS }],
    },
  });
  return { ran, failed };
}

/** One field, written by two who do not hear of each other. */
async function meet({ alice, bob, server }: PageBed, { keyOf }: Scene): Promise<void> {
  for (const page of [alice, bob]) {
    await page.goto(`${server.url}/docs/main/pipelines/${keyOf('customers')}`);
    await field(page, 'Table').waitFor();
    await saved(page);
  }
  await bob.context().setOffline(true);
  await bob.getByText(strings.app.status.offline, { exact: true }).waitFor();
  await field(bob, 'Table').fill('crm.customers');
  await field(alice, 'Table').fill('shop.customers_all');
  await saved(alice);
  await bob.context().setOffline(false);
  await saved(bob);
}

async function reports({ server: { url } }: PageBed, client: Client): Promise<void> {
  const names = ['v2', 'v2', 'v1'];
  for (const [index, label] of names.entries()) {
    const { sequence, digest } = await client.apply.revision(label);
    const { token } = await client.auth.createToken({ name: `edge ${index + 1}`, role: 'node', ttlDays: 90 });
    const since = new Date(Date.now() - index * 0.3 * DAY_MS).toISOString();
    await fetch(`${url}/v1/manifest/reports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: `edge-0${index + 1}`, sequence, digest, state: 'running', since }),
    });
  }
}

type Asked = { ran: string; failed: string; reader: Page; door: Page };

function screensOf({ keyOf }: Scene, { ran, failed, reader, door }: Asked): Screen[] {
  const at = '/docs/main';
  const words = strings.list.files;
  const press = (name: string) => (page: Page) =>
    page.getByRole('button', { name, exact: true }).first().click();
  const dialog = (page: Page) => page.getByRole('dialog').waitFor();
  const asks = (name: string) => async (page: Page) => {
    await press(name)(page);
    await dialog(page);
  };
  /** The name of the button goes on with its key. */
  const applies = async (page: Page) => {
    await page.getByRole('button', { name: changes.apply.open }).click();
    await page.getByRole('dialog').getByText(changes.apply.looking).waitFor({ state: 'detached' });
  };
  const compared = (page: Page) =>
    page.getByText(changes.comparing, { exact: true }).first().waitFor({ state: 'detached' });
  const key = (keys: string) => async (page: Page) => {
    await page.keyboard.press(keys);
    await dialog(page);
  };
  return [
    { name: 'pipelines', path: `${at}/pipelines` },
    {
      name: 'selected',
      path: `${at}/pipelines?group=marts`,
      act: (page) => page.getByLabel(strings.list.selectAll).check(),
    },
    { name: 'none-found', path: `${at}/pipelines?q=quarterly` },
    { name: 'pipeline', path: `${at}/pipelines/${keyOf('gh-issues')}` },
    { name: 'pipeline-wrong', path: `${at}/pipelines/${keyOf('gh-pulls')}?field=schedule/expr` },
    {
      name: 'pipeline-code',
      path: `${at}/pipelines/${keyOf('orders-eu')}?field=transforms/0/body`,
      act: (page) => page.locator('.cm-content').first().click(),
    },
    { name: 'pipeline-conflict', path: `${at}/pipelines/${keyOf('customers')}` },
    { name: 'pipeline-reader', path: `${at}/pipelines/${keyOf('gh-issues')}`, page: reader },
    { name: 'new-pipeline', path: `${at}/pipelines`, act: asks(strings.list.create.button) },
    { name: 'import', path: `${at}/pipelines`, act: importFile },
    { name: 'first-steps', path: '/docs/lab/pipelines' },
    {
      name: 'documents',
      path: `${at}/pipelines`,
      act: async (page) => {
        await page.keyboard.press('g');
        await key('o')(page);
      },
    },
    { name: 'variables', path: `${at}/variables` },
    { name: 'changes', path: `${at}/changes`, act: compared },
    { name: 'changes-none', path: '/docs/lab/changes' },
    { name: 'changes-reader', path: `${at}/changes`, page: reader, act: compared },
    {
      name: 'apply',
      path: `${at}/changes?keys=${keyOf('gh-issues')},${keyOf('orders-eu')}`,
      act: applies,
    },
    { name: 'apply-refused', path: `${at}/changes`, act: applies },
    {
      name: 'request',
      path: `${at}/changes`,
      act: async (page) => {
        await page.getByRole('button', { name: changes.waiting.look, exact: false }).last().click();
        await dialog(page);
      },
    },
    { name: 'revisions', path: '/revisions' },
    { name: 'revision', path: '/revisions/v2' },
    { name: 'compare', path: '/revisions?from=v1&to=v2' },
    { name: 'revert', path: '/revisions/v1', act: asks(revisions.revertTo('v1')) },
    { name: 'daemons', path: '/daemons' },
    { name: 'runs', path: '/runs' },
    { name: 'run', path: `/runs/${ran}` },
    { name: 'run-failed', path: `/runs/${failed}` },
    { name: 'start-run', path: '/runs', act: asks(runs.start.open) },
    { name: 'upcoming', path: '/runs/upcoming' },
    { name: 'ledger', path: '/runs/ledger' },
    { name: 'members', path: '/admin/members' },
    {
      name: 'members-unsaved',
      path: '/admin/members',
      act: (page) => page.getByLabel(admin.members.roleOf('Bob Baker')).selectOption('admin'),
      end: press(admin.unsaved.discard),
    },
    { name: 'invitations', path: '/admin/invitations' },
    { name: 'tokens', path: '/admin/tokens' },
    { name: 'make-token', path: '/admin/tokens', act: asks(admin.tokens.make) },
    { name: 'policy', path: '/admin/policy' },
    { name: 'audit', path: '/admin/audit' },
    { name: 'palette', path: `${at}/pipelines`, act: key('Control+k') },
    { name: 'shortcuts', path: `${at}/pipelines`, act: key('?') },
    { name: 'nothing', path: '/nowhere' },
    { name: 'door', path: '/', page: door },
    {
      name: 'offline',
      path: `${at}/pipelines/${keyOf('gh-issues')}`,
      act: async (page) => {
        await page.context().setOffline(true);
        await page.getByText(strings.app.status.offline, { exact: true }).waitFor();
      },
      end: (page) => page.context().setOffline(false),
    },
  ];

  async function importFile(page: Page): Promise<void> {
    await press(words.menu)(page);
    await page.getByRole('menuitem', { name: words.import }).click();
    await page.getByLabel(words.choose).setInputFiles(join(ROOT, 'web/editor/first/example.toml'));
    await page.getByText(words.looking).waitFor({ state: 'detached' });
  }
}
