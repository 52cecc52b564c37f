// SIGKILL amid streams and bursts of edits, again and again on one data directory. An edit that was acknowledged has to be in
// what a fresh client is sent after the start. Seeded: a loss can be played again.
import { createPrng, type Prng } from '@hakiri/base/prng';
import { catchUp } from './catch-up.ts';
import { emptyDocument } from './library.ts';
import { joinRaw } from './load.ts';
import { collect, type Options, type Row, type Value } from './row.ts';
import { frameOf } from './socket.ts';
import { libraryOf, type Subject, type SubjectName, startSubject } from './subject.ts';

const SEED = 20_260_101;
const WRITERS = 3;
const RUN_MS = 150;
const BURST = 40;
const PROGRESS_KILLS = 20;
/** A kill before the first acknowledgement proves nothing. */
const FIRST_ACK_LIMIT_MS = 5_000;

export const kills: Row = {
  name: 'kills',
  says: 'acknowledged edits lost in kill -9, streams and bursts (ours; peers by --subjects)',
  run: async ({ subjects, kills: count, log }: Options) => {
    const values: Value[] = [
      {
        measure: `acknowledged edits lost in ${count} kill -9`,
        unit: 'edits',
        values: {},
        bar: { atMost: 0 },
      },
      { measure: 'acknowledged before the kills', unit: 'edits', values: {} },
      { measure: 'kills that lost something', unit: 'edits', values: {} },
    ];
    const put = collect(values);
    for (const name of subjects.filter((subject) => subject !== 'bare'))
      put(name, await lossesOf(name, count, log));
    return values;
  },
};

async function lossesOf(name: SubjectName, count: number, log: (line: string) => void): Promise<number[]> {
  const prng = createPrng(SEED);
  const library = await libraryOf(name);
  const subject = await startSubject(name);
  const promised = new Set<string>();
  const lost = new Set<string>();
  let killsThatLost = 0;
  for (let kill = 0; kill < count; kill++) {
    for (const field of await editUntilKilled(subject, prng, kill)) promised.add(field);
    const { socket, bytes } = await catchUp(subject, 'main');
    socket.end();
    const there = new Set(library.scratchFields(bytes));
    const before = lost.size;
    for (const field of promised) if (!there.has(field)) lost.add(field);
    if (lost.size > before) killsThatLost += 1;
    if ((kill + 1) % PROGRESS_KILLS === 0) log(`${name}: ${kill + 1} of ${count} kills, ${lost.size} lost`);
  }
  await subject.stop();
  log(
    `${name}, seed ${SEED}: ${promised.size} acknowledged, ${lost.size} lost in ${killsThatLost} of ${count}`,
  );
  return [lost.size, promised.size, killsThatLost];
}

/** Answers which fields were acknowledged; the server runs again afterwards. */
async function editUntilKilled(subject: Subject, prng: Prng, kill: number): Promise<string[]> {
  const wire = subject.wire();
  const room = subject.room('main');
  const acknowledged: string[] = [];
  let isKilled = false;
  const writers = await Promise.all(
    Array.from({ length: WRITERS }, async (_, index) => {
      const socket = await joinRaw(subject, 'main');
      const write = subject.library.writer(emptyDocument);
      const sent: string[] = [];
      let taken = 0;
      // Every server acknowledges a socket's edits in their order.
      socket.onFrame = (payload) => {
        if (wire.acknowledged(payload) === undefined) return;
        const field = sent[taken];
        taken += 1;
        if (field !== undefined && !isKilled) acknowledged.push(field);
      };
      const edit = (): void => {
        const field = `${kill}-${index}-${sent.length}`;
        sent.push(field);
        socket.send(frameOf(wire.update(room, write('x', field), sent.length)));
      };
      return { socket, edit };
    }),
  );
  const killAt = performance.now() + 20 + prng.below(RUN_MS);
  const isBurst = prng.below(2) === 0;
  const limit = performance.now() + FIRST_ACK_LIMIT_MS;
  while (performance.now() < killAt || (acknowledged.length === 0 && performance.now() < limit)) {
    for (const { edit } of writers)
      for (let left = isBurst ? 1 + prng.below(BURST) : 1; left > 0; left--) edit();
    await Bun.sleep(isBurst ? 20 : 1);
  }
  await subject.restart();
  isKilled = true;
  for (const { socket } of writers) socket.end();
  return acknowledged;
}
