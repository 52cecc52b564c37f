// `npm test`: everything, on a machine that has never seen the project. Finds or installs the servers that the tests start,
// checks types and style, runs every test, and ends with one line that counts.
import { join } from 'node:path';
import { tether } from '@hakiri/substrate/tether';
import { ensureServers } from './servers.ts';

const ROOT = join(import.meta.dir, '..');
const TEST_TIMEOUT_MS = 60_000;
/** Bun's own summary, or its report of a crash, stands in the last characters of what it prints. */
const SUMMARY_CHARACTERS = 4_000;
const CONTEXT_CHARACTERS = 1_500;
const PARTS = [
  'libs',
  'services/sync',
  'services/apply',
  'services/scheduler',
  'services/auth',
  'deploy',
  'hakictl',
  'web',
  'bench',
  'tests',
];

type Counts = { passed: number; failed: number; skipped: number };

const filters = Bun.argv.slice(2);
const strict = process.env.CI === 'true';

const missing = await ensureServers();
for (const server of missing) {
  process.stdout.write(
    `${strict ? 'missing' : 'skipping what needs'} ${server.name}: ${server.howToInstall}\n`,
  );
}
const counts: Counts = { passed: 0, failed: strict ? missing.length : 0, skipped: 0 };
/** What failed, each with what was printed just before it, said again at the end: thousands of lines may lie between. */
const failures: string[] = [];
if (filters.length === 0) {
  await check('types', ['tsc', '--noEmit']);
  await check('style', ['biome', 'check', '.']);
}
// A process for each part of the tree: what a part leaves in memory, workers above all, is no other part's matter.
for (const part of filters.length > 0 ? [filters] : PARTS.map((part) => [`./${part}`]))
  add(await testPart(part));
for (const failure of failures) process.stdout.write(`${failure}\n`);
process.stdout.write(
  `\n${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}\n`,
);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);

async function check(name: string, [tool = '', ...args]: string[]): Promise<void> {
  const child = Bun.spawn([join(ROOT, 'node_modules/.bin', tool), ...args], {
    cwd: ROOT,
    stdout: 'inherit',
    stderr: 'inherit',
  });
  const passed = (await child.exited) === 0;
  process.stdout.write(`${passed ? 'ok' : 'FAILED'}: ${name}\n`);
  if (!passed) failures.push(`(fail) ${name}`);
  add({ passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 });
}

/** Bun itself may crash, rarely, where workers come and go: that says nothing about a test, so it is said and run once more. */
async function testPart(part: readonly string[]): Promise<Counts> {
  const first = await bunTest(part);
  if (first !== 'crashed') return first;
  process.stdout.write(`Bun crashed in ${part.join(' ')}: once more\n`);
  const second = await bunTest(part);
  return second === 'crashed' ? { passed: 0, failed: 1, skipped: 0 } : second;
}

/** A run that ends without a summary counts as one failure. */
async function bunTest(part: readonly string[]): Promise<Counts | 'crashed'> {
  const child = Bun.spawn([process.execPath, 'test', '--timeout', String(TEST_TIMEOUT_MS), ...part], {
    cwd: ROOT,
    stdout: 'inherit',
    stderr: 'pipe',
  });
  tether(child);
  let output = '';
  const decoder = new TextDecoder();
  for await (const chunk of child.stderr) {
    const text = decoder.decode(chunk, { stream: true });
    process.stderr.write(text);
    output += text;
  }
  const exitCode = await child.exited;
  const summary = output.slice(-SUMMARY_CHARACTERS);
  if (summary.includes('oh no: Bun has crashed')) return 'crashed';
  for (const { index, 0: line } of output.matchAll(/^\(fail\) .*$/gm))
    failures.push(`\n… ${output.slice(Math.max(0, index - CONTEXT_CHARACTERS), index)}${line}`);
  const count = (word: string): number =>
    Number(summary.match(new RegExp(`^\\s*(\\d+) ${word}$`, 'm'))?.[1] ?? 0);
  const failed = count('fail') + count('error') + count('errors');
  return {
    passed: count('pass'),
    failed: exitCode !== 0 && failed === 0 ? 1 : failed,
    skipped: count('skip'),
  };
}

function add(more: Counts): void {
  counts.passed += more.passed;
  counts.failed += more.failed;
  counts.skipped += more.skipped;
}
