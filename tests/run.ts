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
const FILE = /^(\S+\.test\.tsx?):$/gm;
const PASSED = /^\(pass\)/gm;
const CONTEXT_CHARACTERS = 1_500;
/** A test that failed, and an error that is no test's. */
const FAILURE = /^\(fail\) .*$|^# Unhandled error between tests$[\s\S]*?^-{10,}\n[\s\S]*?^-{10,}$/gm;
/** A part takes one core, mostly; more at once would want more memory than small machines have. */
const AT_ONCE = Math.min(2, availableParallelism());
/** What takes longest first, so that the cores are done at about the same time. */
const PARTS = [
  'services/sync',
  'web',
  'libs',
  'services/apply',
  'tests',
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
/** What failed and, run once more, did not: a race to find, said as loudly, in the test or in what it tests. */
const flaky: string[] = [];
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
for (const failure of flaky)
  process.stdout.write(`\n${failure}\nFLAKY: passed when its file was run once more\n`);
for (const failure of failures) process.stdout.write(`\n${failure}\n`);
const also = [
  ...(flaky.length > 0 ? [`, ${flaky.length} flaky`] : []),
  ...(counts.skipped > 0 ? [`, ${counts.skipped} skipped`] : []),
];
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${also.join('')}\n`);
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
  process.stdout.write(`${name}: ${counts.passed} passed, ${counts.failed} failed\n`);
  return counts;
}

/** What failed is run once more, and so is what a crash of Bun's own ended, which happens, rarely, where workers come and go. */
async function testPart(part: readonly string[]): Promise<Counts> {
  const name = part.join(' ').replaceAll('./', '');
  const first = await bunTest(name, part);
  if (first.failures.length === 0) return say(name, first.counts);
  process.stdout.write(`${name}: once more, what failed: ${first.files.join(' ') || 'all of it'}\n`);
  const again = await bunTest(`${name}-again`, first.files.length > 0 ? first.files : part);
  if (again.failures.length > 0) {
    failures.push(...again.failures);
    return say(name, { ...first.counts, failed: Math.max(1, again.counts.failed) });
  }
  flaky.push(...first.failures);
  const passed = first.files.length > 0 ? first.counts.passed + first.counts.failed : again.counts.passed;
  return say(name, { ...first.counts, passed, failed: 0 });
}

type Outcome = { counts: Counts; failures: string[]; files: string[] };

async function bunTest(name: string, part: readonly string[]): Promise<Outcome> {
  const command = [process.execPath, 'test', '--timeout', String(TEST_TIMEOUT_MS), ...part];
  const { output, exitCode } = await run(name, command);
  const summary = output.slice(-SUMMARY_CHARACTERS);
  const failed: string[] = [];
  const files = new Set<string>();
  // Bun lists the tests that failed once more at its end.
  const lines = new Set<string>();
  for (const { index, 0: line } of output.matchAll(FAILURE)) {
    if (lines.has(line)) continue;
    lines.add(line);
    const before = output.slice(0, index);
    failed.push(`… ${before.slice(-CONTEXT_CHARACTERS)}${line}`);
    const file = [...before.matchAll(FILE)].at(-1)?.[1];
    if (file !== undefined) files.add(`./${file}`);
  }
  // An end without a summary has no line of its own, and says nothing of the tests that were still to come.
  if (exitCode !== 0 && (lines.size === 0 || summary.includes('oh no: Bun has crashed'))) {
    failed.push(`… ${summary}(fail) ${name} ended with ${exitCode}`);
    files.clear();
  }
  const count = (word: string): number =>
    Number(summary.match(new RegExp(`^\\s*(\\d+) ${word}$`, 'm'))?.[1] ?? 0);
  const counts = { passed: count('pass'), failed: count('fail') + count('error'), skipped: count('skip') };
  return { counts, failures: failed, files: [...files] };
}

function add(more: Counts): void {
  counts.passed += more.passed;
  counts.failed += more.failed;
  counts.skipped += more.skipped;
}
