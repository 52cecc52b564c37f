import { describe, expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import * as edit from '@hakiri/config-doc/edit';
import { deleteGroup, moveGroup, readGroupPaths, renameGroup } from '@hakiri/config-doc/groups';
import { spansOf } from '@hakiri/config-doc/operations';
import { readConfig } from '@hakiri/config-doc/read';
import { pipelinesOf, transformsOf } from '@hakiri/config-doc/schema';
import type { Version } from '@hakiri/config-doc/version';
import type { Scope } from '@hakiri/contracts/scope';
import { cpuMs } from '@hakiri/testing/cpu-time';
import { LoroDoc, type PeerID, type TreeID } from 'loro-crdt';
import { Touched } from './touched.ts';

const PEERS: PeerID[] = ['11', '12', '13'];
const EDITS = 400;
const STEP = { kind: 'filter' as const, body: 'x', inputs: [] };

/** Key → what stands there, as text. */
type Config = { pipelines: Map<string, string>; variables: Map<string, string> };
/** Read at `version`; published later, and heard of by the document later still. */
type Taken = { version: Version; scope: Scope | undefined; isMinor: boolean; publish(): void };

function versionOf(doc: LoroDoc): Version {
  const vector = doc.oplogVersion();
  const version = vector.toJSON();
  vector.free();
  return version;
}

function configOf(doc: LoroDoc): Config {
  const { pipelines, variables } = readConfig(doc);
  return {
    pipelines: new Map(pipelines.map((one) => [one.key, JSON.stringify(one)])),
    variables: new Map(variables.map((one) => [one.key, JSON.stringify(one)])),
  };
}

/** The simple, slow way. */
function differing(live: Map<string, string>, now: Map<string, string>): string[] {
  return [...new Set([...live.keys(), ...now.keys()])].filter((key) => live.get(key) !== now.get(key)).sort();
}

class World {
  readonly host = new LoroDoc();
  touched = new Touched();
  readonly people = PEERS.map((peer) => {
    const doc = new LoroDoc();
    doc.setPeerId(peer);
    return doc;
  });
  readonly live: Config = { pipelines: new Map(), variables: new Map() };
  readonly prepared: Taken[] = [];
  readonly untold: Taken[] = [];
  #keys = 0;
  readonly prng: Prng;

  constructor(prng: Prng) {
    this.prng = prng;
  }

  pick<T>(all: readonly T[]): T | undefined {
    return all[this.prng.below(Math.max(1, all.length))];
  }

  edit(): void {
    const doc = this.pick(this.people);
    if (doc === undefined) return;
    const pipeline = this.pick(pipelinesOf(doc).keys().map(String));
    const groups = [...readGroupPaths(doc).keys()] as TreeID[];
    const group = this.pick(groups);
    const text = `t${this.prng.below(3)}`;
    const choice = this.prng.below(13);
    if (choice === 0 || pipeline === undefined) {
      this.#keys += 1;
      edit.createPipeline(
        doc,
        { id: text, transforms: [{ ...STEP, key: `T${this.#keys}` }] },
        `P${this.#keys}`,
      );
    } else if (choice === 1) edit.deletePipeline(doc, pipeline);
    else if (choice === 2) edit.setText(doc, pipeline, 'name', text);
    else if (choice === 3) edit.setSource(doc, pipeline, { kind: 'csv', ref: text });
    else if (choice === 4) edit.moveToGroup(doc, pipeline, this.pick(['', 'a', 'a/b', 'c']) ?? '');
    else if (choice === 5)
      edit.setVariable(doc, { name: text, value: text, comment: text }, `V${this.prng.below(3)}`);
    else if (choice === 6) edit.deleteVariable(doc, `V${this.prng.below(3)}`);
    else if (choice === 7 && group !== undefined) renameGroup(doc, group, text);
    else if (choice === 8 && group !== undefined) moveGroup(doc, group, this.pick(groups));
    else if (choice === 9 && group !== undefined) deleteGroup(doc, group);
    else if (choice === 10) {
      // A raw client takes a step away without a word to its pipeline, or gives it to another.
      const key = this.pick(transformsOf(doc).keys().map(String));
      if (key !== undefined && this.prng.below(2) === 0) transformsOf(doc).delete(key);
      else if (key !== undefined) {
        const step = transformsOf(doc).get(key);
        if (step !== undefined && typeof step === 'object' && step !== null && 'set' in step)
          (step as { set(field: string, value: string): void }).set('pipeline', pipeline);
      }
    } else edit.setTag(doc, pipeline, text, this.prng.below(2) === 0);
    doc.commit();
  }

  send(): void {
    const doc = this.pick(this.people);
    if (doc === undefined) return;
    const since = this.host.oplogVersion();
    const { success } = this.host.import(doc.export({ mode: 'update', from: since }));
    since.free();
    this.touched.saw(spansOf(success));
    const theirs = doc.oplogVersion();
    doc.import(this.host.export({ mode: 'update', from: theirs }));
    theirs.free();
  }

  /** Only when what was prepared before is published: Applies of a team are serial. */
  prepare(): void {
    if (this.prepared.length > 0) return;
    const now = configOf(this.host);
    const version = versionOf(this.host);
    const pick = (all: Map<string, string>): string[] =>
      [...all.keys()].filter(() => this.prng.below(3) === 0);
    const take = (field: keyof Config, keys: Iterable<string>) => () => {
      for (const key of keys) {
        const value = now[field].get(key);
        if (value === undefined) this.live[field].delete(key);
        else this.live[field].set(key, value);
      }
    };
    const choice = this.prng.below(4);
    // A part takes what it uses of the variables, and nobody says which.
    const variables = take('variables', pick(now.variables));
    if (choice === 0) {
      const publish = (): void => {
        for (const field of ['pipelines', 'variables'] as const)
          take(field, new Set([...this.live[field].keys(), ...now[field].keys()]))();
      };
      this.prepared.push({ version, scope: { kind: 'all' }, isMinor: false, publish });
    } else if (choice === 1) {
      const keys = [...pick(now.pipelines), ...pick(this.live.pipelines)];
      if (keys.length === 0) return;
      const pipelines = take('pipelines', keys);
      this.prepared.push({
        version,
        scope: { kind: 'pipelines', pipelines: keys },
        isMinor: false,
        publish: () => [pipelines(), variables()],
      });
    } else if (choice === 2) {
      const isIn = (value: string | undefined): boolean =>
        value !== undefined && /"group":"a(\/|")/.test(value);
      const inside = [...now.pipelines].filter(([, value]) => isIn(value)).map(([key]) => key);
      const pipelines = take('pipelines', inside);
      const publish = (): void => {
        for (const [key, value] of this.live.pipelines)
          if (isIn(value) && !now.pipelines.has(key)) this.live.pipelines.delete(key);
        pipelines();
        variables();
      };
      this.prepared.push({ version, scope: { kind: 'group', group: 'a' }, isMinor: false, publish });
    } else {
      const keys = pick(now.pipelines);
      const publish = (): void => {
        for (const key of keys) {
          const live = this.live.pipelines.get(key);
          const value = now.pipelines.get(key);
          if (live === undefined || value === undefined) continue;
          const { name, group, tags } = JSON.parse(value);
          this.live.pipelines.set(key, JSON.stringify({ ...JSON.parse(live), name, group, tags }));
        }
      };
      this.prepared.push({ version, scope: { kind: 'all' }, isMinor: true, publish });
    }
  }

  /** One after the other, as revisions of a team are. */
  publish(): void {
    const next = this.prepared.shift();
    if (next === undefined) return;
    next.publish();
    this.untold.push(next);
  }

  tell(): void {
    const next = this.untold.shift();
    if (next !== undefined) this.touched.applied(this.host, next);
  }

  compare(isWhole: boolean): void {
    // Of a revision that the document has not heard of it says nothing.
    if (this.untold.length > 0) return;
    const now = configOf(this.host);
    const different = {
      pipelines: differing(this.live.pipelines, now.pipelines),
      variables: differing(this.live.variables, now.variables),
    };
    const keys = this.touched.keys(this.host);
    const same = {
      pipelines: keys.pipelines.filter((key) => !different.pipelines.includes(key)),
      variables: keys.variables.filter((key) => !different.variables.includes(key)),
    };
    this.touched.settled({ at: versionOf(this.host), same, allBut: isWhole ? different : undefined });
  }

  reload(): void {
    const note = this.touched.note(this.host);
    this.touched = new Touched(JSON.parse(JSON.stringify(note)));
  }

  check(isExact: boolean): void {
    const now = configOf(this.host);
    const keys = this.touched.keys(this.host);
    for (const field of ['pipelines', 'variables'] as const) {
      // Who does not know what was touched cannot say what is gone: whoever asks sees that for himself.
      const isKnown = (key: string): boolean => !this.touched.isWhole || now[field].has(key);
      const different = differing(this.live[field], now[field]).filter(isKnown);
      if (isExact) expect(keys[field]).toEqual(different);
      else expect(keys[field]).toEqual(expect.arrayContaining(different));
    }
  }
}

