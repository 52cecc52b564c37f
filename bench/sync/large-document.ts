// A document of 10,000 pipelines, loaded by a server that has just been started: how long who has it waits for the join, what the
// load and the first concurrent edit make anyone wait, in this document or another, and how long an edit takes afterwards.
// Ours alone: peers have no such bar.
import { quantile } from '../figures.ts';
import { emptyDocument, type Library, type Write } from './library.ts';
import { joinRaw } from './load.ts';
import { findMarkers, markerOf } from './marker.ts';
import type { Options, Row } from './row.ts';
import { frameOf, type RawSocket } from './socket.ts';
import { libraryOf, type Subject, startSubject } from './subject.ts';

const PIPELINES = 10_000;
const EDITS = 200;
const WATCH_MS = 4_000;
const WATCH_EVERY_MS = 20;
const LIMIT_MS = 60_000;

type Seat = { socket: RawSocket; room: string; write: Write; batch: number };

export const largeDocument: Row = {
  name: 'large',
  says: '10,000 pipelines: small edit, first concurrent edit after load',
  run: async ({ log }: Options) => {
    const library = await libraryOf('ours');
    const document = await library.document(PIPELINES);
    const subject = await startSubject('ours', new Map([['large', document]]));
    // The writers first: their own import must not stand in the figures.
    const writes = [library.writer(document, 1), library.writer(document, 1)];
    await subject.restart();
    // Before anybody wants the document: they are to notice neither its load nor what is prepared in it.
    const endWatch = await watchElsewhere(subject, library);
    const begun = performance.now();
    const sockets = await Promise.all(writes.map(() => joinRaw(subject, 'large', document.version)));
    const joinMs = performance.now() - begun;
    const [alice, bob] = await Promise.all(
      writes.map(async (write, index) => seat(subject, 'large', sockets[index], write)),
    );
    if (alice === undefined || bob === undefined) throw new Error('two people edit');
    // Both edit one field, neither having heard of the other.
    const first = await Promise.all([passOn(subject, alice, bob, 2), passOn(subject, bob, alice, 3)]);
    await Bun.sleep(WATCH_MS);
    const elsewhere = Math.max(...(await endWatch()));
    const times: number[] = [];
    for (let edit = 0; edit < EDITS; edit++) {
      const [from, to] = edit % 2 === 0 ? [alice, bob] : [bob, alice];
      times.push(await passOn(subject, from, to, 1_000 + edit));
    }
    log(
      `10,000 pipelines: joined after ${joinMs.toFixed(0)} ms; first edits ${first.map((ms) => ms.toFixed(0)).join(', ')} ms; elsewhere ${elsewhere.toFixed(0)} ms; p50 ${quantile(times, 0.5).toFixed(2)}, p99 ${quantile(times, 0.99).toFixed(1)} ms`,
    );
    for (const { socket } of [alice, bob]) socket.end();
    await subject.stop();
    return [
      {
        measure: '10,000 pipelines: edit → reader, p50',
        unit: 'ms',
        values: { ours: quantile(times, 0.5) },
        bar: { atMost: 5 },
      },
      {
        measure: '10,000 pipelines: longest wait at the first concurrent edit',
        unit: 'ms',
        values: { ours: Math.max(...first) },
        bar: { atMost: 100 },
        note: 'of people whose join named a version',
      },
      {
        measure:
          '10,000 pipelines: longest wait in another document, from their join until after those edits',
        unit: 'ms',
        values: { ours: elsewhere },
        bar: { atMost: 100 },
      },
      {
        measure: '10,000 pipelines: join of people who have the document, after a restart',
        unit: 'ms',
        values: { ours: joinMs },
        note: 'two at once; answered when the first concurrent edit is prepared',
      },
    ];
  },
};

async function seat(
  subject: Subject,
  doc: string,
  socket: RawSocket | undefined,
  write: Write,
): Promise<Seat> {
  if (socket === undefined) throw new Error('a seat needs a socket');
  return { socket, room: subject.room(doc), write, batch: 0 };
}

/** Two people in another document, who pass edits to each other until they are told to end: how long each took. */
async function watchElsewhere(subject: Subject, library: Library): Promise<() => Promise<number[]>> {
  const seats = await Promise.all(
    [1, 2].map(async () =>
      seat(subject, 'main', await joinRaw(subject, 'main'), library.writer(emptyDocument)),
    ),
  );
  const [carol, dora] = seats;
  if (carol === undefined || dora === undefined) throw new Error('two people are elsewhere');
  // Their own document is loaded by now: that must not stand in the figures.
  await passOn(subject, carol, dora, 1);
  let isOver = false;
  const passing = (async () => {
    const waits: number[] = [];
    for (let edit = 10; !isOver; edit++) {
      waits.push(await passOn(subject, carol, dora, edit));
      await Bun.sleep(WATCH_EVERY_MS);
    }
    for (const { socket } of seats) socket.end();
    return waits;
  })();
  return () => {
    isOver = true;
    return passing;
  };
}

/** Milliseconds from sending the edit until the other has its bytes. */
async function passOn(subject: Subject, from: Seat, to: Seat, edit: number): Promise<number> {
  from.batch += 1;
  const frame = frameOf(subject.wire().update(from.room, from.write(markerOf(edit)), from.batch));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`edit ${edit} did not arrive`)), LIMIT_MS);
    const begun = performance.now();
    to.socket.onFrame = (payload, atMs) =>
      findMarkers(payload, (found) => {
        if (found !== edit) return;
        clearTimeout(timer);
        resolve(atMs - begun);
      });
    from.socket.send(frame);
  });
}
