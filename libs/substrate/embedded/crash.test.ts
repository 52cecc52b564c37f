// Kills a process with SIGKILL while it writes, and looks for everything that it said was stored.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fromUtf8 } from '@hakiri/base/bytes';
import { createPrng } from '@hakiri/base/prng';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import type { Substrate } from '../substrate.ts';
import { openEmbedded } from './open.ts';

const ROUNDS = 6;
const SLOW_MS = 120_000;
const prng = createPrng(20260101);

let directory: TempDirectory;
beforeEach(async () => {
  directory = await makeTempDirectory();
});
afterEach(() => directory.remove());

/** Lets a child write until it acknowledged `lines` things, kills it, and gives all that it acknowledged. */
async function writeAndDie(round: number, lines: number): Promise<string[]> {
  const command = [process.execPath, join(import.meta.dir, 'crash-child.ts'), directory.path, `${round}`];
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'inherit' });
  let output = '';
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) output += decoder.decode(chunk, { stream: true });
  })();
  await until(() => output.split('\n').length > lines, { timeoutMs: SLOW_MS, what: 'the child' });
  child.kill('SIGKILL');
  await reading;
  // A last line without its end was cut off by the kill: what it says is not known.
  return output.split('\n').slice(0, -1);
}

/** The document's whole history, which the child writes as its own positions. */
async function readDocument(substrate: Substrate, doc: string): Promise<number> {
  const loaded = await substrate.documents.open({ team: 'crash', doc });
  const first = loaded.base ? Number(fromUtf8(loaded.base)) : 0;
  const expected = Array.from({ length: loaded.position - first }, (_, at) => `${first + at}`);
  expect(loaded.entries.map(fromUtf8)).toEqual(expected);
  return loaded.position;
}

async function readQueue(substrate: Substrate, last: string): Promise<Set<string>> {
  const seen = new Set<string>();
  const options = { durable: 'reader', ackWaitMs: 10_000, maxInFlight: 64, from: 'beginning' } as const;
  const subscription = await substrate.bus.consume('crash.queue', options, async ({ data }) => {
    seen.add(fromUtf8(data));
    return { kind: 'ack' };
  });
  await until(() => seen.has(last), { what: last });
  await subscription.close();
  return seen;
}

test(
  '[EM1] a process killed at any moment loses nothing that it acknowledged',
  async () => {
    const positions = new Map<string, number>();
    const queued: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const line of await writeAndDie(round, 20 + prng.below(200))) {
        const [kind, name = '', position] = line.split(' ');
        if (kind === 'log') positions.set(name, Number(position));
        else queued.push(name);
      }
      const substrate = await openEmbedded(directory.path);
      for (const [doc, position] of positions)
        expect(await readDocument(substrate, doc)).toBeGreaterThanOrEqual(position);
      const own = queued.filter((id) => id.startsWith(`${round}-`));
      const seen = await readQueue(substrate, own.at(-1) ?? '');
      expect(own.filter((id) => !seen.has(id))).toEqual([]);
      await substrate.close();
    }
    expect(queued.length).toBeGreaterThan(ROUNDS);
  },
  SLOW_MS,
);

test(
  '[EM2] a torn tail of the write-ahead log costs only what was in it; the rest is whole',
  async () => {
    await writeAndDie(0, 200);
    const wal = join(directory.path, 'documents.db-wal');
    const { size } = await stat(wal);
    await truncate(wal, size - 1 - prng.below(Math.min(size, 10_000) - 1));
    const substrate = await openEmbedded(directory.path);
    for (const doc of ['a', 'b', 'c']) await readDocument(substrate, doc);
    await substrate.close();
  },
  SLOW_MS,
);

test(
  '[EM3] a data directory has one owner at a time, and a killed owner leaves it free',
  async () => {
    const command = [process.execPath, join(import.meta.dir, 'crash-child.ts'), directory.path, '0'];
    const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'inherit' });
    const reader = child.stdout.getReader();
    await reader.read();
    const refused = openEmbedded(directory.path);
    await expect(refused).rejects.toMatchObject({ name: 'DataDirectoryInUse' });
    await expect(refused).rejects.toThrow(`id ${child.pid}`);
    child.kill('SIGKILL');
    await child.exited;
    await (await openEmbedded(directory.path)).close();
  },
  SLOW_MS,
);
