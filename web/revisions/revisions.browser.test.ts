// Revisions and daemons in a real browser against a whole server: looked at, compared, reverted, downloaded.
import { afterAll, beforeAll, expect } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { type Client, createClient } from '@hakiri/client/client';
import type { Locator, Page } from 'playwright-core';
import { axeViolations } from '../testing/axe.ts';
import {
  browserTest,
  CONFIG,
  fitsItsWidth,
  openPageBed,
  type PageBed,
  TEST_TIMEOUT_MS,
} from '../testing/page-bed.ts';

let bed: PageBed | undefined;
let client: Client;
let alice: Page;

beforeAll(async () => {
  bed = await openPageBed();
  if (!bed) return;
  ({ alice } = bed);
  client = createClient({ url: bed.server.url, token: bed.server.ownerToken });
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

const dialog = (): Locator => alice.getByRole('dialog');
const detail = (label: string): Locator => alice.getByRole('article', { name: label, exact: true });
const inTimeline = (label: string): Locator =>
  alice.getByRole('navigation', { name: 'Timeline' }).getByRole('link', { name: new RegExp(`^${label} `) });
const apply = async (config: string, message: string): Promise<void> => {
  const { version } = await client.apply.import(config, { format: 'toml' });
  await client.apply.apply({ scope: { kind: 'all' }, version, message });
};

browserTest(
  '[PG4.1, PG4.2, PG4.7] an empty timeline teaches, and fills while it is open, beside what somebody reads; a revision says who, why and what',
  async () => {
    await alice.getByRole('link', { name: 'Revisions', exact: true }).click();
    await alice.getByText('Nothing has been applied yet').waitFor();
    expect(await axeViolations(alice)).toEqual([]);
    await apply(CONFIG, 'one');
    await inTimeline('v1').waitFor();
    await detail('v1').getByRole('button', { name: 'Revert to v1…' }).click();
    await dialog().getByText('there is nothing to revert').waitFor();
    await apply(CONFIG.replace('0 6 * * *', '0 7 * * *').replace('15m', '20m'), 'two');
    await inTimeline('v2').waitFor();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await detail('v1').waitFor();
    await inTimeline('v2').click();
    await detail('v2').getByText('Live', { exact: true }).waitFor();
    await detail('v2').getByText('two', { exact: true }).waitFor();
    await detail('v2').getByText('0 7 * * *').waitFor();
    expect(await axeViolations(alice)).toEqual([]);
    await detail('v2').getByRole('button', { name: 'TOML', exact: true }).click();
    await detail('v2').getByText('expr = "0 7 * * *"').waitFor();
    await alice.keyboard.press('j');
    await detail('v1').getByText('one', { exact: true }).waitFor();
    const download = alice.waitForEvent('download');
    await detail('v1').getByRole('button', { name: 'Download TOML' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('manifest@v1.toml');
    expect(await readFile(await file.path(), 'utf8')).toBe(await client.apply.body('v1'));
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG4.3] any two revisions are compared, either way round',
  async () => {
    await detail('v1').getByLabel('Compare with').selectOption('v2');
    const compared = detail('v2 compared with v1');
    await compared.getByText('0 6 * * *').waitFor();
    await compared.getByRole('button', { name: 'Swap' }).click();
    await detail('v1 compared with v2').getByText('0 7 * * *').waitFor();
    expect(await axeViolations(alice)).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG4.4] one pipeline is reverted, as it was shown before, and the other stays',
  async () => {
    await inTimeline('v1').click();
    await detail('v1').getByRole('button', { name: 'Revert orders to v1' }).click();
    await dialog().getByText('0 6 * * *').waitFor();
    expect(await dialog().getByText('20m').count()).toBe(0);
    expect(await axeViolations(alice)).toEqual([]);
    await dialog().getByLabel('Message').fill('back');
    await dialog().getByRole('button', { name: 'Revert and apply' }).click();
    await dialog().getByText('Live as v3.').waitFor();
    const toml = await client.apply.body('v3');
    expect(toml).toContain('0 6 * * *');
    expect(toml).toContain('20m');
    await dialog().getByRole('link', { name: 'View revision' }).click();
    await detail('v3').getByText('back', { exact: true }).waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG4.4, PG4.6] all is reverted as it was shown last, into the document alone, where it waits as a change; there is nothing to revert after',
  async () => {
    await inTimeline('v2').click();
    await detail('v2').getByRole('button', { name: 'Revert to v2…' }).click();
    await dialog().getByText('0 7 * * *').waitFor();
    await dialog().getByLabel('Apply immediately').uncheck();
    await client.apply.patchPipeline('orders', { schedule: { expr: '0 5 * * *' } });
    await dialog().getByRole('button', { name: 'Revert', exact: true }).click();
    await dialog()
      .getByText(/Someone has changed this in the meantime/)
      .waitFor();
    expect(await client.apply.export()).toContain('0 5 * * *');
    await dialog().getByRole('button', { name: 'Refresh' }).click();
    await dialog().getByText('0 5 * * *').waitFor();
    await dialog().getByRole('button', { name: 'Revert', exact: true }).click();
    await dialog().getByText('Written to the document main, not live yet.').waitFor();
    await dialog().getByRole('link', { name: 'View changes' }).click();
    await alice.getByText('1 pipeline changed since v3').waitFor();
    await alice.getByRole('link', { name: 'Revisions', exact: true }).click();
    await inTimeline('v2').click();
    await detail('v2').getByRole('button', { name: 'Revert to v2…' }).click();
    await dialog().getByText('there is nothing to revert').waitFor();
    expect(await dialog().getByRole('button', { name: 'Revert and apply' }).isDisabled()).toBe(true);
    await dialog().getByRole('button', { name: 'Cancel' }).click();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG3.9] of two tabs one alone holds the stream of news, and both tell what is live',
  async () => {
    const streams: string[] = [];
    const second = await alice.context().newPage();
    // The first may begin its stream anew meanwhile.
    second.on('request', (request) => {
      if (request.url().includes('/v1/manifest/events')) streams.push(request.url());
    });
    await second.goto(`${bed?.server.url}/docs/main/pipelines`);
    await second.getByRole('link', { name: 'Live: v3' }).waitFor();
    await apply(CONFIG.replace('0 6 * * *', '0 8 * * *'), 'four');
    for (const page of [alice, second]) await page.getByRole('link', { name: 'Live: v4' }).waitFor();
    expect(streams).toEqual([]);
    await second.close();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG4.5] daemons: without any the page says how to have one; one that reports is listed with how far it is behind, which goes on by itself',
  async () => {
    await alice.getByRole('link', { name: 'Daemons', exact: true }).click();
    await alice.getByText('No daemon has reported yet').waitFor();
    expect(await axeViolations(alice)).toEqual([]);
    const { sequence, digest } = await client.apply.revision('v1');
    const { token } = await client.auth.createToken({ name: 'edge', role: 'node', ttlDays: 1 });
    const report = async (runs: { sequence: number; digest: string }): Promise<void> => {
      const response = await fetch(`${bed?.server.url}/v1/manifest/reports`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'edge-1', ...runs, state: 'running', since: '2026-01-01T00:00:00Z' }),
      });
      expect(response.status).toBe(204);
    };
    await report({ sequence, digest });
    await alice.getByRole('button', { name: 'Refresh' }).click();
    const row = alice.getByRole('row').filter({ hasText: 'edge-1' });
    await row.getByText(/3 revisions behind/).waitFor();
    await row.getByRole('link', { name: 'v1' }).waitFor();
    const newest = await client.apply.revision('v4');
    await report({ sequence: newest.sequence, digest: newest.digest });
    await row.getByText(/up to date/i).waitFor();
    await apply(CONFIG.replace('0 6 * * *', '0 9 * * *'), 'five');
    await row.getByText(/1 revision behind/).waitFor();
    expect(await axeViolations(alice)).toEqual([]);
    await alice.setViewportSize({ width: 360, height: 740 });
    await fitsItsWidth(alice);
  },
  TEST_TIMEOUT_MS,
);

browserTest('[PG4.2] nothing in the revisions broke the page’s policy or threw', () => {
  expect(bed?.complaints).toEqual([]);
});
