// From the instant a tick is due to the instant its run is claimed by the node; against a timer of the same process.
import { until } from '@hakiri/tests/people';
import { type Figure, quantile } from './figures.ts';
import type { Subject } from './subject.ts';

const RUNS = 8;
const TIMER_MS = 50;

export async function fireLatency({ client }: Subject): Promise<Figure[]> {
  await client.apply.import(
    `[[pipeline]]
id = "every-second"
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "bench.every_second" }
schedule = { kind = "every", expr = "1s" }
`,
    { format: 'toml' },
  );
  const { version } = await client.apply.document('main');
  await client.apply.apply({ scope: { kind: 'pipelines', pipelines: ['every-second'] }, version });
  const started = async () => {
    const { runs } = await client.runs.list({ pipeline: 'every-second' });
    return runs.filter((run) => run.startedAt !== undefined && run.cause === 'schedule');
  };
  await until(`${RUNS} ticks have fired`, async () => (await started()).length >= RUNS, RUNS * 3_000);
  const latencies = (await started()).map((run) => Date.parse(run.startedAt ?? '') - Date.parse(run.dueAt));
  const timers: number[] = [];
  for (let round = 0; round < RUNS; round++) {
    const begun = performance.now();
    await Bun.sleep(TIMER_MS);
    timers.push(Math.max(0.1, performance.now() - begun - TIMER_MS));
  }
  return [
    {
      name: 'tick due → claimed by the node, p50',
      unit: 'ms',
      ours: quantile(latencies, 0.5),
      floor: { name: 'lateness of a timer', value: quantile(timers, 0.5) },
      note: 'clock of 1 ms',
    },
  ];
}
