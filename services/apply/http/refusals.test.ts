// The list of refusals is all of them, the page shows the list, and of each there is a test that provokes it.
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEM_TITLES } from '@hakiri/contracts/problem';
import { validationCodes } from '@hakiri/manifest/codes';
import { issueRefusals, REFUSALS, refusalsPage } from './refusals.ts';

const ROOT = join(import.meta.dir, '../../..');
const PAGE = join(ROOT, 'docs/refusals.md');
/** What every route of apply goes through. */
const SHARED = [
  ...['app', 'host', 'guard', 'waiters'].map((name) => `libs/service/${name}.ts`),
  'libs/authz/authority.ts',
];

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const filesOf = (folder: string, isWanted: (name: string) => boolean): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.includes('node_modules') && isWanted(name))
    .map((name) => `${folder}/${name}`);
const isTest = (name: string): boolean => name.endsWith('.test.ts');

/** Texts that are codes, in the first argument of what makes a problem, or given to a variable that is one. */
function codesIn(text: string): string[] {
  const made = text.matchAll(
    /(?:\b(?:problem|problemResponse|deny|refused)|ProblemError)\(([^,;]*)[,;]|: ProblemCode = ([^;]+);/g,
  );
  return [...made]
    .flatMap(([, first, variable]) => [...(first ?? variable ?? '').matchAll(/'([a-z_]+)'/g)])
    .map(([, code]) => code ?? '')
    .filter((code) => Object.hasOwn(PROBLEM_TITLES, code));
}

/** Each test, as far as the next one. */
function testsIn(path: string): string[] {
  return read(path).split(/^(?=\s*test\b)/m);
}

/** A test that expects something, and says the code. */
function isProvoked(code: string, tests: readonly string[]): boolean {
  return tests.some((text) => /\bexpect(?:Problem)?\(/.test(text) && text.includes(`'${code}'`));
}

test('[AP2.13] every code that apply refuses with is listed, and none that it does not', () => {
  const sources = filesOf(
    'services/apply',
    (name) => name.endsWith('.ts') && !isTest(name) && !name.startsWith('testing/'),
  );
  const said = new Set([...sources, ...SHARED].flatMap((path) => codesIn(read(path))));
  const listed = Object.keys(REFUSALS);
  expect([...said].filter((code) => !listed.includes(code))).toEqual([]);
  expect(listed.filter((code) => !said.has(code))).toEqual([]);
});

test('[AP2.13] docs/refusals.md is the list as it is: UPDATE_GOLDEN=1 writes it', async () => {
  if (process.env.UPDATE_GOLDEN === '1') await Bun.write(PAGE, refusalsPage());
  expect(readFileSync(PAGE, 'utf8')).toBe(refusalsPage());
  for (const code of [...Object.keys(REFUSALS), ...issueRefusals().map((row) => row.code)])
    expect(refusalsPage()).toContain(`| \`${code}\` |`);
});

test('[AP2.13] each code is provoked by a test', () => {
  const own = [
    ...filesOf('services/apply', (name) => isTest(name) && !name.endsWith('/refusals.test.ts')),
    ...filesOf('tests', isTest),
    ...filesOf('tests/conformance', (name) => name.endsWith('.ts')),
  ].flatMap(testsIn);
  const codes = [...Object.keys(REFUSALS), ...issueRefusals().map(({ code }) => code)];
  expect(codes.filter((code) => !isProvoked(code, own))).toEqual([]);
  // Those of a configuration, where they are made; libs/manifest/codes-of-fields.test.ts shows those of every field at once.
  const manifest = filesOf('libs/manifest', (name) => isTest(name) && name !== 'codes.test.ts')
    .map(read)
    .join('');
  const others = validationCodes().map(({ code }) => code);
  const isOfField = (code: string): boolean => /\.(?:missing|invalid)$/.test(code);
  const isShown = (code: string): boolean =>
    isOfField(code) || manifest.includes(`'${code}'`) || isProvoked(code, own);
  expect(others.filter((code) => !isShown(code))).toEqual([]);
});
