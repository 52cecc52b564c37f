// What axe finds wrong with a page as it is shown now, or with a part of it, in both themes. Its source is run in the page’s own
// world, as the policy lets no script element in.
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** The themes differ in colours alone, so that all else is looked at in one of them. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

export async function axeViolations(page: Page, within = 'html'): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await settled(page);
    const violations = await page.evaluate(
      async ({ selector, rules }) => {
        const { axe: there } = globalThis as typeof globalThis & { axe: typeof import('axe-core') };
        const { violations: all } = await there.run(selector, {
          resultTypes: ['violations'],
          ...(rules === undefined ? {} : { runOnly: rules }),
        });
        return all.map(
          ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`,
        );
      },
      { selector: within, rules: colorScheme === 'dark' ? OF_COLOURS : undefined },
    );
    found.push(...violations.map((violation) => `${colorScheme}: ${violation}`));
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: 'reduce' });
  return found;
}

/** Colours that are on their way to the other theme have neither contrast. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const ending = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations === 1);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}
