// The form of a pipeline in a real browser against a whole server: every field, half-typed values, carets, roles, reloads.
import { afterAll, beforeAll, expect } from 'bun:test';
import { commitEdit, moveToGroup, setColumn, setText } from '@hakiri/config-doc/edit';
import { until } from '@hakiri/testing/until';
import { axeViolations } from '../../testing/axe.ts';
import { type FormBed, field, formOf, isFocused, openFormBed, shows } from '../../testing/form-bed.ts';
import { browserTest, hasFocus, row, TEST_TIMEOUT_MS } from '../../testing/page-bed.ts';
import { writeOption } from './write-field.ts';

let bed: FormBed;

beforeAll(async () => {
  const opened = await openFormBed();
  if (opened) bed = opened;
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

browserTest(
  '[PG1.3, PG8.12, PG8.43] every field of the form reaches what is published, each as it was typed',
  async () => {
    const { alice, client } = bed;
    const key = await bed.create('fields');
    commitEdit(bed.colleague.doc, 'test', () => setColumn(bed.colleague.doc, key, 'day', { type: 'date' }));
    await bed.colleague.saved();
    await bed.open(alice, key);
    const typed = {
      Name: 'All the fields',
      Id: 'fields.all',
      'Source kind': 'ftp',
      'Source reference': 'https://example.org/rows',
      Table: 'shop.fields',
      Expression: '30 7 * * 1-5',
      Description: 'Made on the page',
      Target: 'any-mac',
    };
    await field(alice, 'Placement kind').selectOption('label');
    for (const [label, value] of Object.entries(typed)) await field(alice, label).fill(value);
    for (const [label, value] of Object.entries({ Group: 'shop/new', 'Time zone': 'Europe/Berlin' })) {
      await field(alice, label).fill(value);
      await field(alice, label).press('Tab');
    }
    await field(alice, 'Partition column').click();
    await alice.getByRole('option', { name: /^day/ }).click();
    for (const tag of ['hourly', 'shop']) {
      await field(alice, 'Tags').fill(tag);
      await field(alice, 'Tags').press('Enter');
    }
    await alice.getByLabel('Name of a new option').fill('retries');
    await alice.getByRole('button', { name: 'Add option' }).click();
    await field(alice, 'Type of retries').selectOption('number');
    await field(alice, 'Option retries').fill('3');
    await field(alice, 'Enabled').uncheck();
    await bed.becomes(key, 'all that was typed arrived', (draft) => draft?.enabled === false);
    await alice.getByText('Saved', { exact: true }).waitFor();
    expect(bed.draft(key)).toMatchObject({
      id: 'fields.all',
      name: 'All the fields',
      description: 'Made on the page',
      group: 'shop/new',
      tags: ['hourly', 'shop'],
      source: { kind: 'ftp', ref: 'https://example.org/rows', retries: 3 },
      destination: { table: 'shop.fields', partition_by: 'day' },
      schedule: { kind: 'cron', expr: '30 7 * * 1-5', timezone: 'Europe/Berlin' },
      placement: { kind: 'label', target: 'any-mac' },
    });
    await client.apply.apply({ doc: 'main', scope: { kind: 'all' }, version: bed.colleague.version() });
    await until(async () => (await client.apply.body('v1').catch(() => '')).includes('fields.all'));
    await alice.getByRole('button', { name: 'Remove the tag hourly' }).click();
    await hasFocus(alice.getByRole('button', { name: 'Remove the tag shop' }));
    await alice.getByRole('button', { name: 'Remove the option retries' }).click();
    await hasFocus(alice.getByLabel('Name of a new option'));
    await bed.becomes(key, 'a tag and an option are gone', (draft) =>
      Bun.deepEquals(
        [draft?.tags, draft?.source],
        [['shop'], { kind: 'ftp', ref: 'https://example.org/rows' }],
      ),
    );
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.1] a half-typed cron stays as typed, with the issue beside it, over a reload in the middle, and becomes words and times',
  async () => {
    const { alice, bob, colleague } = bed;
    const key = await bed.create('half');
    await bed.open(alice, key);
    await field(alice, 'Expression').fill('0 6 *');
    await formOf(alice).getByText('is not a cron expression').waitFor();
    expect(await field(alice, 'Expression').getAttribute('aria-invalid')).toBe('true');
    await bed.becomes(key, 'it is in the document as typed', (draft) =>
      Bun.deepEquals(draft?.schedule, { kind: 'cron', expr: '0 6 *' }),
    );
    await alice.reload();
    await shows(alice, 'Expression', '0 6 *');
    await formOf(alice).getByText('is not a cron expression').waitFor();
    await bed.open(bob, key);
    await formOf(bob).getByText('is not a cron expression').waitFor();
    await field(alice, 'Expression').press('End');
    await alice.keyboard.type(' * 1-5');
    for (const page of [alice, bob]) {
      await formOf(page).getByText('At 06:00, Monday through Friday').waitFor();
      await formOf(page).getByText('is not a cron expression').waitFor({ state: 'detached' });
      await until(
        async () => (await page.getByRole('table', { name: 'Next 5 runs' }).getByRole('row').count()) === 6,
        { what: 'a head and five times' },
      );
    }
    await field(alice, 'Time zone').fill('Europe/Berln');
    await formOf(alice).getByText('Perhaps `Europe/Berlin` is meant.').waitFor();
    await field(alice, 'Time zone').fill('berlin');
    await alice.getByRole('option', { name: 'Europe/Berlin' }).click();
    await formOf(alice).getByText('In Europe/Berlin').waitFor();
    await shows(bob, 'Time zone', 'Europe/Berlin');
    // A letter and its taking back within one frame.
    await field(alice, 'Time zone').press('End');
    await alice.evaluate(() =>
      ['insertText', 'delete'].map((keys) => document.execCommand(keys, false, 'x')),
    );
    await field(alice, 'Group').fill('finance/rep');
    commitEdit(colleague.doc, 'test', () => {
      moveToGroup(colleague.doc, key, 'other');
      setText(colleague.doc, key, 'name', 'Moved');
    });
    await shows(alice, 'Name', 'Moved');
    await shows(alice, 'Group', 'finance/rep');
    await field(alice, 'Group').press('Tab');
    await bed.becomes(key, 'it is in the group that was typed', (draft) => draft?.group === 'finance/rep');
    await shows(alice, 'Time zone', 'Europe/Berlin');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.1] what concerns other pipelines is said as it is typed: an id that is taken, an upstream that is not there',
  async () => {
    const { alice } = bed;
    const [key] = [await bed.create('downstream'), await bed.create('upstream')];
    await bed.open(alice, key);
    await field(alice, 'Id').fill('upstream');
    await formOf(alice).getByText('2 pipelines have the id `upstream`').waitFor();
    await field(alice, 'Id').fill('downstream');
    await formOf(alice).getByText('2 pipelines have the id').waitFor({ state: 'detached' });
    await field(alice, 'Schedule kind').selectOption('on-event');
    await field(alice, 'Expression').fill('pipeline.finished:upstraem');
    await formOf(alice).getByText('Perhaps `upstream` is meant.').waitFor();
    await field(alice, 'Expression').fill('finished:upstr');
    await alice.getByRole('option', { name: 'pipeline.finished:upstream' }).click();
    await bed.becomes(key, 'it waits for upstream', (draft) =>
      Bun.deepEquals(draft?.schedule, { kind: 'on-event', expr: 'pipeline.finished:upstream' }),
    );
    await field(alice, 'Expression').and(alice.locator(':not([aria-invalid])')).waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.2] a caret keeps its place while somebody else types into the same text, and neither loses a letter',
  async () => {
    const { alice, colleague } = bed;
    const key = await bed.create('caret', { name: 'Orders' });
    await bed.open(alice, key);
    await field(alice, 'Name').focus();
    await field(alice, 'Name').evaluate((input: HTMLInputElement) => input.setSelectionRange(3, 3));
    for (const letter of 'ABCDEF') {
      await alice.keyboard.type(letter.toLowerCase());
      commitEdit(colleague.doc, 'test', () =>
        setText(colleague.doc, key, 'name', `${letter}${bed.draft(key)?.name}`),
      );
    }
    const both = 'FEDCBAOrdabcdefers';
    await bed.becomes(key, 'all letters are there', (draft) => draft?.name === both);
    await shows(alice, 'Name', both);
    expect(
      await field(alice, 'Name').evaluate((input: HTMLInputElement) => [
        input.selectionStart,
        input.selectionEnd,
      ]),
    ).toEqual([15, 15]);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.5] an address leads to a field, also of what is wrong in the whole of a part, and again when it is asked for again',
  async () => {
    const { alice } = bed;
    const key = await bed.create('jump');
    for (const [place, label] of [
      ['schedule/expr', 'Expression'],
      ['destination', 'Table'],
      ['placement/target', 'Target'],
      ['source/ref', 'Source reference'],
    ] as const) {
      await bed.open(alice, key, `?field=${encodeURIComponent(place)}`);
      await until(() => isFocused(alice, label), { what: `${label} has the cursor` });
      await until(() => new URL(alice.url()).search === '', { what: 'the address has led there' });
    }
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.6] a viewer sees every value, is told why none can be changed, and follows what others write',
  async () => {
    const key = await bed.create('viewed', { tags: ['one'] });
    const vera = await bed.visit('Vera Viewer', 'viewer');
    await bed.open(vera, key);
    await row(vera, 'viewed').getByLabel('Select viewed').check();
    await vera.getByText('1 selected', { exact: true }).waitFor();
    await vera.getByText('Read-only: your role cannot edit this document').waitFor();
    for (const label of ['Name', 'Id', 'Expression', 'Source reference', 'Table', 'Group', 'Tags'])
      expect([label, await field(vera, label).isEditable()]).toEqual([label, false]);
    for (const label of ['Enabled', 'Schedule kind', 'Placement kind'])
      expect([label, await field(vera, label).isDisabled()]).toEqual([label, true]);
    for (const name of ['Undo', 'Apply these…', 'Add option', 'New pipeline', 'New group'])
      expect([name, await vera.getByRole('button', { name, exact: true }).count()]).toEqual([name, 0]);
    const said = formOf(vera).locator('input, textarea');
    expect(
      (await Promise.all((await said.all()).map((one) => one.getAttribute('placeholder')))).filter(Boolean),
    ).toEqual(['UTC']);
    expect(await formOf(vera).getByText('leave empty').count()).toBe(0);
    expect(await formOf(vera).locator('datalist').count()).toBe(0);
    commitEdit(bed.colleague.doc, 'test', () => setText(bed.colleague.doc, key, 'name', 'Written meanwhile'));
    await shows(vera, 'Name', 'Written meanwhile');
    await vera.context().close();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.54] the table and a new option are proposed from other pipelines, once somebody comes to the field',
  async () => {
    const { alice } = bed;
    const other = await bed.create('elsewhere', { destination: { table: 'shop.elsewhere' } });
    commitEdit(bed.colleague.doc, 'test', () => writeOption(bed.colleague.doc, other, 'encoding', 'utf8'));
    await bed.open(alice, await bed.create('here'));
    const proposed = (label: string): Promise<string[]> =>
      field(alice, label).evaluate((input) =>
        input instanceof HTMLInputElement ? [...(input.list?.options ?? [])].map(({ value }) => value) : [],
      );
    expect(await proposed('Table')).toEqual([]);
    await field(alice, 'Table').click();
    await until(async () => (await proposed('Table')).includes('shop.elsewhere'));
    await field(alice, 'Name of a new option').click();
    await until(async () => (await proposed('Name of a new option')).includes('encoding'));
    expect(await proposed('Name of a new option')).toContain('delimiter');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.7] who changed what and when is read from the server when it is unfolded',
  async () => {
    const { bob } = bed;
    const key = await bed.create('remembered');
    await bed.open(bob, key);
    await field(bob, 'Table').fill('remembered_better');
    await bob.getByText('Saved', { exact: true }).waitFor();
    await bed.becomes(key, 'it is there', (draft) => JSON.stringify(draft).includes('remembered_better'));
    await bob.getByText('Edit history').click();
    const entries = bob.getByRole('group').getByRole('listitem');
    await entries.filter({ hasText: 'Bob Baker' }).filter({ hasText: 'Table' }).first().waitFor();
    await entries.filter({ hasText: 'created or deleted' }).first().waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.8, PG8.30] the form has nothing that axe finds, in both themes, with something wrong and somebody else in it, and is never wider than a phone',
  async () => {
    const { alice, bob } = bed;
    const key = await bed.create('seen', { tags: ['one'] });
    commitEdit(bed.colleague.doc, 'test', () => writeOption(bed.colleague.doc, key, 'retries', 3));
    for (const page of [alice, bob]) await bed.open(page, key);
    await field(bob, 'Expression').click();
    await formOf(alice).getByText('Bob Baker is here').waitFor();
    await field(alice, 'Expression').fill('never');
    await formOf(alice).getByText('is not a cron expression').waitFor();
    expect(await axeViolations(alice, 'section[aria-label="Pipeline seen"]')).toEqual([]);
    await alice.setViewportSize({ width: 320, height: 800 });
    const widest = await alice
      .getByRole('region', { name: /^Pipeline / })
      .evaluate((form) => form.scrollWidth - form.clientWidth);
    expect(widest).toBe(0);
    await alice.setViewportSize({ width: 1280, height: 800 });
    // Beside the list the form alone scrolls: past its end the screen stays where it is.
    await alice.setViewportSize({ width: 1280, height: 500 });
    expect(await alice.locator('main').evaluate((main) => main.scrollHeight - main.clientHeight)).toBe(0);
    await alice.setViewportSize({ width: 1280, height: 800 });
  },
  TEST_TIMEOUT_MS,
);

browserTest('[PG1.8] nothing in the form broke the page’s policy or threw', () => {
  expect(bed.complaints).toEqual([]);
});
