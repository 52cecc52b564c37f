// Runs in a real browser, carried out by the local node: seen, started, retried, cancelled; what is due, and what became of it.
import { afterAll, beforeAll, expect } from 'bun:test';
import { type Client, createClient } from '@hakiri/client/client';
import type { Page } from 'playwright-core';
import { applyToml, RUN_CONFIG } from '../testing/applied.ts';
import { axeViolations } from '../testing/axe.ts';
import {
  browserTest,
  goTo,
  openPageBed,
  type PageBed,
  seenAgain,
  TEST_TIMEOUT_MS,
} from '../testing/page-bed.ts';

/** The long pipeline has sixty steps: time enough to cancel it in the middle, also on a slow machine. */
const STEP_DELAY_MS = 750;

let bed: PageBed | undefined;
let alice: Page;
let bob: Page;
let client: Client;
let url: string;

beforeAll(async () => {
  bed = await openPageBed({ stepDelayMs: STEP_DELAY_MS });
  if (!bed) return;
  ({ alice, bob } = bed);
  url = bed.server.url;
  client = createClient({ url, token: bed.server.ownerToken });
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

const rowOf = (page: Page, pipeline: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name: pipeline, exact: true }) });
const logLine = (page: Page, text: string) =>
  page.getByRole('log').locator('[data-index]').filter({ hasText: text });
const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Runs' }).getByRole('link', { name, exact: true });

