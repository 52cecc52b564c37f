// `npm run bench -- apply`: Apply of 1 in 10,000 pipelines, from POST until every reader that waits has heard of it; Apply of all
// 10,000; and the memory of the one process while it does so.
import { readFileSync } from 'node:fs';
import { createClient } from '@hakiri/client/client';
import { setText } from '@hakiri/config-doc/edit';
import { versionOf } from '@hakiri/config-doc/version';
import { embeddedDeployment } from '@hakiri/tests/deployments';
import { join, pipelineOf } from '@hakiri/tests/people';
import { editsBeside } from './edits-beside.ts';
import { type Figure, quantile, table } from './figures.ts';

const PIPELINES = 10_000;
const ROUNDS = 40;
const READERS = 20;
/** One import holds so many: a request has its limit. */
const PART = 1000;

export async function measureApply(args: readonly string[]): Promise<void> {
  const count = Number(args[0] ?? PIPELINES);
  const deployment = await embeddedDeployment();
  try {
    process.stdout.write(`${table(await figuresOf(deployment, count))}\n`);
  } finally {
    await deployment.stop();
  }
}

async function figuresOf(
  deployment: Awaited<ReturnType<typeof embeddedDeployment>>,
  count: number,
): Promise<Figure[]> {
  const { url, ownerToken: token, team, doc } = deployment.ready();
  const client = createClient({ url, token });
  for (let first = 0; first < count; first += PART)
    await client.apply.import(configuration(first, Math.min(count, first + PART)), { format: 'toml' });
  const editor = await join('applier', { url, team, doc, token });
  const idleMb = residentMb(deployment.pid() ?? 0);
  const watch = watchMemory(deployment.pid() ?? 0);
  let [allMs, peakMb] = [0, 0];
  const beside = await editsBeside(
    client,
    { url, token, team },
    `while all ${count} are applied`,
    async () => {
      const begunAll = performance.now();
      await client.apply.apply({ scope: { kind: 'all' }, version: versionOf(editor.doc) });
      allMs = performance.now() - begunAll;
      peakMb = watch.stop();
    },
  );
  const readers = await Promise.all(Array.from({ length: READERS }, () => openReader(url, token)));
  const { key } = pipelineOf(editor.doc, 'pipeline-3');
  const answered: number[] = [];
  const heard: number[] = [];
  const watchOne = watchMemory(deployment.pid() ?? 0);
  for (let round = 0; round < ROUNDS; round++) {
    setText(editor.doc, key, 'description', `round ${round}`);
    editor.doc.commit();
    await editor.settled();
    const news = readers.map((reader) => reader.next());
    const begun = performance.now();
    const asked = client.apply
      .apply({ scope: { kind: 'pipelines', pipelines: ['pipeline-3'] }, version: versionOf(editor.doc) })
      .then(() => answered.push(performance.now() - begun));
    await Promise.all([asked, ...news]);
    heard.push(performance.now() - begun);
  }
  const peakOneMb = watchOne.stop();
  for (const reader of readers) reader.close();
  editor.leave();
  const ms = (name: string, ours: number, limit: number): Figure => ({ name, unit: 'ms', ours, limit });
  return [
    ms(`apply of all ${count}`, allMs, 3000),
    beside,
    ms(`apply of 1 of ${count}, every reader told, p50`, quantile(heard, 0.5), 100),
    ms(`apply of 1 of ${count}, every reader told, p99`, quantile(heard, 0.99), 300),
    ms(`apply of 1 of ${count}, answered, p50`, quantile(answered, 0.5), 100),
    { name: `apply of all ${count}, memory above idle`, unit: 'MB', ours: peakMb - idleMb, limit: 300 },
    { name: `applies of 1 of ${count}, memory above idle`, unit: 'MB', ours: peakOneMb - idleMb, limit: 300 },
  ];
}

/** An event stream; `next` is when the next `applied` arrived. */
async function openReader(url: string, token: string) {
  const abort = new AbortController();
  const response = await fetch(`${url}/v1/manifest/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal: abort.signal,
  });
  if (response.body === null) throw new Error(`no stream: ${response.status}`);
  let waiting: (() => void) | undefined;
  void (async (body: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of body) if (decoder.decode(chunk).includes('event: applied')) waiting?.();
  })(response.body).catch(() => {});
  return {
    next: () =>
      new Promise<void>((resolve) => {
        waiting = resolve;
      }),
    close: () => abort.abort(),
  };
}

function residentMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}

/** The highest that a sample found. */
function watchMemory(pid: number) {
  let peakMb = residentMb(pid);
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, residentMb(pid));
  }, 20);
  return {
    stop: () => {
      clearInterval(timer);
      return peakMb;
    },
  };
}

/** As people write them: five transforms and ten columns each. */
function configuration(first: number, end: number): string {
  return Array.from({ length: end - first }, (_, offset) => entry(first + offset)).join('\n');
}

function entry(index: number): string {
  const transforms = Array.from(
    { length: 5 },
    (_, step) => `[[pipeline.transforms]]
kind = "${step % 2 === 0 ? 'filter' : 'polars'}"
body = "amount > ${index} and state == 'open' and step == ${step}"
inputs = ["amount", "state"]
`,
  );
  const columns = Array.from({ length: 10 }, (_, column) => `column_${column} = { type = "int64" }`);
  return `[[pipeline]]
id = "pipeline-${index}"
name = "Pipeline number ${index}"
description = "Copies what changed since the last run into the warehouse, one partition a day."
group = "bench/group-${index % 100}"
tags = ["bench", "tier-${index % 3}"]
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "bench.table_${index}" }
schedule = { kind = "cron", expr = "${index % 60} 3 1 1 *", timezone = "Europe/Berlin" }

${transforms.join('\n')}
[pipeline.schema]
${columns.join('\n')}
`;
}
