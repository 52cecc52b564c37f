// The page's bed with somebody who works over the API beside the two at the page, for tests of the form of a pipeline.
import { createClient } from '@hakiri/client/client';
import { connectDocument, type DocumentConnection } from '@hakiri/client/sync';
import { commitEdit, createPipeline } from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import type { PipelineDraft } from '@hakiri/contracts/config';
import type { MemberRole } from '@hakiri/contracts/roles';
import { until } from '@hakiri/testing/until';
import type { Locator, Page } from 'playwright-core';
import { goTo, openPageBed, type PageBed } from './page-bed.ts';

export type FormBed = PageBed & {
  /** The owner, without a page. */
  colleague: DocumentConnection;
  client: ReturnType<typeof createClient>;
  /** Answers its key. */
  create(id: string, fields?: Partial<Parameters<typeof createPipeline>[1]>): Promise<string>;
  open(page: Page, key: string, query?: string): Promise<void>;
  draft(key: string): PipelineDraft | undefined;
  /** Resolves when the colleague's document says so. */
  becomes(key: string, what: string, is: (draft: PipelineDraft | undefined) => boolean): Promise<void>;
  /** Somebody else with a token of their own. */
  invite(name: string, role: MemberRole): Promise<{ token: string; user: string }>;
  /** Somebody else at a page of their own. */
  visit(name: string, role: MemberRole): Promise<Page>;
};

/** Undefined where the tests are skipped. */
export async function openFormBed(): Promise<FormBed | undefined> {
  const bed = await openPageBed();
  if (!bed) return undefined;
  const { url, ownerToken } = bed.server;
  const client = createClient({ url, token: ownerToken });
  const { team } = await client.auth.me();
  const colleague = await connectDocument({ client, team, doc: 'main' });
  const draft = (key: string): PipelineDraft | undefined => readPipeline(colleague.doc, key);
  return {
    ...bed,
    colleague,
    client,
    async create(id, fields = {}) {
      const pipeline = {
        id,
        source: { kind: 'csv-file', ref: `${id}.csv` },
        destination: { table: id.replaceAll('-', '_') },
        schedule: { kind: 'cron' as const, expr: '0 6 * * *' },
        ...fields,
      };
      const key = commitEdit(colleague.doc, 'test', () => createPipeline(colleague.doc, pipeline));
      await colleague.saved();
      return key;
    },
    async open(page, key, query = '') {
      await goTo(page, `${url}/docs/main/pipelines/${key}${query}`);
      await page.getByRole('region', { name: `Pipeline ${draft(key)?.id}`, exact: true }).waitFor();
      await field(page, 'Name').waitFor();
      await isThere(page);
    },
    draft,
    async becomes(key, what, is) {
      await until(() => is(draft(key)), { what });
    },
    async invite(name, role) {
      const { code } = await client.auth.createLink({ kind: 'invite', name, role });
      const { accessToken, user } = await createClient({ url }).auth.redeem({ code });
      return { token: accessToken, user };
    },
    async visit(name, role) {
      const { code } = await client.auth.createLink({ kind: 'invite', name, role });
      const page = await bed.newcomer(`${url}/#code=${code}`);
      await isThere(page);
      return page;
    },
    async end() {
      colleague.close();
      await bed.end();
    },
  };
}

function isThere(page: Page): Promise<void> {
  return page
    .getByText(/^(Saved|Read only)$/)
    .first()
    .waitFor();
}

/** The form alone: the list beside it says some of the same. */
export function formOf(page: Page): Locator {
  return page.getByRole('region', { name: /^Pipeline / });
}

export function field(page: Page, label: string): Locator {
  return formOf(page).getByLabel(label, { exact: true });
}

/** Resolves when the field shows `value`. */
export async function shows(page: Page, label: string, value: string): Promise<void> {
  await until(async () => (await field(page, label).inputValue()) === value, {
    what: `${label} shows ${JSON.stringify(value)}`,
  });
}

export function isFocused(page: Page, label: string): Promise<boolean> {
  return field(page, label).evaluate((element) => element === document.activeElement);
}

/** Somebody else who is here, in the bar. */
export function othersInBar(page: Page): Locator {
  return page.locator('header span[role="img"]:not(button *)').first();
}

/** Where in the bar, at the left, the search and what stands at the right begin, with somebody else there. */
export async function placesInBar(page: Page): Promise<number[]> {
  await othersInBar(page).waitFor();
  const bar = page.getByRole('banner');
  const names = ['Search and commands', 'Undo', /: account and settings$/];
  const boxes = await Promise.all(
    names.map((name) => bar.getByRole('button', { name }).first().boundingBox()),
  );
  return boxes.map((box) => box?.x ?? Number.NaN);
}
