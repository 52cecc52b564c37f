// Many documents with a few people each: two clients and an edit a second in each of 500, and 2,000 sockets over 1,000
// documents in which nobody does anything.
import { cpuSeconds, residentMegabytes } from '../process.ts';
import { emptyDocument } from './library.ts';
import { joinRaw, Load } from './load.ts';
import { collect, type Options, type Row, type Value } from './row.ts';
import type { RawSocket } from './socket.ts';
import { startSubject } from './subject.ts';

const BUSY_DOCUMENTS = 500;
const BUSY_SECONDS = 10;
const IDLE_DOCUMENTS = 1_000;
const IDLE_SOCKETS = 2_000;
const IDLE_SETTLE_MS = 10_000;
const IDLE_MS = 20_000;
const JOINS_AT_ONCE = 25;

export const busyDocuments: Row = {
  name: 'documents',
  says: '500 documents × 2 clients × 1 edit/s',
  run: async ({ subjects, log }: Options) => {
    const values: Value[] = [
      { measure: '500 documents: CPU per 1,000 edits', unit: 'ms', values: {}, bar: { atMost: 120 } },
      { measure: '500 documents: p99', unit: 'ms', values: {}, bar: { atMost: 8 } },
      { measure: '500 documents: memory', unit: 'MiB', values: {}, bar: { atMost: 200 } },
    ];
    const put = collect(values);
    for (const name of subjects) {
      const subject = await startSubject(name);
      const docs = Array.from({ length: BUSY_DOCUMENTS }, (_, index) => `doc-${index}`);
      await subject.create(docs);
      const load = new Load(subject);
      // Two rounds, so that edits that follow each other are in different documents.
      for (let round = 0; round < 2; round++)
        for (const doc of docs) await load.joinWriters(1, { doc, document: emptyDocument });
      const perSecond = load.writers.length;
      await load.openLoop(perSecond, 2, 1);
      let cpu = 0;
      let memory = 0;
      const measured = await load.openLoop(perSecond, BUSY_SECONDS, 1, {
        begin: async () => {
          cpu -= await cpuSeconds(subject.pid());
        },
        end: async () => {
          cpu += await cpuSeconds(subject.pid());
          memory = await residentMegabytes(subject.pid());
        },
      });
      const { edits, delivered, p50, p99, worst, lateP99 } = measured;
      log(
        `${name}: ${delivered} of ${edits} delivered, ${cpu.toFixed(2)} s of CPU, p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(1)}, worst ${worst.toFixed(0)} ms, ${memory.toFixed(0)} MiB, late p99 ${lateP99.toFixed(1)} ms`,
      );
      put(name, [(cpu * 1000) / (edits / 1000), p99, memory]);
      load.end();
      await subject.stop();
    }
    return values;
  },
};

export const idleSockets: Row = {
  name: 'idle',
  says: '2,000 idle sockets over 1,000 documents',
  run: async ({ subjects, log }: Options) => {
    const values: Value[] = [
      { measure: 'idle socket, with its half of a document', unit: 'KiB', values: {}, bar: { atMost: 8 } },
      { measure: '2,000 idle sockets: CPU a minute', unit: 's', values: {}, bar: { atMost: 0.2 } },
    ];
    const put = collect(values);
    for (const name of subjects) {
      const subject = await startSubject(name);
      const docs = Array.from({ length: IDLE_DOCUMENTS }, (_, index) => `doc-${index}`);
      await subject.create(docs);
      // Nothing of the documents' creation is in memory any more.
      if (name === 'ours') await subject.restart();
      const sockets = [await joinRaw(subject, docs[0] ?? '')];
      await Bun.sleep(2_000);
      const before = await residentMegabytes(subject.pid());
      while (sockets.length < IDLE_SOCKETS) {
        const joins = Math.min(JOINS_AT_ONCE, IDLE_SOCKETS - sockets.length);
        const joining = Array.from({ length: joins }, (_, index) =>
          joinRaw(subject, docs[(sockets.length + index) % IDLE_DOCUMENTS] ?? ''),
        );
        sockets.push(...(await Promise.all(joining)));
      }
      await Bun.sleep(IDLE_SETTLE_MS);
      const after = await residentMegabytes(subject.pid());
      const cpu = await cpuSeconds(subject.pid());
      await Bun.sleep(IDLE_MS);
      const aMinute = ((await cpuSeconds(subject.pid())) - cpu) * (60_000 / IDLE_MS);
      log(`${name}: ${before.toFixed(0)} → ${after.toFixed(0)} MiB, ${aMinute.toFixed(2)} s of CPU a minute`);
      put(name, [((after - before) * 1024) / IDLE_SOCKETS, aMinute]);
      endAll(sockets);
      await subject.stop();
    }
    return values;
  },
};

function endAll(sockets: readonly RawSocket[]): void {
  for (const socket of sockets) socket.end();
}
