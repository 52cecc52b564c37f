// The documents of a team in a real browser: made, opened, left by link and by the way back, put away, taken back.
import { afterAll, beforeAll, expect } from 'bun:test';
import { axeViolations } from '../testing/axe.ts';
import {
  browserTest,
  fillDialog,
  openPageBed,
  type PageBed,
  row,
  TEST_TIMEOUT_MS,
} from '../testing/page-bed.ts';

let bed: PageBed | undefined;

beforeAll(async () => {
  bed = await openPageBed();
}, TEST_TIMEOUT_MS);

afterAll(() => bed?.end());

browserTest(
  '[PG1.31] documents: one is made and opened, given a title, left, put away after a question, and taken back',
  async () => {
    if (!bed) return;
    const { alice } = bed;
    await alice.getByRole('button', { name: 'New pipeline' }).click();
    await fillDialog(alice, 'refunds');
    await alice.getByRole('button', { name: 'Create', exact: true }).click();
    await row(alice, 'refunds').waitFor();
    await alice.getByRole('button', { name: /^Document .*: switch$/ }).click();
    await alice.getByRole('menuitem', { name: 'All documents…' }).click();
    const dialog = alice.getByRole('dialog', { name: 'Documents' });
    await dialog.getByLabel('Name', { exact: true }).fill('Lab!');
    await dialog.getByRole('button', { name: 'Create and open' }).click();
    await dialog.getByText('no hyphen first or last').waitFor();
    await dialog.getByLabel('Name', { exact: true }).fill('lab');
    await dialog.getByLabel('Title', { exact: true }).fill('Laboratory');
    await dialog.getByRole('button', { name: 'Create and open' }).click();
    await alice.waitForURL(/\/docs\/lab\/pipelines/);
    await alice.getByRole('heading', { name: 'Get started' }).waitFor();
    await alice.getByRole('button', { name: 'Document Laboratory: switch' }).click();
    await alice.getByRole('menuitem', { name: 'All documents…' }).click();
    await dialog.getByRole('button', { name: 'Rename Laboratory' }).click();
    await dialog.getByLabel('Title of Laboratory').fill('The lab');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('button', { name: 'Rename The lab' }).waitFor();
    expect(await axeViolations(alice)).toEqual([]);
    await dialog.getByRole('button', { name: 'Open main' }).click();
    await row(alice, 'refunds').waitFor();
    await alice.goBack();
    await alice.getByRole('heading', { name: 'Get started' }).waitFor();
    await alice.goForward();
    await row(alice, 'refunds').waitFor();
    await alice.getByRole('button', { name: /^Document .*: switch$/ }).click();
    await alice.getByRole('menuitem', { name: 'All documents…' }).click();
    await dialog.getByRole('button', { name: 'Archive The lab' }).click();
    const question = alice.getByRole('dialog', { name: 'Archive The lab?' });
    await question.getByText('Anyone in it right now').waitFor();
    await question.getByRole('button', { name: 'Archive', exact: true }).click();
    await dialog.getByText('The lab').waitFor({ state: 'detached' });
    await alice.getByText('The lab is archived.').waitFor();
    await dialog.getByLabel('Show archived documents').check();
    await dialog.getByRole('button', { name: 'Restore The lab' }).click();
    await dialog.getByRole('button', { name: 'Archive The lab' }).waitFor();
    await alice.keyboard.press('Escape');
    expect(bed.complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);
