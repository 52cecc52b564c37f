// `npm run bench -- readers`: thousands of event streams, and how long after an announcement each has heard it; against a
// bare Bun.serve that writes the same bytes to as many. The load generator is a process of its own.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from '@hakiri/client/client';
import { APPLIED_EVENT, type AppliedData } from '@hakiri/contracts/apply';
import type { Revision } from '@hakiri/contracts/revision';
import { embeddedDeployment } from '@hakiri/tests/deployments';
import { type Figure, quantile, table } from '../figures.ts';
import { residentMegabytes } from '../process.ts';
import type { Ask, Told } from './load.ts';

const READERS = 5_000;
/** Of one token, as apply allows. */
const READERS_PER_TOKEN = 50;
const ROUNDS = 5;
const FIRST = 1_000;
const ALL_LIMIT_MS = 2_000;
const FIRST_LIMIT_MS = 100;
const SETTLE_MS = 2_000;

export const READERS_HELP = `npm run bench -- readers [options]: event streams that wait for a revision

  --readers <number>          how many (default ${READERS})`;

type Subject = {
  pid: number;
  port: number;
  path: string;
  tokens: string[];
  /** Announces the event with the next id; resolves with when it was answered. */
  announce(round: number): Promise<number>;
  /** Of the announcement that comes next. */
  nextId(round: number): number;
  stop(): Promise<void>;
};
type Heard = { all: number; first: number; perWaiterKb: number };

const now = (): number => performance.timeOrigin + performance.now();

export async function runReaders(args: string[]): Promise<void> {
  const options = {
    readers: { type: 'string', default: String(READERS) },
    help: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args, options });
  if (values.help) return void process.stdout.write(`${READERS_HELP}\n`);
  const count = Number(values.readers);
  if (!Number.isInteger(count) || count < 1) throw new Error('--readers must be a whole number.');
  const { subject, example } = await ours(count);
  const measured = await measure('ours', subject, count);
  const floor = await measure('bare', await bare(example), count);
  process.stdout.write(`${table(figures(count, measured, floor))}\n`);
}

function figures(count: number, measured: Heard, floor: Heard): Figure[] {
  const name = 'bare Bun.serve';
  const first = Math.min(FIRST, count);
  return [
    {
      name: `${count} readers: announced → the last has heard`,
      unit: 'ms',
      ours: measured.all,
      floor: { name, value: floor.all },
      limit: ALL_LIMIT_MS,
      note: `worst of ${ROUNDS}`,
    },
    {
      name: `announced → heard, p99 of the first ${first}`,
      unit: 'ms',
      ours: measured.first,
      floor: { name, value: floor.first },
      limit: FIRST_LIMIT_MS,
      note: `worst of ${ROUNDS}`,
    },
    {
      name: 'memory of a waiting reader',
      unit: 'MB',
      ours: measured.perWaiterKb / 1024,
      floor: { name, value: floor.perWaiterKb / 1024 },
      note: `${measured.perWaiterKb.toFixed(1)} KB; bare ${floor.perWaiterKb.toFixed(1)} KB`,
    },
  ];
}

async function measure(name: string, subject: Subject, count: number): Promise<Heard> {
  const load = startLoad();
  try {
    await Bun.sleep(SETTLE_MS);
    const before = await residentMegabytes(subject.pid);
    const { port, path, tokens } = subject;
    process.stderr.write(`${name}: ${count} readers come…\n`);
    await load.ask({ kind: 'connect', port, path, tokens, count });
    await Bun.sleep(SETTLE_MS);
    const perWaiterKb = (((await residentMegabytes(subject.pid)) - before) * 1024) / count;
    const all: number[] = [];
    const firsts: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const arrived = load.ask({ kind: 'expect', id: subject.nextId(round) });
      const askedAtMs = now();
      const answeredAtMs = await subject.announce(round);
      const atMs = ((await arrived) ?? []).sort((a, b) => a - b);
      // Whoever heard of it first, the one who asked for it or a reader: then it was announced.
      const announcedAtMs = Math.min(answeredAtMs, atMs[0] ?? Number.POSITIVE_INFINITY);
      const after = atMs.map((at) => at - announcedAtMs);
      const last = after.at(-1) ?? Number.NaN;
      const first = quantile(after.slice(0, FIRST), 0.99);
      process.stderr.write(
        `  ${round === 0 ? 'warm-up' : `round ${round}`}: last ${last.toFixed(0)} ms, first thousand p99 ${first.toFixed(0)} ms; asked ${(announcedAtMs - askedAtMs).toFixed(0)} ms before\n`,
      );
      // The first one warms both processes.
      if (round === 0) continue;
      all.push(last);
      firsts.push(first);
    }
    await load.tell({ kind: 'close' });
    return { all: Math.max(...all), first: Math.max(...firsts), perWaiterKb };
  } finally {
    await load.stop();
    await subject.stop();
  }
}

async function ours(count: number): Promise<{ subject: Subject; example: Revision }> {
  const deployment = await embeddedDeployment();
  const { url, ownerToken } = deployment.ready();
  const client = createClient({ url, token: ownerToken });
  const tokens: string[] = [];
  for (let n = 0; n < Math.ceil(count / READERS_PER_TOKEN); n++)
    tokens.push((await client.auth.createToken({ name: `daemon-${n}`, role: 'node', ttlDays: 1 })).token);
  let last: Revision | undefined;
  async function publish(text: string): Promise<Revision> {
    const { version } = await client.apply.import(
      `[[pipeline]]\nid = "orders"\ndescription = "${text}"\nsource = { kind = "csv-file", ref = "orders.csv" }\ndestination = { table = "a.b" }\nschedule = { kind = "cron", expr = "0 3 * * *" }\n`,
      { format: 'toml' },
    );
    last = (await client.apply.apply({ scope: { kind: 'all' }, version })).revision;
    return last;
  }
  const example = await publish('first');
  return {
    example,
    subject: {
      pid: deployment.pid() ?? 0,
      port: Number(new URL(url).port),
      path: '/v1/manifest/events',
      tokens,
      nextId: () => (last?.sequence ?? 0) + 1,
      announce: async (round) => {
        await publish(`round ${round}`);
        return now();
      },
      stop: () => deployment.stop(),
    },
  };
}

async function bare(revision: Revision): Promise<Subject> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'bare-server.ts')], { stdout: 'pipe' });
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  const data: AppliedData = { doc: revision.doc, revision };
  return {
    pid: child.pid,
    port,
    path: '/',
    tokens: ['none'],
    nextId: (round) => round + 1,
    announce: async (round) => {
      const body = `id: ${round + 1}\nevent: ${APPLIED_EVENT}\ndata: ${JSON.stringify(data)}\n\n`;
      const sentAtMs = now();
      await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
      return sentAtMs;
    },
    stop: async () => {
      child.kill();
      await child.exited;
    },
  };
}

/** `ask` resolves with the arrivals, or with nothing when there are none to tell. */
function startLoad() {
  let answer: ((told: Told) => void) | undefined;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'load.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    ipc: (told: Told) => answer?.(told),
  });
  return {
    tell: async (ask: Ask): Promise<void> => child.send(ask),
    ask: (ask: Ask): Promise<number[] | undefined> =>
      new Promise((resolve, reject) => {
        answer = (told) => {
          if (told.kind === 'failed') reject(new Error(told.error));
          else resolve(told.kind === 'arrived' ? told.atMs : undefined);
        };
        child.send(ask);
      }),
    stop: async (): Promise<void> => {
      child.kill();
      await child.exited;
    },
  };
}
