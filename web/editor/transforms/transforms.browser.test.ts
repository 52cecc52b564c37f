// Transforms in a real browser against a whole server: bodies that two people write at once, the order, the inputs, work offline.
import { afterAll, beforeAll, expect } from 'bun:test';
import { isRecord } from '@hakiri/base/json';
import { commitEdit, deletePipeline } from '@hakiri/config-doc/edit';
import { addTransform, setTransform } from '@hakiri/config-doc/edit-transforms';
import { until } from '@hakiri/testing/until';
import type { Locator, Page } from 'playwright-core';
import { axeViolations } from '../../testing/axe.ts';
import { type FormBed, field, openFormBed } from '../../testing/form-bed.ts';
import { browserTest, hasFocus, TEST_TIMEOUT_MS } from '../../testing/page-bed.ts';

let bed: FormBed;

beforeAll(async () => {
  const opened = await openFormBed();
  if (opened) bed = opened;
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

const body = (page: Page, index = 1): Locator =>
  page.getByRole('textbox', { name: `Body of transform ${index}` });

/** Clicks into the editor and goes to its end or beginning. */
async function goTo(page: Page, where: 'Control+End' | 'Control+Home', index = 1): Promise<void> {
  await lookAt(page, index);
  await body(page, index).click();
  await page.keyboard.press(where);
}

/** Only what is near to what is seen has an editor. */
async function lookAt(page: Page, index: number): Promise<void> {
  const group = page.getByRole('group', { name: `Body of transform ${index}` });
  await until(
    async () => {
      await group.evaluate((element) => element.scrollIntoView({ block: 'center' }));
      return body(page, index).isVisible();
    },
    { what: `the editor of body ${index} is there` },
  );
}

/** A pipeline with transforms of these bodies. */
async function withBodies(id: string, ...bodies: string[]): Promise<string> {
  const key = await bed.create(id);
  commitEdit(bed.colleague.doc, 'test', () => {
    for (const text of bodies) addTransform(bed.colleague.doc, key, { kind: 'wasm', body: text, inputs: [] });
  });
  await bed.colleague.saved();
  return key;
}

function transformsOf(key: string): Record<string, unknown>[] {
  const { transforms } = bed.draft(key) ?? {};
  return Array.isArray(transforms) ? transforms.filter(isRecord) : [];
}
const bodiesOf = (key: string): unknown[] => transformsOf(key).map((transform) => transform.body);

/** What the editor shows; of an empty one the placeholder is not its text. */
const shown = (page: Page, index = 1): Promise<string> =>
  body(page, index).evaluate((content) =>
    [...content.querySelectorAll('.cm-line')]
      .map((line) => {
        const copy = line.cloneNode(true);
        if (!(copy instanceof Element)) return '';
        for (const extra of copy.querySelectorAll('.cm-otherCaret, .cm-placeholder')) extra.remove();
        return copy.textContent?.replaceAll(/[\u200b\u2060\ufeff]/g, '');
      })
      .join('\n'),
  );

browserTest(
  '[PG1.40, PG1.41] two people type into one body at once, each sees the caret and the selection of the other, and both end with one text',
  async () => {
    const { alice, bob } = bed;
    const key = await withBodies('together', 'middle');
    await bed.open(alice, key);
    await bed.open(bob, key);
    await goTo(alice, 'Control+Home');
    await goTo(bob, 'Control+End');
    await Promise.all([
      alice.keyboard.type('first line\n', { delay: 15 }),
      bob.keyboard.type('\nlast ${LINE', { delay: 15 }),
    ]);
    const wanted = 'first line\nmiddle\nlast ${LINE';
    await bed.becomes(key, 'both texts are in it', () => bodiesOf(key)[0] === wanted);
    for (const page of [alice, bob])
      await until(async () => (await shown(page)) === wanted, { what: 'both see the same' });
    await alice.locator('.cm-otherName', { hasText: 'Bob Baker' }).waitFor();
    expect(await bob.locator('.cm-otherName').count()).toBe(1);
    await bob.keyboard.press('Control+Home');
    await bob.keyboard.press('Shift+End');
    await alice.locator('.cm-otherSelection', { hasText: 'first line' }).waitFor();
    // What Alice typed is taken back, and what Bob typed stays.
    const withoutHers = 'middle\nlast ${LINE';
    await until(
      async () => {
        if ((await shown(alice)) === withoutHers) return true;
        await alice.keyboard.press('Control+z');
        return false;
      },
      { what: 'her editor shows that' },
    );
    await bed.becomes(key, 'what Alice typed is gone', () => bodiesOf(key)[0] === withoutHers);
    expect(bed.complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.40] a change that brings other changes with it reaches an open editor letter by letter, and a key in it is no shortcut',
  async () => {
    const { alice, colleague } = bed;
    const key = await withBodies('batch', 'a == 1');
    await bed.open(alice, key);
    await goTo(alice, 'Control+End');
    const [first] = transformsOf(key);
    commitEdit(colleague.doc, 'test', () => {
      setTransform(colleague.doc, key, String(first?.key), {
        kind: 'polars',
        inputs: ['a'],
        body: 'b + a == 1',
      });
      addTransform(colleague.doc, key, { kind: 'select', body: '', inputs: ['a'] });
    });
    await until(async () => (await shown(alice)) === 'b + a == 1', { what: 'the editor shows it' });
    await alice.keyboard.type(' cgp');
    await bed.becomes(key, 'it is written where the caret was', () => bodiesOf(key)[0] === 'b + a == 1 cgp');
    expect(await alice.getByRole('dialog').count()).toBe(0);
    expect(new URL(alice.url()).pathname).toContain(key);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.42] half a body stays as typed with its issue beside it, a variable is proposed, an unknown one underlined with the nearest name, and Escape leaves',
  async () => {
    const { alice } = bed;
    const { doc } = bed.colleague;
    const { setVariable } = await import('@hakiri/config-doc/edit');
    commitEdit(doc, 'test', () => setVariable(doc, { name: 'BASE_URL', value: 'https://example.org' }));
    const key = await bed.create('half-typed');
    await bed.open(alice, key);
    await field(alice, 'Source reference').fill('${bas');
    await alice.getByRole('option', { name: 'BASE_URL', exact: true }).waitFor();
    await field(alice, 'Source reference').press('Enter');
    await bed.becomes(key, 'a field is completed too', (draft) =>
      JSON.stringify(draft?.source).includes('"${BASE_URL}"'),
    );
    await alice.getByRole('button', { name: 'Add a transform' }).click();
    await alice.getByRole('menuitem', { name: 'Filter: keep rows' }).click();
    await until(async () => (await body(alice).count()) === 1 && (await isIn(alice)), {
      what: 'the caret is in it',
    });
    await alice.getByText('Write the body of this filter').first().waitFor();
    await alice.keyboard.type('a == ${BASE_URI}');
    await alice.locator('.cm-unknownVariable[title*="BASE_URL"]').first().waitFor();
    await alice.getByText('Perhaps `BASE_URL` is meant').first().waitFor();
    await bed.becomes(key, 'it is kept as typed', () => bodiesOf(key)[0] === 'a == ${BASE_URI}');
    await alice.keyboard.type(' + ${BAS');
    await alice.getByRole('option', { name: /BASE_URL/ }).click();
    await until(async () => (await shown(alice)).endsWith('+ ${BASE_URL}'), {
      what: 'the proposal is taken',
    });
    await alice.keyboard.press('Tab');
    expect(await isIn(alice)).toBe(true);
    await alice.keyboard.press('Escape');
    await until(async () => !(await isIn(alice)), { what: 'Escape leaves' });
    await alice.keyboard.press('Tab');
    expect(await alice.evaluate(() => document.activeElement?.getAttribute('data-field'))).toContain(
      '/inputs',
    );
    expect(await axeViolations(alice, '[data-field="transforms"]')).toEqual([]);
    expect(bed.complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

function isIn(page: Page): Promise<boolean> {
  return page.evaluate(
    () => document.activeElement?.shadowRoot?.activeElement?.className.includes('cm-content') ?? false,
  );
}

browserTest(
  '[PG1.43, PG8.12] transforms are moved by keys and by dragging, removed and put back, and read what was named before them',
  async () => {
    const { alice } = bed;
    const key = await withBodies('order', 'one', 'two', 'three');
    // All of them are seen at once.
    await alice.setViewportSize({ width: 1280, height: 2400 });
    await bed.open(alice, key);
    await lookAt(alice, 3);
    await alice.getByRole('button', { name: 'Move transform 1', exact: true }).focus();
    await alice.keyboard.press('Space');
    await alice.getByText('Picked up. It is number 1 of 3.').waitFor({ state: 'attached' });
    await alice.keyboard.press('ArrowDown');
    await alice.getByText('It would be number 2 of 3.').waitFor({ state: 'attached' });
    await alice.keyboard.press('Space');
    await bed.becomes(key, 'the first is second', () => bodiesOf(key).join() === 'two,one,three');
    await until(async () => (await shown(alice, 2)) === 'one', { what: 'so it is shown' });
    const handle = (index: number): Locator =>
      alice.getByRole('button', { name: `Move transform ${index}`, exact: true });
    await handle(3).hover();
    await alice.mouse.down();
    const to = await handle(1).boundingBox();
    if (!to) throw new Error('there is no first transform');
    await until(
      async () => {
        await alice.mouse.move(to.x + 10, to.y + 20);
        await alice.mouse.move(to.x + 10, to.y);
        return (await alice.getByText('It would be number 1 of 3.').count()) > 0;
      },
      { what: 'it hovers over the first place' },
    );
    await alice.mouse.up();
    await bed.becomes(key, 'the last is first', () => bodiesOf(key).join() === 'three,two,one');
    await alice.getByRole('button', { name: 'Remove transform 2' }).click();
    await bed.becomes(key, 'the second is gone', () => bodiesOf(key).join() === 'three,one');
    await hasFocus(alice.getByRole('button', { name: 'Remove transform 2' }));
    await alice.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await bed.becomes(key, 'it is back in its place', () => bodiesOf(key).join() === 'three,two,one');
    await field(alice, 'Inputs of transform 1').fill('a, b');
    await field(alice, 'Inputs of transform 1').press('Enter');
    await bed.becomes(key, 'its inputs are there', () => String(transformsOf(key)[0]?.inputs) === 'a,b');
    await field(alice, 'Inputs of transform 2').click();
    await alice.getByRole('option', { name: 'b', exact: true }).click();
    await bed.becomes(key, 'the next reads one', () => String(transformsOf(key)[1]?.inputs) === 'b');
    await field(alice, 'Kind of transform 2').selectOption('polars');
    await bed.becomes(key, 'it is another kind', () => transformsOf(key)[1]?.kind === 'polars');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.41] what is typed into a body offline merges with what somebody else typed meanwhile',
  async () => {
    const { alice, colleague } = bed;
    const key = await withBodies('offline', 'one\ntwo');
    await bed.open(alice, key);
    await goTo(alice, 'Control+End');
    await alice.context().setOffline(true);
    await alice.getByText('Offline', { exact: true }).waitFor();
    await alice.keyboard.type('\nmine');
    const [first] = transformsOf(key);
    commitEdit(colleague.doc, 'test', () =>
      setTransform(colleague.doc, key, String(first?.key), { body: 'theirs\none\ntwo' }),
    );
    await colleague.saved();
    await alice.context().setOffline(false);
    const wanted = 'theirs\none\ntwo\nmine';
    await bed.becomes(key, 'both are in it', () => bodiesOf(key)[0] === wanted);
    await until(async () => (await shown(alice)) === wanted, { what: 'her editor shows both' });
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG2.30, PG8.14] from a body a key leads to the news and back; what is typed on when it is gone is no command',
  async () => {
    const { alice, colleague } = bed;
    const key = await withBodies('vanishing', 'kept', 'removed');
    await bed.open(alice, key);
    await lookAt(alice, 2);
    await alice.getByRole('button', { name: 'Remove transform 2' }).click();
    const undo = alice.getByRole('button', { name: 'Undo', exact: true }).last();
    await undo.waitFor();
    await goTo(alice, 'Control+End');
    await alice.keyboard.press('F6');
    await hasFocus(alice.getByRole('region', { name: 'News' }).getByRole('button', { name: 'Undo' }));
    await alice.keyboard.press('Escape');
    await alice.keyboard.type(' still');
    await bed.becomes(key, 'the caret is back', () => bodiesOf(key)[0] === 'kept still');
    commitEdit(colleague.doc, 'test', () => deletePipeline(colleague.doc, key));
    const message = alice.getByText('vanishing has been deleted');
    while (!(await message.isVisible())) await alice.keyboard.type('x', { delay: 100 });
    await alice.keyboard.type('c ec/ae?c', { delay: 20 });
    await alice.keyboard.press('Enter');
    expect(await alice.getByRole('dialog').count()).toBe(0);
    expect(await message.isVisible()).toBe(true);
  },
  TEST_TIMEOUT_MS,
);
