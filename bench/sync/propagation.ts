// One writer, one edit at a time, in a document of 200 pipelines: how long until each reader has its bytes.
import { Load } from './load.ts';
import { collect, type Options, type Row, type Value } from './row.ts';
import { libraryOf, startSubject } from './subject.ts';

const PIPELINES = 200;
const READERS = [1, 50, 200] as const;
const TIMES_BARE = [3, 2, 2];
const WARM_UP = 100;
const EDITS = 300;
const REST_MS = 2;

export const propagation: Row = {
  name: 'propagation',
  says: 'edit → reader with 1, 50 and 200 readers, 200-pipeline document',
  run: async ({ subjects, log }: Options) => {
    const values: Value[] = READERS.flatMap((readers, index): Value[] => [
      {
        measure: `propagation p50, ${readers} reader${readers === 1 ? '' : 's'}`,
        unit: 'ms',
        values: {},
        bar: { timesBare: TIMES_BARE[index] ?? 2 },
      },
      { measure: `propagation p99, ${readers} reader${readers === 1 ? '' : 's'}`, unit: 'ms', values: {} },
    ]);
    const put = collect(values);
    for (const name of subjects) {
      const document = await (await libraryOf(name)).document(PIPELINES);
      const measured: number[] = [];
      const subject = await startSubject(name, new Map([['main', document]]));
      const place = { doc: 'main', document };
      for (const readers of READERS) {
        const load = new Load(subject);
        await load.joinWriters(1, place);
        await load.readers(readers, place);
        await load.oneByOne(WARM_UP, readers, REST_MS);
        const { p50, p99 } = await load.oneByOne(EDITS, readers, REST_MS);
        log(`${name}, ${readers} readers: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
        measured.push(p50, p99);
        load.end();
      }
      await subject.stop();
      put(name, measured);
    }
    return values;
  },
};
