// Ten writers and their readers in one document of 200 pipelines, edits sent at a rate whatever the server makes of it: the
// highest rate that holds, and what a delivery costs the server at a modest one.
import { cpuSeconds } from '../process.ts';
import type { Document } from './library.ts';
import { Load, type Measured } from './load.ts';
import { collect, type Options, type Row, type Value } from './row.ts';
import { libraryOf, type Subject, type SubjectName, startSubject } from './subject.ts';

const PIPELINES = 200;
const WRITERS = 10;
const P99_LIMIT_MS = 100;
/** Later than this and the rate was not offered. Arrivals are measured from when an edit was really sent. */
const LATE_LIMIT_MS = 200;
const SECONDS = 5;
const RATES = [1_000, 2_000, 5_000, 8_000, 10_000, 12_000] as const;
const RAMP_READERS = 40;
const COST_READERS = 50;
const COST_RATE = 1_000;

export const rate: Row = {
  name: 'rate',
  says: 'edits/s under p99 100 ms, 10 writers + 40 readers',
  run: async ({ subjects, log }: Options) => {
    const values: Value[] = [
      { measure: 'edits/s under p99 100 ms', unit: '/s', values: {}, bar: { atLeast: 10_000 } },
      { measure: 'p99 at that rate', unit: 'ms', values: {} },
    ];
    const put = collect(values);
    for (const name of subjects) put(name, await highestRate(name, log));
    return values;
  },
};

/** Where the generator was late itself, the rate was not offered. */
function holds({ delivered, expected, p99, lateP99 }: Measured): boolean {
  return delivered >= expected && p99 <= P99_LIMIT_MS && lateP99 <= LATE_LIMIT_MS;
}

async function highestRate(name: SubjectName, log: (line: string) => void): Promise<number[]> {
  const document = await (await libraryOf(name)).document(PIPELINES);
  const subject = await startSubject(name, new Map([['main', document]]));
  let held: number[] = [0, Number.NaN];
  await withLoad(subject, document, RAMP_READERS, async (load, receivers) => {
    for (const perSecond of RATES) {
      let measured = await load.openLoop(perSecond, SECONDS, receivers);
      log(`${name} at ${perSecond}/s: ${told(measured)}`);
      // Once more, as a neighbour of the machine may have spoilt it.
      if (!holds(measured)) measured = await load.openLoop(perSecond, SECONDS, receivers);
      if (!holds(measured)) {
        log(`${name} at ${perSecond}/s again: ${told(measured)}`);
        break;
      }
      held = [perSecond, measured.p99];
    }
  });
  await subject.stop();
  return held;
}

export const cost: Row = {
  name: 'cost',
  says: 'server CPU per 1,000 delivered at 1,000 edits/s, 10 writers + 50 readers',
  run: async ({ subjects, log }: Options) => {
    const values: Value[] = [
      { measure: 'server CPU per 1,000 delivered', unit: 'ms', values: {}, bar: { atMost: 5 } },
      { measure: 'p99 meanwhile', unit: 'ms', values: {} },
    ];
    const put = collect(values);
    for (const name of subjects) {
      const document = await (await libraryOf(name)).document(PIPELINES);
      const subject = await startSubject(name, new Map([['main', document]]));
      await withLoad(subject, document, COST_READERS, async (load, receivers) => {
        await load.openLoop(COST_RATE, 1, receivers);
        let cpu = 0;
        const measured = await load.openLoop(COST_RATE, SECONDS, receivers, {
          begin: async () => {
            cpu -= await cpuSeconds(subject.pid());
          },
          end: async () => {
            cpu += await cpuSeconds(subject.pid());
          },
        });
        log(`${name} at ${COST_RATE}/s: ${cpu.toFixed(2)} s of CPU, ${told(measured)}`);
        put(name, [(cpu * 1000) / (measured.delivered / 1000), measured.p99]);
      });
      await subject.stop();
    }
    return values;
  },
};

async function withLoad(
  subject: Subject,
  document: Document,
  readers: number,
  use: (load: Load, receivers: number) => Promise<void>,
): Promise<void> {
  const load = new Load(subject);
  const place = { doc: 'main', document };
  await load.joinWriters(WRITERS, place);
  await load.readers(readers, place);
  await use(load, WRITERS - 1 + readers);
  load.end();
}

function told({ delivered, expected, p50, p99, lateP99, tookMs, edits }: Measured): string {
  const share = ((delivered / expected) * 100).toFixed(1);
  const sent = Math.round(edits / (tookMs / 1000));
  return `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms, ${share} % delivered; sent ${sent}/s, late p99 ${lateP99.toFixed(1)} ms`;
}
