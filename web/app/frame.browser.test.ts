// The frame around all screens in real browsers: stray keys, shortcuts, narrow pages, long names, addresses that lead nowhere.
import { afterAll, beforeAll, expect } from 'bun:test';
import { isRecord } from '@hakiri/base/json';
import { commitEdit, deletePipeline } from '@hakiri/config-doc/edit';
import { until } from '@hakiri/testing/until';
import { type FormBed, field, formOf, openFormBed, othersInBar, placesInBar } from '../testing/form-bed.ts';
import { browserTest, goTo, hasFocus, row, saved, TEST_TIMEOUT_MS } from '../testing/page-bed.ts';

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
    await alice.getByRole('button', { name: 'Restore', exact: true }).click();
    await until(() => bed.draft(key) !== undefined, { what: 'it is back' });
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG8.4, PG8.33] no screen has two commands with the same keys, and each has its own title',
  async () => {
    const { alice } = bed;
    const known = bed.complaints.length;
    for (const [address, heading] of [
      ['/docs/main/variables', 'Variables'],
      ['/docs/main/changes', 'Changes'],
      ['/revisions', 'Revisions'],
      ['/daemons', 'Daemons'],
      ['/runs', 'Runs'],
      ['/admin/members', 'Members'],
      ['/docs/main/pipelines', 'Pipelines'],
    ]) {
      await goTo(alice, `${bed.server.url}${address}`);
      await alice
        .getByRole('main')
        .getByRole('heading', { name: heading ?? '', exact: true })
        .first()
        .waitFor();
      const of = address?.startsWith('/docs/') ? ' · main' : '';
      expect(await alice.title()).toBe(`${heading}${of} · hakiri-control`);
    }
    expect(bed.complaints.slice(known)).toEqual([]);
    await alice.keyboard.press('g');
    await alice.keyboard.press('o');
    await alice.getByRole('dialog', { name: 'Documents' }).waitFor();
    await alice.keyboard.press('Escape');
    await alice.getByRole('dialog').waitFor({ state: 'detached' });
    await alice.keyboard.press('g');
    await alice.keyboard.press('d');
    await alice.getByRole('main').getByRole('heading', { name: 'Daemons', exact: true }).waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG8.5, PG8.42, PG2.22] at 320 px the account is in the bar, beside a conflict and others who are here',
  async () => {
    const { alice, bob, colleague } = bed;
    const key = await bed.create('narrow');
    for (const page of [alice, bob]) await bed.open(page, key);
    const before = await placesInBar(bob);
    await bob.context().setOffline(true);
    await bob.getByText('Offline', { exact: true }).waitFor();
    await othersInBar(bob).waitFor({ state: 'detached' });
    await field(bob, 'Table').fill('kept.here');
    commitEdit(colleague.doc, 'test', () => deletePipeline(colleague.doc, key));
    await colleague.saved();
    await bob.context().setOffline(false);
    await bob.getByRole('button', { name: '1 conflict' }).waitFor();
    expect(await placesInBar(bob)).toEqual(before);
    await bob.setViewportSize({ width: 320, height: 640 });
    const bar = bob.getByRole('banner');
    const parts = [
      bar.getByRole('button', { name: /^\d+ conflicts?$/ }),
      bar.getByText('Saved', { exact: true }),
      bar.getByRole('button', { name: 'Open navigation' }),
      bar.getByRole('button', { name: /: account and settings$/ }),
    ];
    for (const part of parts) {
      await part.waitFor();
      const box = await part.boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(320);
    }
    expect(await bar.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    await bob.setViewportSize({ width: 1280, height: 720 });
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG8.6] somebody with a name of 85 letters moves nothing in the form, and leaves the values of a change their width',
  async () => {
    const { alice, client, colleague } = bed;
    const name = 'Maximiliana '.repeat(8).slice(0, 85).trim();
    const key = await bed.create('named');
    await client.apply.apply({ scope: { kind: 'all' }, version: colleague.version() });
    const long = await bed.visit(name, 'editor');
    await bed.open(alice, key);
    const topOf = async (label: string) => (await field(alice, label).boundingBox())?.y ?? 0;
    const underHead = (): Promise<number> => topOf('Name');
    const underLabel = (): Promise<number> =>
      field(alice, 'Table').evaluate(
        (input) => input.previousElementSibling?.getBoundingClientRect().height ?? 0,
      );
    const before = [await underHead(), await underLabel()];
    await bed.open(long, key);
    await formOf(alice).getByText(`${name} has this open, too`).waitFor();
    expect(await underHead()).toBe(before[0] ?? 0);
    await field(long, 'Table').fill('shop.recent');
    await formOf(alice).getByText(`${name} is here`).waitFor();
    expect(await underLabel()).toBe(before[1] ?? 0);
    await saved(long);
    await goTo(alice, `${bed.server.url}/docs/main/changes`);
    const show = alice.getByRole('button', { name: 'Show the fields of named' });
    if ((await show.getAttribute('aria-expanded')) === 'false') await show.click();
    const value = alice.getByRole('insertion').first();
    await value.waitFor();
    await alice.getByText(`by ${name}`).first().waitFor();
    // One line, as there is room for it.
    expect((await value.boundingBox())?.height).toBeLessThan(32);
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.51] the list follows its address: a link and the way back change the search field and the rows',
  async () => {
    const { alice } = bed;
    for (const id of ['searched', 'unlike']) await bed.create(id);
    await goTo(alice, `${bed.server.url}/docs/main/pipelines`);
    const search = alice.getByRole('searchbox');
    await search.fill('searched');
    await row(alice, 'unlike').waitFor({ state: 'detached' });
    await alice.waitForURL(/[?&]q=searched/);
    await alice.getByRole('link', { name: 'Pipelines', exact: true }).click();
    await row(alice, 'unlike').waitFor();
    expect(await search.inputValue()).toBe('');
    await alice.goBack();
    await row(alice, 'unlike').waitFor({ state: 'detached' });
    expect(await search.inputValue()).toBe('searched');
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG1.52] an address of what is not there says what that is and leads on, and the way back does, too',
  async () => {
    const { alice, server } = bed;
    const at = (path: string): Promise<void> => goTo(alice, `${server.url}${path}`);
    const documents = alice.getByRole('navigation', { name: 'Documents' });
    await at('/docs/main/pipelines');
    await alice.getByRole('searchbox').waitFor();
    await at('/docs/nowhere/pipelines');
    await alice.getByRole('heading', { name: 'This team has no document “nowhere”' }).waitFor();
    await documents.getByRole('link').waitFor();
    await alice.goBack();
    await alice.getByRole('searchbox').waitFor();
    await alice.goto(`${server.url}/docs/%E0%A4%A/pipelines`);
    await alice.getByRole('heading', { name: 'This team has no document “%E0%A4%A”' }).waitFor();
    await documents.getByRole('link', { name: 'main', exact: true }).click();
    await alice.getByRole('searchbox').waitFor();
    await at('/docs');
    await alice.getByRole('heading', { name: 'Page not found' }).waitFor();
    await documents.getByRole('link', { name: 'main', exact: true }).waitFor();
    for (const [path, heading] of [
      ['/docs/main/pipelines/none', 'Pipeline not found'],
      ['/revisions/none', 'There is no revision “none”'],
      ['/revisions/v99', 'There is no revision “v99”'],
      ['/runs/none', 'Run not found'],
    ] as const) {
      await at(path);
      await alice.getByRole('heading', { name: heading }).waitFor();
    }
    await at('/docs/main');
    await alice.getByRole('searchbox').waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG8.13] what comes late moves nothing in the list, a form and Changes; the groups are a press away beside a form',
  async () => {
    const { alice, client, colleague, server } = bed;
    const key = await bed.create('still', { tags: ['a', 'b'] });
    await client.apply.apply({ scope: { kind: 'all' }, version: colleague.version() });
    await bed.create('after');
    await alice.addInitScript(() => {
      const seen: { value: number; moved: string[] }[] = [];
      Object.assign(window, { seenShifts: seen });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          if (!('value' in entry && typeof entry.value === 'number')) continue;
          const sources = 'sources' in entry && Array.isArray(entry.sources) ? entry.sources : [];
          seen.push({
            value: entry.value,
            moved: sources.map(({ node }) => node?.className ?? node?.nodeName),
          });
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const main = alice.getByRole('main');
    for (const [path, last] of [
      ['pipelines', row(alice, 'after').getByText('New')],
      [`pipelines/${key}`, field(alice, 'Name')],
      ['changes', main.getByText('Nothing is waiting')],
    ] as const) {
      await alice.goto(`${server.url}/docs/main/${path}`);
      for (const part of [last, alice.getByRole('banner').getByText(/^Live: /)]) await part.waitFor();
      await saved(alice);
      const shifts = await alice.evaluate(
        () =>
          new Promise<unknown[]>((resolve) => {
            // Told of what was drawn so far.
            requestAnimationFrame(() =>
              requestAnimationFrame(() => setTimeout(() => resolve(Reflect.get(window, 'seenShifts')))),
            );
          }),
      );
      const large = shifts.filter((shift) => isRecord(shift) && Number(shift.value) > 0.02);
      expect({ path, large }).toEqual({ path, large: [] });
    }
    await goTo(alice, `${server.url}/docs/main/pipelines/${key}`);
    const groups = alice.getByRole('navigation', { name: 'Groups' });
    await field(alice, 'Name').waitFor();
    expect(await groups.isVisible()).toBe(false);
    await alice.getByRole('button', { name: 'Groups', exact: true }).click();
    await groups.waitFor();
  },
  TEST_TIMEOUT_MS,
);

browserTest(
  '[PG8.14] news cover nothing, are reached by a key from a field, and give the focus back',
  async () => {
    const { alice } = bed;
    const key = await bed.create('told', { tags: ['one'] });
    await bed.open(alice, key);
    await alice.setViewportSize({ width: 320, height: 640 });
    await field(alice, 'Name').focus();
    await formOf(alice).getByRole('button', { name: 'More about this pipeline' }).click();
    await alice.getByRole('menuitem', { name: 'Delete this pipeline…' }).click();
    await alice.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    const news = alice.getByRole('region', { name: 'News' });
    const undo = news.getByRole('button', { name: 'Undo' });
    await undo.waitFor();
    const [above, below] = [await alice.getByRole('main').boundingBox(), await news.boundingBox()];
    expect((above?.y ?? 0) + (above?.height ?? 999)).toBeLessThanOrEqual(below?.y ?? 0);
    const search = alice.getByRole('searchbox');
    await search.focus();
    await alice.keyboard.press('F6');
    await hasFocus(undo);
    await alice.keyboard.press('Escape');
    await hasFocus(search);
    await alice.keyboard.press('F6');
    await alice.keyboard.press('Enter');
    await hasFocus(search);
    await until(() => bed.draft(key) !== undefined, { what: 'it is back' });
    await alice.setViewportSize({ width: 1280, height: 720 });
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
