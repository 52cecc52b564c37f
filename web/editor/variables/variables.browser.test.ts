// The variables in a real browser against a whole server: made, written by two at once, renamed wherever they are used, deleted.
import { afterAll, beforeAll, expect } from 'bun:test';
import { commitEdit } from '@hakiri/config-doc/edit';
import { addTransform } from '@hakiri/config-doc/edit-transforms';
import { readVariables } from '@hakiri/config-doc/read';
import { until } from '@hakiri/testing/until';
import { axeViolations } from '../../testing/axe.ts';
import { type FormBed, openFormBed } from '../../testing/form-bed.ts';
import { browserTest, hasFocus, TEST_TIMEOUT_MS } from '../../testing/page-bed.ts';

let bed: FormBed;

beforeAll(async () => {
  const opened = await openFormBed();
  if (opened) bed = opened;
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await bed?.end();
});

const variables = () => readVariables(bed.colleague.doc).map(({ name, value }) => ({ name, value }));
const variablesAre = (what: string, wanted: unknown): Promise<unknown> =>
  until(() => JSON.stringify(variables()) === JSON.stringify(wanted), { what });

browserTest(
  '[PG1.46, PG1.47, PG1.48, PG8.12] a variable is made, written by two people at once, renamed in all its uses and deleted, and what that breaks is said before',
  async () => {
    const { alice, bob, colleague, server } = bed;
    const key = await bed.create('uses', { source: { kind: 'http-json', ref: '${BASE}/orders' } });
    commitEdit(colleague.doc, 'test', () =>
      addTransform(colleague.doc, key, { kind: 'filter', body: 'a == ${BASE}', inputs: [] }),
    );
    await colleague.saved();
    for (const page of [alice, bob]) await page.goto(`${server.url}/docs/main/variables`);
    await alice.getByRole('button', { name: 'New variable' }).click();
    const dialog = alice.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('base');
    await dialog.getByRole('button', { name: 'New variable' }).click();
    await dialog.getByText('Use capital letters, digits').waitFor();
    await dialog.getByLabel('Name', { exact: true }).fill('BASE');
    await dialog.getByLabel('Value', { exact: true }).fill('shop');
    await dialog.getByRole('button', { name: 'New variable' }).click();
    await variablesAre('it is there', [{ name: 'BASE', value: 'shop' }]);

    const value = (page: typeof alice) => page.getByLabel('Value of BASE', { exact: true });
    await value(bob).press('Control+End');
    await alice.getByText('Bob Baker is here').waitFor();
    await value(alice).press('Control+Home');
    await Promise.all([
      alice.keyboard.type('https://', { delay: 15 }),
      bob.keyboard.type('.example', { delay: 15 }),
    ]);
    await variablesAre('both wrote', [{ name: 'BASE', value: 'https://shop.example' }]);
    for (const page of [alice, bob])
      await until(async () => (await value(page).inputValue()) === 'https://shop.example', {
        what: 'both see it',
      });

    const uses = alice.getByRole('list', { name: 'Where BASE is used' });
    await uses.getByRole('link', { name: 'Source reference' }).waitFor();
    expect(await uses.getByRole('link', { name: 'transform 1' }).getAttribute('href')).toContain('body');
    expect(await axeViolations(alice)).toEqual([]);

    await alice.getByRole('button', { name: 'Actions on BASE' }).click();
    await alice.getByRole('menuitem', { name: 'Rename…' }).click();
    await dialog.getByText('1 pipeline, 2 fields would refer to a variable that does not exist').waitFor();
    await dialog.getByLabel('New name').fill('SHOP');
    await dialog.getByRole('button', { name: 'Rename', exact: true }).click();
    await variablesAre('it has another name', [{ name: 'SHOP', value: 'https://shop.example' }]);
    await bed.becomes(key, 'its uses followed', (draft) => {
      const text = JSON.stringify(draft);
      return text.includes('${SHOP}/orders') && text.includes('a == ${SHOP}') && !text.includes('${BASE}');
    });

    const token = `ghp_${'aB3dE5gH7jK9mN1pQ3sT5vX7zB2dF4hJ6lM8'}`;
    await alice.getByLabel('Value of SHOP', { exact: true }).fill(token);
    await alice.getByText('This looks like a secret').first().waitFor();
    await alice.getByLabel('Value of SHOP', { exact: true }).fill('https://new');
    await alice.getByRole('button', { name: 'Actions on SHOP' }).click();
    await alice.getByRole('menuitem', { name: 'Delete…' }).click();
    await dialog.getByLabel('Replace it with its value', { exact: false }).check();
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await variablesAre('it is gone', []);
    await bed.becomes(key, 'its value stands there', (draft) =>
      JSON.stringify(draft).includes('https://new/orders'),
    );
    await alice.getByText('No variables yet').waitFor();
    await hasFocus(alice.getByRole('button', { name: 'New variable' }));
    expect(bed.complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);
