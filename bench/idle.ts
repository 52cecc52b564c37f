// What a document with two people in it costs while nobody does anything: CPU and resident memory of the whole process,
// against a bare `Bun.serve` process.
import type { Figure } from './figures.ts';
import { cpuSeconds, residentMegabytes } from './process.ts';
import type { Subject } from './subject.ts';

const IDLE_MS = 15_000;
const SETTLE_MS = 3_000;

export async function idleCost(subject: Subject, pid: number): Promise<Figure[]> {
  const people = await Promise.all([subject.editor('alice'), subject.editor('bob')]);
  const bare = Bun.spawn([
    process.execPath,
    '-e',
    'Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("") })',
  ]);
  await Bun.sleep(SETTLE_MS);
  const before = await Promise.all([cpuSeconds(pid), cpuSeconds(bare.pid)]);
  await Bun.sleep(IDLE_MS);
  const after = await Promise.all([cpuSeconds(pid), cpuSeconds(bare.pid)]);
  const percent = (index: 0 | 1): number => ((after[index] - before[index]) / (IDLE_MS / 1000)) * 100;
  const [memory, bareMemory] = await Promise.all([residentMegabytes(pid), residentMegabytes(bare.pid)]);
  for (const person of people) person.leave();
  bare.kill();
  await bare.exited;
  return [
    {
      name: 'idle CPU of a core',
      unit: '%',
      ours: percent(0),
      limit: 0.5,
      note: `a bare process: ${percent(1).toFixed(2)} %; clock of 0.07 %`,
    },
    {
      name: 'resident memory, idle',
      unit: 'MB',
      ours: memory,
      floor: { name: 'bare Bun.serve', value: bareMemory },
      limit: 200,
    },
  ];
}
