// Thousands of pipelines, and somebody who changes one of them ten times a second: the list scrolls, finds and chooses among them, a
// form is typed into, and both have the same in the end.
import { afterAll, beforeAll, expect } from 'bun:test';
import { createPipeline, setText } from '@hakiri/config-doc/edit';
import { join, type Person, pipelineOf, until } from '@hakiri/tests/people';
import type { Locator, Page } from 'playwright-core';
import { browserTest, openPageBed, type PageBed, row } from '../testing/page-bed.ts';

const COUNT = 4_000;
const GROUPS = 20;
/** So many at a time, as a program would that brings a whole team along. */
const AT_A_TIME = 1_000;
/** Of the seeding, and of what follows: thousands of anything take a busy machine long. */
const TIMEOUT_MS = 300_000;
const REMOTE_EVERY_MS = 100;
/** Without a common divisor with the number of pipelines: each has its turn. */
const STRIDE = 37;
const FOLLOWED = 'pipeline-02424';
/** Rows in sight, those drawn beside them, and the head. */
const DRAWN_LIMIT = 60;

let bed: PageBed | undefined;
let colleague: Person;
let keys: string[];

/** Which pipeline has its turn; never the one that is followed. */
function turnOf(edit: number): number {
  const index = (edit * STRIDE) % COUNT;
  return idOf(index) === FOLLOWED ? index + 1 : index;
}

const idOf = (index: number): string => `pipeline-${String(index).padStart(5, '0')}`;

beforeAll(async () => {
  bed = await openPageBed();
  if (!bed) return;
  // One page is what the machine has to draw, and not while they are made; the other person is a stock client.
  const address = bed.alice.url();
  await Promise.all([bed.alice, bed.bob].map((page) => page.goto('about:blank')));
  const { url, ownerToken: token, team, doc } = bed.server;
  colleague = await join('colleague', { url, team, doc, token });
  keys = Array.from({ length: COUNT }, (_, index) => {
    const key = createPipeline(colleague.doc, {
      id: idOf(index),
      group: `team-${index % GROUPS}`,
      source: { kind: 'csv-file', ref: 'rows.csv' },
      destination: { table: `shop.rows_${index}` },
      schedule: { kind: 'every', expr: '1h' },
    });
    if (index % AT_A_TIME === AT_A_TIME - 1) colleague.doc.commit();
    return key;
  });
  await colleague.settled();
  await bed.alice.goto(address);
}, TIMEOUT_MS);

afterAll(async () => {
  colleague?.leave();
  await bed?.end();
});

/** Of others' pipelines in turn, and of the one that is followed. Answers how many there were once they are acknowledged. */
function editOnAndOn(): () => Promise<number> {
  const followed = pipelineOf(colleague.doc, FOLLOWED).key;
  let edits = 0;
  const timer = setInterval(() => {
    edits += 1;
    const other = keys[turnOf(edits)];
    if (other !== undefined) setText(colleague.doc, other, 'name', `Touched ${edits}`);
    setText(colleague.doc, followed, 'name', `Edited ${edits} times`);
    colleague.doc.commit();
  }, REMOTE_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await colleague.settled();
    return edits;
  };
}

declare global {
  var rowsWithLetter: (string | null | undefined)[];
}

/** In the page: what stands in the search and how many rows there are, when the press has been drawn. */
function noteRowsWithLetter(): void {
  window.addEventListener(
    'input',
    ({ target }) =>
      // React draws what a press asks for in a microtask that was queued before this one.
      queueMicrotask(() => {
        if (!(target instanceof HTMLInputElement)) return;
        const rows = document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount');
        globalThis.rowsWithLetter = [target.value, rows];
      }),
    { once: true },
  );
}

/** Beside the search field. */
const said = (page: Page, count: string): Locator =>
  page.getByRole('status').filter({ hasText: new RegExp(`^${count}$`) });
const search = (page: Page): Locator => page.getByRole('searchbox', { name: 'Search pipelines' });

browserTest(
  '[PG8.3] thousands of pipelines under edits of others: few rows are drawn, the last is a key away, one is found, opened and edited',
  async () => {
    if (!bed) return;
    const { alice } = bed;
    await said(alice, '4,000 pipelines').waitFor();
    const stop = editOnAndOn();

    const drawn = (): Promise<number> => alice.getByRole('row').count();
    expect(await drawn()).toBeLessThan(DRAWN_LIMIT);
    await row(alice, idOf(0)).waitFor();
    await alice.getByRole('grid').focus();
    await alice.keyboard.press('End');
    await row(alice, 'pipeline-03989').waitFor();
    await row(alice, idOf(0)).waitFor({ state: 'detached' });
    expect(await drawn()).toBeLessThan(DRAWN_LIMIT);
    await alice.keyboard.press('Control+a');
    await alice.getByText('4,000 selected', { exact: true }).waitFor();
    await alice.keyboard.press('Escape');
    await alice.keyboard.press('Home');
    await row(alice, idOf(0)).waitFor();

    await alice.evaluate(noteRowsWithLetter);
    await search(alice).fill('2424');
    await said(alice, '1 pipeline of 4,000').waitFor();
    // The letters stood there before the rows were looked for.
    expect(await alice.evaluate(() => globalThis.rowsWithLetter)).toEqual(['2424', '4001']);
    await row(alice, FOLLOWED).getByRole('switch').click();
    await row(alice, FOLLOWED).getByRole('switch', { checked: false }).waitFor();

    await row(alice, FOLLOWED).getByRole('button', { name: FOLLOWED }).click();
    const form = alice.getByRole('complementary', { name: `Pipeline ${FOLLOWED}` });
    const description = 'Typed meanwhile';
    await form.getByLabel('Description', { exact: true }).click();
    await alice.keyboard.type(description);

    const edits = await stop();
    expect(edits).toBeGreaterThan(0);
    const name = `Edited ${edits} times`;
    await row(alice, FOLLOWED).getByText(name, { exact: true }).waitFor();
    expect(await form.getByLabel('Name', { exact: true }).inputValue()).toBe(name);
    expect(await form.getByLabel('Description', { exact: true }).inputValue()).toBe(description);
    await until('the colleague has what was typed and switched', () => {
      const there = pipelineOf(colleague.doc, FOLLOWED);
      return there.description === description && there.enabled === false;
    });
    expect(pipelineOf(colleague.doc, FOLLOWED).name).toBe(name);
    // What nobody waits for was read meanwhile: a name that a remote edit gave is found by it.
    await search(alice).fill(`touched ${edits}`);
    await row(alice, idOf(turnOf(edits))).waitFor();
    expect(bed.complaints).toEqual([]);
  },
  TIMEOUT_MS,
);
