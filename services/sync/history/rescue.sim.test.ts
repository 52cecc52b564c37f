// Whoever returns with work from before the kept history, from seeds: what becomes of it is what a merge of all history makes of it.
import { expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { readConfig } from '@hakiri/config-doc/read';
import type { LoroDoc } from 'loro-crdt';
import { heldBy, isTooOld } from './document-version.ts';
import { type RescueLine, rescue } from './rescue.ts';
import { pairUp } from './same-content.ts';
import { editAtRandom, Laptop, Team } from './testing/team.ts';

/** What `npm test` plays; `RESCUE_SEEDS=10000 npx bun test rescue.sim` plays more, and `RESCUE_SEED` another history. */
const COUNT = Number(process.env.RESCUE_SEEDS ?? 150);
const FIRST = Number(process.env.RESCUE_SEED ?? 1);

/** As people and programs see it, and to the last container. */
function areEqual(a: LoroDoc, b: LoroDoc): boolean {
  return Bun.deepEquals(readConfig(a), readConfig(b)) && pairUp(a, b) !== undefined;
}

function run(seed: number): string {
  const random = createPrng(seed);
  const team = new Team(random);
  const check = (isTrue: boolean, what: string): void => {
    if (!isTrue) throw new Error(`seed ${seed}: ${what}`);
  };
  const work = (times: number) => {
    for (let index = 0; index < times; index++) {
      team.edit(random.below(12));
      team.compact();
    }
    team.edit(random.below(8));
  };
  work(random.below(3));
  const laptop = new Laptop(team, '77');
  const offline = (count: number) => {
    for (let index = 0; index < count; index++) editAtRandom(laptop.doc, random, team.names);
  };
  offline(1 + random.below(6));
  work(random.next() < 0.15 ? random.below(2) : 2 + random.below(3));
  team.join();
  team.edit(random.below(4));
  offline(random.below(6));
  team.settle();

  const tooOld = isTooOld(team.live, laptop.left);
  const lines: RescueLine[] = [];
  const handIn = () => {
    const before = heldBy(team.live);
    const { live, archives } = team;
    const result = rescue({ live, archives, update: laptop.unsent(), peers: ['42', '43'], lines });
    if (result.kind === 'rebased') lines.splice(0, 1, result.line);
    if (result.kind === 'merged' || (result.kind === 'rebased' && result.update !== undefined))
      check(team.broadcast(result.update ?? new Uint8Array()), 'a client could not take what was rescued');
    else check(Bun.deepEquals(heldBy(live), before), 'changed without saying so');
    return result.kind;
  };
  const isTrue = (what: string) => {
    check(areEqual(team.truth, team.live), `${what}: not what the merge is`);
    for (const { doc } of team.clients)
      check(Bun.deepEquals(heldBy(team.live), heldBy(doc)), `${what}: a client lacks something`);
  };

  const hasWork = !Bun.deepEquals(heldBy(laptop.doc), laptop.left);
  team.truth.import(laptop.unsent());
  const kind = handIn();
  check(kind === (hasWork ? (tooOld ? 'rebased' : 'merged') : 'nothing'), `${kind}, too old: ${tooOld}`);
  isTrue('first');
  check(handIn() === 'nothing', 'a second hand-in did something');

  // It never saw the answer and goes on. In half of the runs so do the others, who may compact meanwhile.
  const others = random.next() < 0.5;
  if (others) {
    team.edit(random.below(10));
    if (random.next() < 0.5) team.compact();
    team.settle();
  }
  offline(1 + random.below(4));
  if (!others) team.truth.import(laptop.unsent());
  const rest = handIn();
  check(['rebased', 'merged', 'nothing'].includes(rest), `the rest: ${rest}`);
  if (!others) isTrue('rest');
  team.settle();
  for (const { doc } of team.clients) check(areEqual(team.live, doc), 'clients differ in the end');
  check(handIn() === 'nothing', 'the rest was taken in twice');
  team.free();
  laptop.doc.free();
  return kind;
}

test(`[SY7.4] whoever returns from before the compacted history gets the true merge (${COUNT} seeds from ${FIRST})`, () => {
  let rescued = 0;
  const failures: string[] = [];
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    try {
      if (run(seed) === 'rebased') rescued += 1;
    } catch (error) {
      failures.push(`${seed}: ${error instanceof Error ? error.message : error}`);
    }
  }
  // Runs in which nothing had to be rescued prove nothing.
  expect(rescued).toBeGreaterThan(COUNT / 2);
  expect(failures.slice(0, 10)).toEqual([]);
}, 300_000);
