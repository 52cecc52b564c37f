// A fresh client joins a document that is not in memory: the server has just been started again.
import { quantile } from '../figures.ts';
import { catchUp } from './catch-up.ts';
import { joinRaw } from './load.ts';
import { collect, type Options, type Row, type Value } from './row.ts';
import { libraryOf, startSubject } from './subject.ts';

const SIZES = [200, 2_000] as const;
const BARS_MS = [50, 200];
const ROUNDS = 5;

export const coldJoin: Row = {
  name: 'join',
  says: 'cold join of 200 and 2,000 pipelines, from connecting to imported',
  run: async ({ subjects, log }: Options) => {
    const values: Value[] = SIZES.flatMap((pipelines, index): Value[] => [
      {
        measure: `cold join of ${pipelines} pipelines, p50 of ${ROUNDS}`,
        unit: 'ms',
        values: {},
        bar: { atMost: BARS_MS[index] ?? 0 },
      },
      { measure: `of which until the bytes are here`, unit: 'ms', values: {} },
    ]);
    const put = collect(values);
    for (const name of subjects.filter((subject) => subject !== 'bare')) {
      const library = await libraryOf(name);
      const measured: number[] = [];
      for (const pipelines of SIZES) {
        const doc = `doc-${pipelines}`;
        const subject = await startSubject(name, new Map([[doc, await library.document(pipelines)]]));
        const whole: number[] = [];
        const bytesHere: number[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          await subject.restart();
          // Somebody is there already, elsewhere: the process is warm, the document is not.
          const other = await joinRaw(subject, 'main');
          const begun = performance.now();
          const { socket, bytes } = await catchUp(subject, doc);
          bytesHere.push(performance.now() - begun);
          library.importWhole(bytes);
          whole.push(performance.now() - begun);
          socket.end();
          other.end();
        }
        log(`${name}, ${pipelines} pipelines: ${whole.map((ms) => ms.toFixed(0)).join(', ')} ms`);
        measured.push(quantile(whole, 0.5), quantile(bytesHere, 0.5));
        await subject.stop();
      }
      put(name, measured);
    }
    return values;
  },
};
