// Several people at one pipeline, in real browsers and with a stock `loro-websocket` client: who is where, what meets, what is undone.
import { afterAll, beforeAll, expect } from 'bun:test';
import { isRecord } from '@hakiri/base/json';
import { commitEdit, deletePipeline, setSchedule, setText } from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import { until } from '@hakiri/testing/until';
import { join } from '@hakiri/tests/people';
import { LoroDoc } from 'loro-crdt';
import type { Page } from 'playwright-core';
import { axeViolations } from '../testing/axe.ts';
import { type FormBed, field, formOf, openFormBed, shows } from '../testing/form-bed.ts';
import { browserTest, saved, TEST_TIMEOUT_MS } from '../testing/page-bed.ts';

let bed: FormBed;

beforeAll(async () => {
  const opened = await openFormBed();
  if (opened) bed = opened;
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

const offline = (page: Page): Promise<void> => page.getByText('Offline', { exact: true }).waitFor();

browserTest(
  '[PG2.1] two people at pages and a stock client edit one pipeline at once, and all three converge',
  async () => {
    const { alice, bob, server, client } = bed;
    const key = await bed.create('together', { name: 'Together' });
    const { token } = await bed.invite('Carol Client', 'editor');
    const { team } = await client.auth.me();
    const carol = await join('Carol Client', { url: server.url, team, doc: 'main', token });
    for (const page of [alice, bob]) await bed.open(page, key);
    await Promise.all([
      field(alice, 'Expression').fill('30 6 * * *'),
      field(bob, 'Table')
        .fill('shop.together')
        .then(() => field(bob, 'Source reference').fill('s3://rows')),
      ...[1, 2, 3].map(async (number) => {
        setText(carol.doc, key, 'description', `Line ${number}`);
        carol.doc.commit();
      }),
    ]);
    await carol.settled();
    await field(alice, 'Name').press('End');
    await field(alice, 'Name').pressSequentially(' of today');
    const whole = {
      name: 'Together of today',
      description: 'Line 3',
      schedule: { kind: 'cron', expr: '30 6 * * *' },
      source: { kind: 'csv-file', ref: 's3://rows' },
      destination: { table: 'shop.together' },
    };
    const isWhole = (draft: object | undefined): boolean => Bun.deepMatch(whole, draft ?? {});
    await bed.becomes(key, 'the colleague has all of it', isWhole);
    await until(() => isWhole(readPipeline(carol.doc, key)), { what: 'the stock client has all of it' });
    for (const page of [alice, bob]) {
      await shows(page, 'Name', 'Together of today');
      await shows(page, 'Description', 'Line 3');
      await shows(page, 'Expression', '30 6 * * *');
      await shows(page, 'Table', 'shop.together');
      await shows(page, 'Source reference', 's3://rows');
    }
    carol.leave();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG2.2] who is in a field is named beside it with a ring around it, and who has the form open in its head',
  async () => {
    const { alice, bob } = bed;
    const key = await bed.create('met');
    for (const page of [alice, bob]) await bed.open(page, key);
    await formOf(alice).getByText('Bob Baker has this open, too').waitFor();
    await field(bob, 'Table').click();
    await formOf(alice).getByText('Bob Baker is here').waitFor();
    const ring = await field(alice, 'Table').evaluate((input) => getComputedStyle(input).outlineStyle);
    expect(ring).toBe('solid');
    await field(bob, 'Enabled').focus();
    await until(
      async () =>
        (await field(alice, 'Table').evaluate((input) => getComputedStyle(input).outlineStyle)) === 'none',
      { what: 'the ring goes with him' },
    );
    await bob.goto(`${bed.server.url}/docs/main/pipelines`);
    await formOf(alice).getByText('Bob Baker has this open, too').waitFor({ state: 'detached' });
    expect(await formOf(alice).getByText('Bob Baker is here').count()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG2.21] who loads the page again is who was there before, and a duplicated tab is one more',
  async () => {
    const { bob, colleague, server } = bed;
    const windowsOfBob = (): string[] =>
      Object.entries(colleague.presence.getAllStates()).flatMap(([id, value]) =>
        isRecord(value) && value.name === 'Bob Baker' ? [id] : [],
      );
    await bob.goto(`${server.url}/docs/main/pipelines`);
    await until(() => windowsOfBob().length === 1, { what: 'Bob is there' });
    const before = windowsOfBob();
    await bob.reload();
    await saved(bob);
    await until(() => Bun.deepEquals(windowsOfBob(), before), { what: 'he is there as before' });
    const opened = bob.context().waitForEvent('page');
    await bob.evaluate(() => void window.open(location.href));
    const copy = await opened;
    await saved(copy);
    await until(() => windowsOfBob().length === 2, { what: 'the other tab is there, too' });
    expect(windowsOfBob()).toContain(before[0] ?? '');
    await copy.close();
    await until(() => Bun.deepEquals(windowsOfBob(), before), { what: 'the first is there alone' });
  },
  TEST_TIMEOUT_MS,
);

/** Both write without hearing of each other. Answers what alice wrote and what bob wrote. */
async function meet(key: string): Promise<void> {
  const { alice, bob } = bed;
  for (const page of [alice, bob]) {
    await bed.open(page, key);
    await saved(page);
  }
  await bob.context().setOffline(true);
  await offline(bob);
  await field(bob, 'Expression').fill('2 2 * * *');
  await field(alice, 'Expression').fill('1 1 * * *');
  await saved(alice);
  await bob.context().setOffline(false);
  await saved(bob);
}

browserTest(
  '[PG2.3] what met in one field is told with both values, people and times, and the other value is one press away',
  async () => {
    const { alice, bob } = bed;
    const key = await bed.create('contested');
    await meet(key);
    const told = (page: Page) => page.getByText('contested: Expression was changed twice at once.');
    const seen = await Promise.any(
      [alice, bob].map(async (page) => {
        await told(page).first().waitFor();
        return page;
      }),
    );
    const card = seen
      .getByRole('region', { name: /^Pipeline / })
      .getByRole('status')
      .filter({ has: told(seen) });
    const values = await card.getByRole('code').allTextContents();
    expect(values.toSorted()).toEqual(['1 1 * * *', '2 2 * * *']);
    for (const word of ['Kept', 'Not kept', 'by you,']) await card.getByText(word).first().waitFor();
    expect(await card.getByRole('time').count()).toBe(2);
    const [stands = '', other = ''] = values;
    await shows(seen, 'Expression', stands);
    await seen.getByRole('button', { name: /^\d+ conflicts?$/ }).click();
    const list = seen.getByRole('dialog', { name: 'Conflicts' });
    await list.getByRole('link', { name: 'Go to contested' }).waitFor();
    expect(await axeViolations(seen, '[role="dialog"]')).toEqual([]);
    await seen.keyboard.press('Escape');
    expect(await field(seen, 'Expression').isEditable()).toBe(true);
    await card.getByRole('button', { name: 'Use the other value' }).click();
    for (const page of [alice, bob]) await shows(page, 'Expression', other);
    // [PG2.6] The other one's notice goes by itself.
    for (const page of [alice, bob]) await told(page).first().waitFor({ state: 'detached' });
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG2.3] a conflict is put away by one press, and stays away after a reload',
  async () => {
    const { alice, bob } = bed;
    const key = await bed.create('dismissed');
    await meet(key);
    const seen = await Promise.any(
      [alice, bob].map(async (page) => {
        await page.getByText('dismissed: Expression was changed twice at once.').first().waitFor();
        return page;
      }),
    );
    const form = seen.getByRole('region', { name: /^Pipeline / });
    await form.getByRole('button', { name: 'Dismiss' }).click();
    await form.getByText('was changed twice at once').waitFor({ state: 'detached' });
    await seen.reload();
    await field(seen, 'Name').waitFor();
    await saved(seen);
    expect(await seen.getByText('was changed twice at once').count()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG2.5] a pipeline deleted while somebody edits it is said to be gone, and comes back with what they typed',
  async () => {
    const { alice, bob, colleague } = bed;
    const key = await bed.create('fleeting', { name: 'Fleeting' });
    await bed.open(bob, key);
    await saved(bob);
    await bob.context().setOffline(true);
    await offline(bob);
    await field(bob, 'Table').fill('kept.after.all');
    await bed.open(alice, key);
    commitEdit(colleague.doc, 'test', () => deletePipeline(colleague.doc, key));
    await colleague.saved();
    await bob.context().setOffline(false);
    await bob.getByText('fleeting has been deleted').waitFor();
    await bob.getByRole('button', { name: /^\d+ conflicts?$/ }).waitFor();
    const deleted = `${(await bed.client.auth.me()).name} deleted it while you had it open.`;
    for (const page of [alice, bob]) await page.getByText(deleted).waitFor();
    await bob.getByRole('button', { name: 'Restore', exact: true }).first().click();
    await shows(bob, 'Table', 'kept.after.all');
    await bed.becomes(key, 'it is back for everybody', (draft) =>
      Bun.deepEquals(draft?.destination, { table: 'kept.after.all' }),
    );
    await bed.open(alice, key);
    await shows(alice, 'Name', 'Fleeting');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG2.4] undo by key takes back one’s own edits, in a field and outside, and leaves what somebody else wrote since until one insists',
  async () => {
    const { alice, bob } = bed;
    const key = await bed.create('undone', { name: 'Undone' });
    for (const page of [alice, bob]) await bed.open(page, key);
    await field(alice, 'Table').fill('mine');
    await field(alice, 'Source reference').fill('mine.csv');
    await shows(bob, 'Source reference', 'mine.csv');
    await field(bob, 'Table').fill('of_bob');
    await shows(alice, 'Table', 'of_bob');
    await field(alice, 'Source reference').press('Control+z');
    await shows(alice, 'Source reference', 'undone.csv');
    await alice.getByRole('button', { name: 'Undo', exact: true }).click();
    await alice.getByText('Not undone: someone has changed undone: Table since.').waitFor();
    await shows(alice, 'Table', 'of_bob');
    await alice.getByRole('button', { name: 'Do it anyway' }).click();
    for (const page of [alice, bob]) await shows(page, 'Table', 'undone');
    await formOf(alice).getByRole('heading', { name: 'undone', exact: true }).click();
    await alice.keyboard.press('Control+z');
    for (const page of [alice, bob]) await shows(page, 'Table', 'of_bob');
    await alice.keyboard.press('Control+Shift+z');
    for (const page of [alice, bob]) await shows(page, 'Table', 'undone');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG2.4, PG2.10] deleting is asked for, and taken back whole from the news',
  async () => {
    const { alice } = bed;
    const later = await bed.create('later');
    const key = await bed.create('mistaken', { name: 'By mistake', group: 'shop' });
    await bed.open(alice, key);
    await alice.getByRole('button', { name: 'More about this pipeline' }).click();
    await alice.getByRole('menuitem', { name: 'Delete this pipeline…' }).click();
    await alice.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await bed.becomes(key, 'it is deleted', (draft) => draft === undefined);
    // Whatever was done since stays.
    await bed.open(alice, later);
    await field(alice, 'Name').fill('Done since');
    await bed.becomes(later, 'it has its name', (draft) => draft?.name === 'Done since');
    await alice.getByRole('status').getByRole('button', { name: 'Undo' }).click();
    await bed.becomes(key, 'it is back', (draft) => draft?.name === 'By mistake' && draft.group === 'shop');
    expect(bed.draft(later)?.name).toBe('Done since');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG2.1] what is half typed survives a reload in the middle while somebody else goes on',
  async () => {
    const { alice, colleague } = bed;
    const key = await bed.create('reloaded', { name: 'Reloaded' });
    await bed.open(alice, key);
    await field(alice, 'Name').fill('Half a na');
    commitEdit(colleague.doc, 'test', () => setSchedule(colleague.doc, key, { kind: 'every', expr: '15m' }));
    await alice.reload();
    await shows(alice, 'Name', 'Half a na');
    await shows(alice, 'Expression', '15m');
    await saved(alice);
    const fresh = new LoroDoc();
    fresh.import(await bed.client.documents.bytes('main'));
    expect(readPipeline(fresh, key)).toMatchObject({
      name: 'Half a na',
      schedule: { kind: 'every', expr: '15m' },
    });
  },
  TEST_TIMEOUT_MS,
);

browserTest('[PG2.1] nothing together broke the page’s policy or threw', () => {
  expect(bed.complaints).toEqual([]);
});