async function startByHand(page: Page, pipeline: string): Promise<void> {
  await page.getByRole('button', { name: 'Run now…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Pipeline').fill(pipeline);
  await dialog.getByRole('button', { name: 'Run now' }).click();
}

browserTest(
  '[PG5.1, PG5.4, PG5.5] before anything ran the screens say what would be here',
  async () => {
    await goTo(alice, `${url}/runs`);
    await alice.getByText('No runs yet').waitFor();
    expect(await axeViolations(alice, '#content')).toEqual([]);
    await tab(alice, 'Upcoming').click();
    await alice.getByText('Nothing scheduled').waitFor();
    await tab(alice, 'Ledger').click();
    await alice.getByText('No ticks yet').waitFor();
    await applyToml(client, RUN_CONFIG);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG5.3] a run is started by hand; what is not applied is refused with a reason',
  async () => {
    await alice.goto(`${url}/runs`);
    await startByHand(alice, 'nobody');
    await alice.getByRole('dialog').getByText('has no pipeline nobody').waitFor();
    await alice.getByRole('dialog').getByLabel('Pipeline').fill('broken');
    await alice.getByRole('dialog').getByRole('button', { name: 'Run now' }).click();
    await alice.getByRole('heading', { name: 'broken' }).waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG5.1, PG5.2] a run that fails says so by itself, and why, in a sentence; it is retried as what it was',
  async () => {
    await alice.getByRole('alert').getByText('There is no file no-such-file.csv').waitFor();
    await alice.getByText('It ended before any step finished.').waitFor();
    const first = alice.url();
    await alice.getByRole('button', { name: 'Retry…' }).click();
    await alice.getByRole('dialog').getByText('with the configuration of this run (v1)').waitFor();
    await alice.getByRole('dialog').getByRole('button', { name: 'Retry', exact: true }).click();
    await alice.waitForURL((now) => now.toString() !== first);
    await alice.getByText('Retry', { exact: true }).waitFor();
    await alice.getByRole('alert').getByText('There is no file no-such-file.csv').waitFor();
    const error = logLine(alice, 'There is no file no-such-file.csv');
    await error.getByText('Error', { exact: true }).waitFor();
    await error.getByText('1. extract').waitFor();
    expect(await axeViolations(alice, '#content')).toEqual([]);
    expect((await client.runs.list({ pipeline: 'broken' })).runs.map(({ cause }) => cause)).toEqual([
      'retry',
      'manual',
    ]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG5.3] a run that waits ends at once when it is cancelled, and what is asked before says so',
  async () => {
    await startByHand(alice, 'elsewhere');
    await alice.getByText('Waiting for a node that can take it.').waitFor();
    await alice.getByText('No lines yet').waitFor();
    await alice.getByRole('button', { name: 'Cancel…' }).click();
    await alice.getByRole('dialog').getByText('it ends immediately').waitFor();
    await alice.getByRole('dialog').getByRole('button', { name: 'Cancel this run' }).click();
    await alice.getByText('Cancelled.', { exact: true }).waitFor();
    await alice.getByRole('button', { name: 'Retry…' }).waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG5.1, PG5.3] a run that goes on shows its steps as they finish, and stops in the middle when it is cancelled',
  async () => {
    await startByHand(alice, 'long');
    await alice.getByText('Running on local.').waitFor();
    await alice.getByRole('row').filter({ hasText: 'extract' }).waitFor();
    await alice.getByText('The next step is running.').waitFor();
    await alice.getByRole('row').filter({ hasText: 'extract' }).getByText('Show').click();
    await alice.getByRole('button', { name: 'Cancel…' }).click();
    await alice.getByRole('dialog').getByText('local is told with its next heartbeat').waitFor();
    await alice.getByRole('dialog').getByRole('button', { name: 'Cancel this run' }).click();
    await seenAgain(alice.getByText('Cancelled on local.'));
    const [run] = (await client.runs.list({ pipeline: 'long' })).runs;
    expect(run?.state).toBe('cancelled');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG5.6, PG8.26] a log is followed until somebody goes up, and again from its end; few lines are drawn, and they are found by step and words',
  async () => {
    const { token } = await client.auth.createToken({ name: 'moon', role: 'node', ttlDays: 1 });
    const { node } = createClient({ url, token }).runs;
    const { id } = await client.runs.start('elsewhere');
    const offer = { node: 'moon', pools: [], labels: ['moon'], waitS: 0, restarted: false };
    const { fence = 0 } = (await node.claim(offer)) ?? {};
    const said = async (from: number, count: number): Promise<void> => {
      const line = (_: unknown, index: number) => ({
        ...({ at: new Date().toISOString(), level: 'info', step: `step ${(from + index) % 2}` } as const),
        text: `row ${from + index} ends`,
      });
      await node.log(id, { fence, sequence: from, lines: Array.from({ length: count }, line) });
    };
    await said(0, 200);
    await goTo(alice, `${url}/runs/${id}`);
    await logLine(alice, 'row 199 ends').waitFor();
    const time = alice.getByRole('log').locator('time').first();
    expect(await time.getAttribute('title')).toContain('UTC');
    await said(200, 100);
    await logLine(alice, 'row 299 ends').waitFor();
    expect(await alice.getByRole('log').locator('[data-index]').count()).toBeLessThan(80);
    await alice.getByRole('log').hover();
    await alice.mouse.wheel(0, -400);
    const toEnd = alice.getByRole('button', { name: 'Go to the end' });
    await toEnd.waitFor();
    await said(300, 1);
    await alice.getByText('301 lines').waitFor();
    expect(await logLine(alice, 'row 300 ends').count()).toBe(0);
    await toEnd.click();
    await logLine(alice, 'row 300 ends').waitFor();
    await toEnd.waitFor({ state: 'detached' });
    await alice.getByLabel('Find in the log').fill('ROW 3');
    await alice.getByText('12 of 301 lines', { exact: true }).waitFor();
    await alice.getByRole('combobox', { name: 'Step' }).selectOption('step 1');
    await alice.getByText('6 of 301 lines', { exact: true }).waitFor();
    expect(await alice.getByRole('log').locator('mark').first().textContent()).toBe('row 3');
    const [file] = await Promise.all([
      alice.waitForEvent('download'),
      alice.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect((await Bun.file(await file.path()).text()).split('\n')).toHaveLength(302);
    await node.finish(id, { fence, outcome: 'cancelled' });
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG5.7, PG8.26] the durations of a pipeline’s runs are bars: keys go from one to the next and into its run',
  async () => {
    await goTo(alice, `${url}/runs?pipeline=broken`);
    const bars = alice.getByRole('navigation', { name: 'Durations of 2 runs' });
    await bars.getByRole('link').last().focus();
    await alice.keyboard.press('ArrowLeft');
    await alice
      .locator('a:focus')
      .and(bars.getByRole('link', { name: 'failed' }).first())
      .waitFor();
    // Told beside it, too.
    await alice.getByText(/\(.+ UTC\): failed/).waitFor();
    await alice.getByText('2 failed').waitFor();
    expect(await axeViolations(alice, '#content')).toEqual([]);
    await alice.keyboard.press('Enter');
    const [, first] = (await client.runs.list({ pipeline: 'broken' })).runs;
    await alice.waitForURL(`${url}/runs/${first?.id}`);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG5.1] the list is narrowed by pipeline and state, in its address',
  async () => {
    await tab(alice, 'Runs').click();
    await rowOf(alice, 'long').getByText('Cancelled').waitFor();
    await alice.getByLabel('State').selectOption('failed');
    await rowOf(alice, 'long').waitFor({ state: 'detached' });
    await rowOf(alice, 'broken').first().waitFor();
    expect(new URL(alice.url()).searchParams.get('state')).toBe('failed');
    await alice.getByLabel('Pipeline').fill('elsewhere');
    await alice.getByLabel('Pipeline').press('Enter');
    await alice.getByText('No matching runs').waitFor();
    await alice.reload();
    await alice.getByText('No matching runs').waitFor();
    expect(await alice.getByLabel('Pipeline').inputValue()).toBe('elsewhere');
    await alice.getByRole('link', { name: 'Show all runs' }).click();
    await rowOf(alice, 'long').waitFor();
    expect(await axeViolations(alice, '#content')).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG5.2] a run that somebody else starts appears by itself, for who may only look too',
  async () => {
    await goTo(bob, `${url}/runs?pipeline=stock`);
    await bob.getByText('No matching runs').waitFor();
    const { id } = await client.runs.start('stock');
    await seenAgain(rowOf(bob, 'stock'));
    await rowOf(bob, 'stock').getByRole('link').click();
    await bob.getByText('Your role can see runs but not control them.').waitFor();
    expect(await bob.getByRole('button', { name: 'Cancel…' }).count()).toBe(0);
    expect(await bob.getByRole('button', { name: 'Run now…' }).count()).toBe(0);
    await seenAgain(bob.getByText('Succeeded on local.'));
    expect(bob.url()).toContain(id);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG5.4, PG8.25] coming ticks stand in order, with their zone; what is paused or waits for an event says so',
  async () => {
    await tab(alice, 'Upcoming').click();
    const ticks = alice.getByRole('region', { name: 'The next 25 ticks, across all pipelines' });
    await ticks.waitFor();
    const times = await ticks
      .locator('tbody th + td time')
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('datetime') ?? ''));
    expect(times).toHaveLength(25);
    expect(times).toEqual([...times].sort());
    await ticks.getByRole('row').filter({ hasText: 'stock' }).first().getByText('in Europe/Berlin').waitFor();
    await alice.setViewportSize({ width: 320, height: 640 });
    const box = await ticks.getByRole('rowheader').first().boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(320);
    await alice.setViewportSize({ width: 1280, height: 720 });
    const idle = alice.getByRole('region', { name: 'Applied pipelines that are not scheduled' });
    await idle
      .getByRole('row')
      .filter({ hasText: 'paused' })
      .getByText('disabled in the applied version')
      .waitFor();
    await idle.getByText('Runs when stock has succeeded.').waitFor();
    expect(await axeViolations(alice, '#content')).toEqual([]);
    const find = alice.getByLabel('Search pipelines');
    await find.pressSequentially('oken', { delay: 30 });
    await find.press('Home');
    await alice.keyboard.type('br', { delay: 30 });
    expect(await find.inputValue()).toBe('broken');
    await alice.waitForURL(/[?&]find=broken/);
    await idle.waitFor({ state: 'detached' });
    await ticks.getByRole('row').filter({ hasText: 'stock' }).first().waitFor({ state: 'detached' });
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG5.5] the ledger says what became of what was due, why, and leads to the run',
  async () => {
    await tab(alice, 'Ledger').click();
    // The run that succeeded fired the pipeline that waits for it.
    const fired = alice.getByRole('row').filter({ hasText: 'Fired' }).first();
    await fired.waitFor();
    expect(await axeViolations(alice, '#content')).toEqual([]);
    await fired.getByRole('link', { name: 'View run' }).click();
    await alice.getByRole('heading', { name: 'after-stock' }).waitFor();
    await goTo(alice, `${url}/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV`);
    await alice.getByText('Run not found').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest('[PG5.1] nothing on these screens broke the page’s policy or threw', async () => {
  expect(bed?.complaints).toEqual([]);
});
