// The table of columns in a real browser against a whole server: written, renamed, pasted, gone through by keys.
import { afterAll, beforeAll, expect } from 'bun:test';
import { until } from '@hakiri/testing/until';
import type { Page } from 'playwright-core';
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

/** Pastes into what has the focus. */
const paste = (page: Page, text: string): Promise<void> =>
  page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
  }, text);

const focusedLabel = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement instanceof HTMLInputElement ? (activeElement.labels?.[0]?.textContent ?? '') : '';
  });

browserTest(
  '[PG1.44, PG1.45, PG8.12] columns are pasted, typed, renamed and removed, with their issues beside them, and gone through by keys',
  async () => {
    const { alice } = bed;
    const key = await bed.create('columns', { destination: { table: 'columns', partition_by: 'day' } });
    await bed.open(alice, key);
    const schemaIs = (what: string, wanted: unknown): Promise<void> =>
      bed.becomes(key, what, (draft) => JSON.stringify(draft?.schema) === JSON.stringify(wanted));
    await field(alice, 'Name of a new column').focus();
    await paste(alice, 'name\ttype\tnullable\nday\tdate\tno\namount\tint64\tyes\n');
    const pasted = { amount: { nullable: true, type: 'int64' }, day: { type: 'date' } };
    await schemaIs('both are there', pasted);
    await alice.getByText('2 columns added.').waitFor();
    await field(alice, 'Name of a new column').fill('paid');
    await field(alice, 'Name of a new column').press('Enter');
    await schemaIs('the third is there', { ...pasted, paid: { type: '' } });
    const row = alice.getByRole('row').filter({ has: alice.getByLabel('Type of paid', { exact: true }) });
    await row.getByText('Give each column a `type`').waitFor();
    await field(alice, 'Type of paid').fill('timestamp');
    await until(async () => (await row.getByText('Give each column').count()) === 0, {
      what: 'it is mended',
    });
    await field(alice, 'Type of paid').press('ArrowUp');
    expect(await focusedLabel(alice)).toBe('Type of day');
    await field(alice, 'Name of day').fill('amount');
    await alice.getByText('There is a column amount already.').waitFor();
    await field(alice, 'Name of day').fill('created');
    await field(alice, 'Name of day').press('Enter');
    await bed.becomes(key, 'the partition follows', (draft) =>
      JSON.stringify(draft?.destination).includes('"created"'),
    );
    expect(await alice.getByRole('region', { name: 'News' }).textContent()).not.toContain('cannot be saved');
    await alice
      .getByRole('row')
      .filter({ has: alice.getByLabel('Name of created', { exact: true }) })
      .getByText('Partition')
      .waitFor();
    await field(alice, 'amount may be empty').uncheck();
    await alice.getByRole('button', { name: 'Remove the column paid' }).click();
    const left = { amount: { type: 'int64' }, created: { type: 'date' } };
    await schemaIs('two are left', left);
    await hasFocus(alice.getByRole('button', { name: 'Remove the column created' }));
    await alice.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await schemaIs('the third is back', { ...left, paid: { type: 'timestamp' } });
    expect(await axeViolations(alice, '[data-field="schema"]')).toEqual([]);
    expect(bed.complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);
