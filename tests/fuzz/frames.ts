// Hostile frames over several sockets into one document, while two people edit another with stock clients: each frame gets its
// refusal or ends its socket, the people do not notice, the process lives and does not grow.
import { readFile } from 'node:fs/promises';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { createClient } from '@hakiri/client/client';
import { CrdtType, encode, MessageType, UpdateStatusCode } from 'loro-protocol';
import type { Deployment } from '../deployments.ts';
import { join, type Person, until } from '../people.ts';
import { Attacker } from './attacker.ts';
import { type Corpus, createCorpus, groundOfTraps } from './corpus.ts';
import { expectationOf, type Fuzzed, fuzzed, shuffledBatch } from './mutations.ts';

export type FuzzReport = {
  frames: number;
  /** By kind of frame and by how it ended: `ack 4`, `closed 1002 malformed_frame`, `answered`. */
  endings: Map<string, Map<string, number>>;
  /** Of the people elsewhere: edits that arrived, and the longest that one took. */
  edits: number;
  longestMs: number;
  residentMb: { warm: number; end: number };
};

const SOCKETS = 6;
const TARGET = 'fuzzed';
const WARM_UP_SHARE = 0.25;
const BATCH_EVERY = 50;
const CLOSES = [1002, 1008, 1012, 1013];
const REST_MS = 5;

/** @throws at the first frame that is answered wrongly, and when the people elsewhere notice. */
export async function fuzzFrames(
  deployment: Deployment,
  options: { frames: number; seed: number; onProgress?: (done: number) => void },
): Promise<FuzzReport> {
  const { url, ownerToken, team } = deployment.ready();
  await createDocument(url, ownerToken);
  const { token } = await createClient({ url, token: ownerToken }).auth.createToken({
    name: 'fuzz',
    role: 'editor',
    ttlDays: 1,
  });
  const corpus = await createCorpus(createPrng(options.seed));
  const target = { url, token, roomId: `${team}/${TARGET}` };
  await layGround(new Attacker(target), target.roomId);
  const report: FuzzReport = {
    frames: 0,
    endings: new Map(),
    edits: 0,
    longestMs: 0,
    residentMb: { warm: 0, end: 0 },
  };
  const people = await Promise.all(
    ['alice', 'bob'].map((name) => join(name, { url, team, doc: 'main', token: ownerToken })),
  );
  const attack = Promise.all(
    Array.from({ length: SOCKETS }, async (_, index) => {
      const prng = createPrng(options.seed + 1 + index);
      const attacker = new Attacker(target);
      await attacker.enter();
      for (let at = index; at < options.frames; at += SOCKETS) {
        await sendOne(attacker, prng, corpus, target.roomId, at, report);
        report.frames += 1;
        if (report.frames === Math.round(options.frames * WARM_UP_SHARE))
          report.residentMb.warm = await residentMb(deployment);
        if (report.frames % 1_000 === 0) options.onProgress?.(report.frames);
      }
      attacker.end();
    }),
  );
  const state = { over: false };
  const editing = editElsewhere(people, state, report);
  await attack.finally(() => {
    state.over = true;
  });
  await editing;
  report.residentMb.end = await residentMb(deployment);
  const health = await fetch(`${url}/readyz`);
  if (!health.ok) throw new Error(`not ready after the fuzz: ${await health.text()}`);
  for (const person of people) person.leave();
  return report;
}

async function createDocument(url: string, token: string): Promise<void> {
  const response = await fetch(`${url}/v1/docs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ doc: TARGET }),
  });
  if (!response.ok) throw new Error(`the document to attack: ${await response.text()}`);
}

async function layGround(attacker: Attacker, roomId: string): Promise<void> {
  await attacker.enter();
  const batchId = attacker.nextBatch();
  const address = { crdt: CrdtType.Loro, roomId };
  const frame = encode({ ...address, type: MessageType.DocUpdate, updates: [groundOfTraps()], batchId });
  const ending = await attacker.send(frame, { kind: 'acknowledged', batchId });
  if (ending.kind !== 'answered' || ending.status !== UpdateStatusCode.Ok)
    throw new Error(`the ground of the traps was not taken: ${JSON.stringify(ending)}`);
  attacker.end();
}

async function sendOne(
  attacker: Attacker,
  prng: Prng,
  corpus: Corpus,
  roomId: string,
  at: number,
  report: FuzzReport,
): Promise<void> {
  const address = { crdt: CrdtType.Loro, roomId };
  const batchId = attacker.nextBatch();
  if (at % BATCH_EVERY === 1) {
    const frames = shuffledBatch(prng, address, batchId);
    for (const frame of frames.slice(0, -1)) await attacker.send(frame, { kind: 'nothing' });
    const last = frames.at(-1) ?? new Uint8Array();
    note(report, 'shuffled_batch', await attacker.send(last, { kind: 'acknowledged', batchId }));
  } else {
    const made = fuzzed(prng, corpus, address, batchId, at);
    const ending = await attacker.send(made.frame, made.expects ?? expectationOf(made.frame));
    judge(made, ending);
    note(report, made.kind, ending);
  }
  await attacker.enter();
}

type Ending = Awaited<ReturnType<Attacker['send']>>;

function judge({ kind, frame, statuses }: Fuzzed, ending: Ending): void {
  const isRight =
    ending.kind === 'closed'
      ? CLOSES.includes(ending.code)
      : ending.status === undefined || statuses === undefined || statuses.includes(ending.status);
  if (!isRight)
    throw new Error(
      `${kind} ended with ${JSON.stringify(ending)}: ${Buffer.from(frame).toString('hex').slice(0, 400)}`,
    );
}

function note(report: FuzzReport, kind: string, ending: Ending): void {
  const how =
    ending.kind === 'closed'
      ? `closed ${ending.code} ${ending.reason}`
      : ending.status === undefined
        ? 'answered'
        : `ack ${ending.status}`;
  const endings = report.endings.get(kind) ?? new Map<string, number>();
  endings.set(how, (endings.get(how) ?? 0) + 1);
  report.endings.set(kind, endings);
}

/** One after the other, as long as the attack lasts; at the end both hold the same. */
async function editElsewhere(people: Person[], state: { over: boolean }, report: FuzzReport): Promise<void> {
  const [alice, bob] = people;
  if (alice === undefined || bob === undefined) throw new Error('two people edit');
  while (!state.over) {
    const [from, to] = report.edits % 2 === 0 ? [alice, bob] : [bob, alice];
    const begun = performance.now();
    from.doc.getMap('scratch').set('edit', report.edits);
    from.doc.commit();
    const arrived = (): boolean => to.doc.getMap('scratch').get('edit') === report.edits;
    await until(`edit ${report.edits} reaches ${to.name}`, arrived);
    report.longestMs = Math.max(report.longestMs, performance.now() - begun);
    report.edits += 1;
    await Bun.sleep(REST_MS);
  }
  await Promise.all(people.map((person) => person.settled()));
  for (const person of people)
    if (person.expelled() || person.closedWith() !== undefined)
      throw new Error(`${person.name} was put out (${person.closedWith()})`);
  if (alice.doc.version().compare(bob.doc.version()) !== 0) throw new Error('the people differ');
}

async function residentMb(deployment: Deployment): Promise<number> {
  const status = await readFile(`/proc/${deployment.pid()}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
