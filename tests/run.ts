// `npm test`: everything, on a machine that has never seen the project. Finds or installs the servers that the tests start,
// checks types and style, runs every test, and ends with what failed and one line that counts. What a part printed, traps
// that a test provokes and all, is in `.cache/tests/`, so that only what somebody must look at stands here.
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { tether } from '@hakiri/substrate/tether';
import { ensureServers } from './servers.ts';

const ROOT = join(import.meta.dir, '..');
const OUTPUTS = join(ROOT, '.cache/tests');
const TEST_TIMEOUT_MS = 120_000;
const SIGN_OF_LIFE_MS = 20_000;
/** Bun's own summary, or its report of a crash, stands in the last characters of what it prints. */
const SUMMARY_CHARACTERS = 4_000;
const PASSED = /^\(pass\)/gm;
const CONTEXT_CHARACTERS = 1_500;
/** A test that failed, and an error that is no test's. */
const FAILURE = /^\(fail\) .*$|^# Unhandled error between tests$[\s\S]*?^-{10,}\n[\s\S]*?^-{10,}$/gm;
/** A part takes one core, mostly; more at once would want more memory than small machines have. */
const AT_ONCE = Math.min(2, availableParallelism());
/** What takes longest first, so that the cores are done at about the same time. */
const PARTS = [
  'services/sync',
  'libs',
  'services/apply',
  'tests',
  'web',
  'services/scheduler',
  'services/auth',
  'deploy',
  'hakictl',
  'bench',
];

type Counts = { passed: number; failed: number; skipped: number };
type Job = () => Promise<Counts>;

const filters = Bun.argv.slice(2);
const strict = process.env.CI === 'true';

const missing = await ensureServers();
for (const server of missing) {
  process.stdout.write(
    `${strict ? 'missing' : 'skipping what needs'} ${server.name}: ${server.howToInstall}\n`,
  );
}
const counts: Counts = { passed: 0, failed: strict ? missing.length : 0, skipped: 0 };
/** What failed, each with what was printed just before it. */
const failures: string[] = [];
// A process for each part of the tree: what a part leaves in memory, workers above all, is no other part's matter.
const jobs: Job[] =
  filters.length > 0
    ? [() => testPart(filters)]
    : [
        () => check('types', ['tsc', '--noEmit']),
        () => check('style', ['biome', 'check', '.']),
        ...PARTS.map(
          (part): Job =>
            () =>
              testPart([`./${part}`]),
        ),
      ];
await mkdir(OUTPUTS, { recursive: true });
await performAll(jobs);
for (const failure of failures) process.stdout.write(`\n${failure}\n`);
process.stdout.write(
  `\n${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}\n`,
);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);

async function performAll(jobs: readonly Job[]): Promise<void> {
  const waiting = [...jobs];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) add(await job());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function check(name: string, [tool = '', ...args]: string[]): Promise<Counts> {
  const { output, exitCode } = await run(name, [join(ROOT, 'node_modules/.bin', tool), ...args]);
  const passed = exitCode === 0;
  if (!passed) failures.push(`${output}(fail) ${name}`);
  return say(name, { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 });
}

/** Runs a command to its end: all that it prints when somebody asked for certain tests, else a line now and then of how far it is. */
async function run(name: string, command: string[]): Promise<{ output: string; exitCode: number }> {
  const child = Bun.spawn(command, { cwd: ROOT, stdout: 'pipe', stderr: 'pipe' });
  tether(child);
  let output = '';
  const read = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      const text = decoder.decode(chunk, { stream: true });
      output += text;
      if (filters.length > 0) process.stdout.write(text);
    }
  };
  const signs = setInterval(() => {
    if (filters.length > 0) return;
    const passed = output.match(PASSED)?.length ?? 0;
    if (passed > 0) process.stdout.write(`… ${name}: ${passed} passed so far\n`);
  }, SIGN_OF_LIFE_MS);
  await Promise.all([read(child.stdout), read(child.stderr)]);
  const exitCode = await child.exited;
  clearInterval(signs);
  await Bun.write(join(OUTPUTS, `${name.replaceAll(/[^\w-]+/g, '-')}.log`), output);
  return { output, exitCode };
}

function say(name: string, counts: Counts): Counts {
  const { passed, failed, skipped } = counts;
  const also = skipped > 0 ? `, ${skipped} skipped` : '';
  process.stdout.write(`${name}: ${passed} passed, ${failed} failed${also}\n`);
  return counts;
}

/** Bun itself may crash, rarely, where workers come and go: that says nothing about a test, so it is said and run once more. */
async function testPart(part: readonly string[]): Promise<Counts> {
  const name = part.join(' ').replaceAll('./', '');
  for (const once of ['once more', 'twice']) {
    const counts = await bunTest(name, part);
    if (counts !== 'crashed') return say(name, counts);
    process.stdout.write(`${name}: Bun crashed, ${once}\n`);
  }
  failures.push(`(fail) Bun crashed twice in ${name}`);
  return say(name, { passed: 0, failed: 1, skipped: 0 });
}

/** A run that ends without a summary counts as one failure. */
async function bunTest(name: string, part: readonly string[]): Promise<Counts | 'crashed'> {
  const command = [process.execPath, 'test', '--timeout', String(TEST_TIMEOUT_MS), ...part];
  const { output, exitCode } = await run(name, command);
  const summary = output.slice(-SUMMARY_CHARACTERS);
  if (summary.includes('oh no: Bun has crashed')) return 'crashed';
  // Bun lists the tests that failed once more at its end.
  const lines = new Set<string>();
  for (const { index, 0: line } of output.matchAll(FAILURE)) {
    if (lines.has(line)) continue;
    lines.add(line);
    failures.push(`… ${output.slice(Math.max(0, index - CONTEXT_CHARACTERS), index)}${line}`);
  }
  const count = (word: string): number =>
    Number(summary.match(new RegExp(`^\\s*(\\d+) ${word}$`, 'm'))?.[1] ?? 0);
  const failed = count('fail') + count('error') + count('errors');
  // An end without a summary has no line of its own.
  if (exitCode !== 0 && lines.size === 0) failures.push(`… ${summary}(fail) ${name} ended with ${exitCode}`);
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
