// What a screen hides from eyes is positioned. In a box that scrolls and is not positioned itself it would stand outside of that
// box, and make the page scroll past its own end: the whole screen would be empty.
import { expect, test } from 'bun:test';

const SCROLLS = /(^|\s)overflow(-[xy])?:\s*(auto|scroll)/;
const POSITIONED = /(^|\s)position:\s*(relative|absolute|fixed|sticky)/;

test('[PG8.30] every box that scrolls is positioned, so that what is hidden in it scrolls with it', async () => {
  const rules: { where: string; body: string }[] = [];
  for await (const name of new Bun.Glob('**/*.css').scan({ cwd: `${import.meta.dir}/..` })) {
    const css = await Bun.file(`${import.meta.dir}/../${name}`).text();
    for (const [, selector = '', body = ''] of css.matchAll(/([^{}]*)\{([^{}]*)\}/g))
      if (SCROLLS.test(body)) rules.push({ where: `${name}: ${selector.trim()}`, body });
  }
  expect(rules.length).toBeGreaterThan(10);
  expect(rules.filter(({ body }) => !POSITIONED.test(body)).map(({ where }) => where)).toEqual([]);
});
