// Hostile frames over several sockets into a document, while two people edit another with stock clients: each frame gets its
// refusal or ends its socket, the people do not notice, the process lives and does not grow.
import { readFile } from 'node:fs/promises';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { CrdtType } from 'loro-protocol';
import type { Deployment } from '../deployments.ts';
import { join, type Person, until } from '../people.ts';
import { Attacker } from './attacker.ts';
import { type Corpus, createCorpus } from './corpus.ts';
import { expectationOf, type Fuzzed, fuzzed, shuffledBatch } from './mutations.ts';
import { Targets } from './targets.ts';

export type FuzzReport = {
  frames: number;
  /** By kind of frame and by how it ended: `ack 4`, `closed 1002 malformed_frame`, `answered`. */
  endings: Map<string, Map<string, number>>;
  /** Of the people elsewhere: edits that arrived, and the longest that one took. */
  edits: number;
  longestMs: number;
  /** Of the process, every thousand frames and at the end. */
  residentMb: number[];
  /** That were attacked, and that attacked. */
  targets: Targets['counts'];
};

const SOCKETS = 6;
const SAMPLE_EVERY = 1_000;
const BATCH_EVERY = 50;
const CLOSES = [1002, 1008, 1012, 1013];
const REST_MS = 5;

export type FuzzOptions = {
  frames: number;
  seed: number;
  /** An answer, or an edit elsewhere, may take this long: where others have the machine, more than usual. */
  patienceMs: number;
  onProgress?(done: number, residentMb: number): void;
};

/** @throws at the first frame that is answered wrongly, and when the people elsewhere notice. */
export async function fuzzFrames(deployment: Deployment, options: FuzzOptions): Promise<FuzzReport> {
  const { url, team } = deployment.ready();
  const corpus = await createCorpus(createPrng(options.seed));
  const targets = await Targets.open(deployment, options);
  const report: FuzzReport = {
    frames: 0,
    endings: new Map(),
    edits: 0,
    longestMs: 0,
    residentMb: [],
    targets: targets.counts,
  };
  const people = await Promise.all(
    ['alice', 'bob'].map(async (name) =>
      join(name, { url, team, doc: 'main', token: await targets.editorToken(name) }),
    ),
  );
  const attackers: Attacker[] = [];
  const attack = Promise.all(
    Array.from({ length: SOCKETS }, async (_, index) => {
      const prng = createPrng(options.seed + 1 + index);
      const attacker = new Attacker(await targets.take(index), options.patienceMs);
      attackers.push(attacker);
      await attacker.enter();
      for (let at = index; at < options.frames; at += SOCKETS) {
        const { roomId } = attacker.target;
        if (attacker.refusal !== undefined || roomId !== (await targets.roomAt(at)))
          await attacker.move(await targets.take(at));
        await sendOne(attacker, prng, corpus, at, report);
        if (attacker.refusal !== undefined) count(report, 'entering', attacker.refusal);
        report.frames += 1;
        if (report.frames % SAMPLE_EVERY === 0) {
          const done = report.frames;
          const sample = await residentMb(deployment);
          report.residentMb.push(sample);
          options.onProgress?.(done, sample);
        }
      }
      attacker.end();
    }),
  );
  const state = { over: false };
  const editing = editElsewhere(people, state, report, options.patienceMs);
  const attacking = attack.finally(() => {
    state.over = true;
  });
  await Promise.all([attacking, editing]).catch((cause) => {
    const underWay = attackers.map((attacker) => attacker.underWay).filter((frame) => frame !== '');
    throw new Error(`${cause.message}; under way: ${underWay.join('\n')}`, { cause });
  });
  report.residentMb.push(await residentMb(deployment));
  report.targets = targets.counts;
  const health = await fetch(`${url}/readyz`);
  if (!health.ok) throw new Error(`not ready after the fuzz: ${await health.text()}`);
  for (const person of people) person.leave();
  return report;
}

async function sendOne(
  attacker: Attacker,
  prng: Prng,
  corpus: Corpus,
  at: number,
  report: FuzzReport,
): Promise<void> {
  const address = { crdt: CrdtType.Loro, roomId: attacker.target.roomId };
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
  count(report, kind, how);
}

function count(report: FuzzReport, kind: string, how: string): void {
  const endings = report.endings.get(kind) ?? new Map<string, number>();
  endings.set(how, (endings.get(how) ?? 0) + 1);
  report.endings.set(kind, endings);
}

/** One after the other, as long as the attack lasts; at the end both hold the same. */
async function editElsewhere(
  people: Person[],
  state: { over: boolean },
  report: FuzzReport,
  patienceMs: number,
): Promise<void> {
  const [alice, bob] = people;
  if (alice === undefined || bob === undefined) throw new Error('two people edit');
  while (!state.over) {
    const [from, to] = report.edits % 2 === 0 ? [alice, bob] : [bob, alice];
    const begun = performance.now();
    from.doc.getMap('scratch').set('edit', report.edits);
    from.doc.commit();
    const arrived = (): boolean => to.doc.getMap('scratch').get('edit') === report.edits;
    await until(`edit ${report.edits} reaches ${to.name}`, arrived, patienceMs);
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
