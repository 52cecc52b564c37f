// A fresh client joins a document of 200 pipelines; against importing the same snapshot from memory.
import { LoroDoc } from 'loro-crdt';
import { type Figure, quantile } from './figures.ts';
import { PIPELINES, type Subject } from './subject.ts';

const JOINS = 20;

export async function joinLatency(subject: Subject): Promise<Figure[]> {
  const times: number[] = [];
  let snapshot = new Uint8Array();
  for (let round = 0; round < JOINS; round++) {
    const begun = performance.now();
    const person = await subject.editor(`joiner ${round}`);
    times.push(performance.now() - begun);
    snapshot = person.doc.export({ mode: 'snapshot' }).slice();
    person.leave();
  }
  const floor = Array.from({ length: JOINS }, () => {
    const begun = performance.now();
    const doc = new LoroDoc();
    doc.import(snapshot);
    const took = performance.now() - begun;
    doc.free();
    return took;
  });
  return [
    {
      name: `join of ${PIPELINES} pipelines, p50`,
      unit: 'ms',
      ours: quantile(times, 0.5),
      floor: { name: 'import of the snapshot alone', value: quantile(floor, 0.5) },
      limit: 100,
      note: `snapshot of ${Math.round(snapshot.length / 1024)} KiB; connect, token and presence room included`,
    },
  ];
}
