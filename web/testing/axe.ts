// What axe finds wrong with a page as it is shown now, or with a part of it, in both themes. Its source is run in the page's own world, as the policy
// lets no script element in.
import axe from 'axe-core';
import type { Page } from 'playwright-core';

export async function axeViolations(page: Page, within = 'html'): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await settled(page);
    await page.evaluate(axe.source);
    const violations = await page.evaluate(async (selector) => {
      const { axe: there } = globalThis as typeof globalThis & { axe: typeof import('axe-core') };
      const { violations: all } = await there.run(selector);
      return all.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
    }, within);
    found.push(...violations.map((violation) => `${colorScheme}: ${violation}`));
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
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
