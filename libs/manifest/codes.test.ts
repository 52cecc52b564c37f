// The list of codes is all of them, and the page shows the list.
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validationCodes, validationPage } from './codes.ts';

const ROOT = join(import.meta.dir, '../..');
const PAGE = join(ROOT, 'docs/validation.md');

/** Codes that stand in the code: texts with a dot beside an issue, a warning or a `code`. */
function codesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(
      (name) =>
        name.endsWith('.ts') &&
        !name.endsWith('.test.ts') &&
        !name.startsWith('testing/') &&
        name !== 'codes.ts',
    )
    .flatMap((name) => {
      const text = readFileSync(join(ROOT, folder, name), 'utf8');
      const made = text.matchAll(/(?:issue|warning|repeatIssues)\(\s*[^;]*?'([a-z_]+(?:\.[a-z_]+)+)'/g);
      const named = text.matchAll(/(?:code:|CODE =) '([a-z_]+(?:\.[a-z_]+)+)'/g);
      const files = text.matchAll(/'((?:json|toml)\.[a-z_]+)'/g);
      return [...made, ...named, ...files].map((match) => match[1] ?? '');
    });
}

test('[AP2.8] every code of validation is listed with its sentence, and nothing else is', () => {
  const listed = validationCodes().map(({ code }) => code);
  const derived = listed.filter((code) => /\.(missing|invalid)$/.test(code));
  const written = new Set([...codesIn('libs/manifest'), ...codesIn('services/apply')]);
  expect([...written].filter((code) => !listed.includes(code))).toEqual([]);
  expect(listed.filter((code) => !written.has(code) && !derived.includes(code))).toEqual([]);
  expect(new Set(listed).size).toBe(listed.length);
});

test('[AP2.8] docs/validation.md is the list as it is: UPDATE_GOLDEN=1 writes it', async () => {
  if (process.env.UPDATE_GOLDEN === '1') await Bun.write(PAGE, validationPage());
  expect(readFileSync(PAGE, 'utf8')).toBe(validationPage());
});
