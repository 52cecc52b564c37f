// The frame around all screens in real browsers: stray keys, shortcuts, narrow pages, long names, addresses that lead nowhere.
import { afterAll, beforeAll, expect } from 'bun:test';
import { commitEdit, deletePipeline } from '@hakiri/config-doc/edit';
import { until } from '@hakiri/testing/until';
import { type FormBed, field, openFormBed } from '../testing/form-bed.ts';
import { browserTest, TEST_TIMEOUT_MS } from '../testing/page-bed.ts';

let bed: FormBed;

beforeAll(async () => {
  const opened = await openFormBed();
  if (opened) bed = opened;
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

browserTest(
  '[PG2.30] who types into a pipeline that somebody deletes runs no command with the rest of the sentence, and reads what became of it',
  async () => {
    const { alice, colleague } = bed;
    const [kept, key] = [await bed.create('kept'), await bed.create('leaving', { name: 'Leaving' })];
    const before = bed.draft(kept);
    await bed.open(alice, key);
    await field(alice, 'Name').press('End');
    await alice.keyboard.type('so');
    commitEdit(colleague.doc, 'test', () => deletePipeline(colleague.doc, key));
    const message = alice.getByText('leaving has been deleted');
    // A letter each 100 ms, as somebody types who does not look.
    while (!(await message.isVisible())) await alice.keyboard.type('x', { delay: 100 });
    await alice.keyboard.type('c ec/ae?c', { delay: 20 });
    await alice.keyboard.press('Enter');
    expect(await alice.getByRole('dialog').count()).toBe(0);
    expect(await message.isVisible()).toBe(true);
    expect(await alice.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('alert');
    expect(bed.draft(kept)).toEqual(before);
    // Tab says that the next key is meant.
    await alice.keyboard.press('Tab');
    await alice.keyboard.press('?');
    await alice.getByRole('dialog').waitFor();
    await alice.keyboard.press('Escape');
    await alice.getByRole('button', { name: 'Get it back', exact: true }).click();
    await until(() => bed.draft(key) !== undefined, { what: 'it is back' });
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG2.30] no page has thrown and nothing was refused by its policy',
  () => {
    expect(bed.complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);
