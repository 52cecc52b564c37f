// `npm test`: everything, on a machine that has never seen the project. Finds or installs the servers that the tests start,
// checks types and style, runs every test, and ends with one line that counts.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { tether } from '@hakiri/substrate/tether';
import { ensureServers } from './servers.ts';

const ROOT = join(import.meta.dir, '..');
const TEST_TIMEOUT_MS = 120_000;
/** Bun's own summary, or its report of a crash, stands in the last characters of what it prints. */
const SUMMARY_CHARACTERS = 4_000;
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

type Print = (text: string) => void;
type Job = (print: Print) => Promise<Counts>;
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
// A process for each part of the tree: what a part leaves in memory, workers above all, is no other part's matter.
const jobs: Job[] =
  filters.length > 0
    ? [(print) => testPart(filters, print)]
    : [
        (print) => check('types', ['tsc', '--noEmit'], print),
        (print) => check('style', ['biome', 'check', '.'], print),
        ...PARTS.map(
          (part): Job =>
            (print) =>
              testPart([`./${part}`], print),
        ),
      ];
await performAll(jobs);
for (const failure of failures) process.stdout.write(`${failure}\n`);
process.stdout.write(
  `\n${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}\n`,
);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);

/** Some at once, but what they print comes one after another: of the first that is not done at once, of others when it is. */
async function performAll(jobs: readonly Job[]): Promise<void> {
  const left = jobs.map((perform) => {
    const end = Promise.withResolvers<void>();
    return { perform, end };
  });
  const turns = left.map((_, at) => Promise.all(left.slice(0, at).map(({ end }) => end.promise)));
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < left.length; at = next++) {
      const job = left[at];
      const turn = turns[at];
      if (job === undefined || turn === undefined) return;
      add(await job.perform(printInTurn(turn)));
      job.end.resolve();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await Promise.all(turns);
}

function printInTurn(turn: Promise<unknown>): Print {
  let held: string[] | undefined = [];
  void turn.then(() => {
    process.stdout.write(held?.join('') ?? '');
    held = undefined;
  });
  return (text) => {
    if (held === undefined) process.stdout.write(text);
    else held.push(text);
  };
}

async function check(name: string, [tool = '', ...args]: string[], print: Print): Promise<Counts> {
  const child = Bun.spawn([join(ROOT, 'node_modules/.bin', tool), ...args], {
    cwd: ROOT,
    stdout: 'pipe',
    stderr: 'pipe',
  });
  tether(child);
  await Promise.all([printAll(child.stdout, print), printAll(child.stderr, print)]);
  const passed = (await child.exited) === 0;
  print(`${passed ? 'ok' : 'FAILED'}: ${name}\n`);
  if (!passed) failures.push(`(fail) ${name}`);
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
}

/** Everything that it said, at its end. */
async function printAll(stream: ReadableStream<Uint8Array>, print: Print): Promise<string> {
  let said = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    print(text);
    said += text;
  }
  return said;
}

/** Bun itself may crash, rarely, where workers come and go: that says nothing about a test, so it is said and run once more. */
async function testPart(part: readonly string[], print: Print): Promise<Counts> {
  const first = await bunTest(part, print);
  if (first !== 'crashed') return first;
  print(`Bun crashed in ${part.join(' ')}: once more\n`);
  const second = await bunTest(part, print);
  if (second !== 'crashed') return second;
  failures.push(`(fail) Bun crashed twice in ${part.join(' ')}`);
  return { passed: 0, failed: 1, skipped: 0 };
}

/** A run that ends without a summary counts as one failure. */
async function bunTest(part: readonly string[], print: Print): Promise<Counts | 'crashed'> {
  const child = Bun.spawn([process.execPath, 'test', '--timeout', String(TEST_TIMEOUT_MS), ...part], {
    cwd: ROOT,
    stdout: 'pipe',
    stderr: 'pipe',
  });
  tether(child);
  const [, output] = await Promise.all([printAll(child.stdout, print), printAll(child.stderr, print)]);
  const exitCode = await child.exited;
  const summary = output.slice(-SUMMARY_CHARACTERS);
  if (summary.includes('oh no: Bun has crashed')) return 'crashed';
  // Bun lists the tests that failed once more at its end.
  const lines = new Set<string>();
  for (const { index, 0: line } of output.matchAll(FAILURE)) {
    if (lines.has(line)) continue;
    lines.add(line);
    failures.push(`\n… ${output.slice(Math.max(0, index - CONTEXT_CHARACTERS), index)}${line}`);
  }
  const count = (word: string): number =>
    Number(summary.match(new RegExp(`^\\s*(\\d+) ${word}$`, 'm'))?.[1] ?? 0);
  const failed = count('fail') + count('error') + count('errors');
  // An end without a summary has no line of its own.
  if (exitCode !== 0 && lines.size === 0)
    failures.push(`\n… ${summary}(fail) ${part.join(' ')} ended with ${exitCode}`);
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