const HISTORIES = Number(process.env.HAKIRI_HISTORIES ?? 100);
const SEED = Number(process.env.HAKIRI_SEED ?? 1);

describe('what was touched', () => {
  test('[AP8.1] what differs from what is live is among it, whatever is edited, applied, published and compared meanwhile; after a comparison nothing else is', () => {
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const world = new World(createPrng(seed));
      try {
        for (let step = 0; step < 60; step++) {
          const choice = world.prng.below(20);
          if (choice < 9) world.edit();
          else if (choice < 13) world.send();
          else if (choice === 13) world.prepare();
          else if (choice === 14) world.publish();
          else if (choice === 15) world.tell();
          else if (choice === 16) world.compare(false);
          else if (choice === 17 && world.prng.below(4) === 0) world.reload();
          else if (choice === 18 && world.prng.below(8) === 0)
            world.touched.everything(versionOf(world.host));
          else if (choice === 19 && world.touched.isWhole) world.compare(true);
          if (world.untold.length === 0) world.check(false);
        }
        while (world.prepared.length > 0) world.publish();
        while (world.untold.length > 0) world.tell();
        world.check(false);
        world.compare(world.touched.isWhole);
        world.check(true);
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
      }
    }
  });

  test('[AP8.7] an edit of a document of 10,000 pipelines costs less than a millisecond for it, looked at one by one', () => {
    const host = new LoroDoc();
    for (let at = 0; at < 10_000; at++) edit.createPipeline(host, { id: `p-${at}` }, `P${at}`);
    host.commit();
    const person = new LoroDoc();
    person.setPeerId('21');
    person.import(host.export({ mode: 'snapshot' }));
    const touched = new Touched();
    const updates = Array.from({ length: EDITS }, (_, at) => {
      const since = person.oplogVersion();
      if (at % 2 === 0) edit.setText(person, `P${at * 7}`, 'name', `name ${at}`);
      else edit.setSource(person, `P${at * 7}`, { kind: 'csv', ref: `${at}` });
      person.commit();
      const update = person.export({ mode: 'update', from: since });
      since.free();
      return update;
    });
    let spentMs = 0;
    for (const update of updates) {
      const spans = spansOf(host.import(update).success);
      const begunMs = cpuMs();
      touched.saw(spans);
      touched.look(host);
      spentMs += cpuMs() - begunMs;
    }
    expect(touched.keys(host).pipelines).toHaveLength(EDITS);
    expect(spentMs / EDITS).toBeLessThan(1);
    if (process.env.HAKIRI_TELL) process.stdout.write(`${(spentMs / EDITS).toFixed(4)} ms an edit\n`);
  });
});
