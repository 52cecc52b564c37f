// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations refer to variables
// Moves between real documents, with edits and crashes between any two steps.
import { beforeEach, expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { createPipeline, deletePipeline, setText, setVariable } from '@hakiri/config-doc/edit';
import { readConfig, readPipeline } from '@hakiri/config-doc/read';
import type { LoroDoc } from 'loro-crdt';
import { fill, ids, movingBeds, TEAM } from '../testing/moving.ts';
import { isArchived, movedFrom, setArchived } from './registry.ts';
import type { RegistryStore } from './registry-store.ts';

class Crash extends Error {}

const { bed, registryOf } = movingBeds();
let registry: RegistryStore;
beforeEach(() => {
  registry = registryOf();
});
const waiting = async (doc: string): Promise<string[]> =>
  movedFrom(await registry.read(TEAM), doc).flatMap(({ pipelines }) => pipelines);

test('[SY14.5] a group goes over whole: keys, transforms, groups below it; the rest stays', async () => {
  const { of, move } = bed('main', 'eu');
  const keys = [...fill(of('main'), 3, 'g/below'), createPipeline(of('main'), { id: 'other', group: 'gx' })];
  of('main').commit();
  const before = keys.slice(0, 3).map((key) => readPipeline(of('main'), key));
  expect(await move()).toMatchObject({ state: 'done', moved: 3, remaining: [] });
  expect(keys.slice(0, 3).map((key) => readPipeline(of('eu'), key))).toEqual(before);
  expect(ids(of('main'))).toEqual(['other']);
  expect((await waiting('main')).sort()).toEqual(keys.slice(0, 3).sort());
});

test('[SY14.6] variables come along when the target lacks them, are never overwritten, and that is said', async () => {
  const { of, move } = bed('main', 'eu');
  fill(of('main'), 1);
  const [key = ''] = readConfig(of('main')).pipelines.map((one) => one.key);
  setText(of('main'), key, 'description', '');
  createPipeline(of('main'), { id: 'q', group: 'g', source: { kind: 'x', ref: '${TOKEN} ${SAME}' } });
  setVariable(of('main'), { name: 'HOST', value: 'main.example' });
  setVariable(of('main'), { name: 'TOKEN', value: 'here' });
  setVariable(of('main'), { name: 'SAME', value: 'same' });
  setVariable(of('main'), { name: 'UNUSED', value: 'x' });
  of('main').commit();
  setVariable(of('eu'), { name: 'TOKEN', value: 'there' });
  setVariable(of('eu'), { name: 'SAME', value: 'same' });
  of('eu').commit();
  expect((await move()).variables).toEqual({ copied: ['HOST'], differing: ['TOKEN'] });
  const values = readConfig(of('eu')).variables.map(({ name, value }) => `${name}=${value}`);
  expect(values.sort()).toEqual(['HOST=main.example', 'SAME=same', 'TOKEN=there']);
  const keysOf = (doc: LoroDoc) => readConfig(doc).variables.map((one) => one.key);
  expect(keysOf(of('eu')).filter((one) => keysOf(of('main')).includes(one))).toEqual([]);
});

test('[SY14.7] one that differs in both documents stays in both, for people to settle', async () => {
  const { of, move } = bed('main', 'eu');
  const [first = '', second = ''] = fill(of('main'), 2);
  createPipeline(of('eu'), { id: 'mine', group: 'x' }, first);
  of('eu').commit();
  expect(await move()).toMatchObject({
    state: 'unfinished',
    moved: 1,
    remaining: [{ key: first, why: 'conflict' }],
  });
  expect(readPipeline(of('eu'), first)).toMatchObject({ id: 'mine' });
  expect(readPipeline(of('eu'), second)).toMatchObject({ id: 'p-1' });
  deletePipeline(of('eu'), first);
  of('eu').commit();
  expect(await move()).toMatchObject({ state: 'done', moved: 1 });
  expect(ids(of('eu'))).toEqual(['p-0', 'p-1']);
});

test('[SY14.8] asked again after it ended, a move does nothing; of a group that is not there it says so', async () => {
  const { of, move } = bed('main', 'eu');
  fill(of('main'), 2);
  await move();
  expect(await move()).toMatchObject({ state: 'done', moved: 0 });
  await expect(move('nothing')).rejects.toMatchObject({ code: 'not_found' });
  await expect(move('g', 'main', 'none')).rejects.toMatchObject({ code: 'not_found' });
  await expect(move('g', 'main', 'main')).rejects.toMatchObject({ code: 'malformed' });
  fill(of('main'), 1);
  await expect(move('g', 'main', 'none')).rejects.toMatchObject({ code: 'not_found' });
  expect(ids(of('main'))).toEqual(['p-0']);
});

test('[SY14.8] while a move is unfinished, another of the same pipelines is refused', async () => {
  const { of, hooks, move } = bed('main', 'eu', 'us');
  fill(of('main'), 2, 'g/below');
  hooks.onStep = (step, doc) => {
    if (step === 'edited' && doc === 'eu') throw new Crash();
  };
  await expect(move()).rejects.toThrow(Crash);
  hooks.onStep = () => {};
  await expect(move('g/below', 'main', 'us')).rejects.toMatchObject({ code: 'conflict' });
  await expect(move('g', 'eu', 'us')).rejects.toMatchObject({ code: 'conflict' });
  expect(await move()).toMatchObject({ state: 'done' });
});

test('[SY14.4] nothing moves into or out of an archived document', async () => {
  const { of, move } = bed('main', 'eu');
  fill(of('main'), 1);
  await registry.change(TEAM, (known) => setArchived(known, 'eu', '2026-01-01T00:00:00.000Z'));
  await expect(move()).rejects.toMatchObject({ code: 'document_archived' });
  await expect(move('g', 'eu', 'main')).rejects.toMatchObject({ code: 'document_archived' });
  expect(isArchived(await registry.read(TEAM), 'eu')).toBe(true);
  expect(ids(of('main'))).toEqual(['p-0']);
});

test('[SY14.8] a crash at any step is finished by asking again: nothing lost, nothing twice', async () => {
  for (let at = 0; ; at++) {
    const { of, hooks, move } = bed('main', 'eu');
    const keys = fill(of('main'), 3, `g${at}`);
    setVariable(of('main'), { name: 'HOST', value: 'h' });
    of('main').commit();
    const before = keys.map((key) => readPipeline(of('main'), key));
    let left = at;
    hooks.onStep = () => {
      left -= 1;
      if (left < 0) throw new Crash();
    };
    const crashed = await move(`g${at}`).then(
      () => false,
      (error) => error instanceof Crash,
    );
    hooks.onStep = () => {};
    // Gone from the source means: in the target, and the registry knows.
    const lost = keys.filter((key) => readPipeline(of('main'), key) === undefined);
    const known = await waiting('main');
    for (const key of lost) {
      expect(readPipeline(of('eu'), key)).toBeDefined();
      expect(known).toContain(key);
    }
    if (!crashed) {
      expect(at).toBeGreaterThan(10);
      break;
    }
    expect(await move(`g${at}`).catch(({ code }) => code)).toMatchObject({ state: 'done' });
    expect(keys.map((key) => readPipeline(of('eu'), key))).toEqual(before);
    expect(ids(of('main'))).toEqual([]);
    expect(readConfig(of('eu')).variables).toHaveLength(1);
    expect(await waiting('main')).toEqual(expect.arrayContaining(keys));
  }
});

test('[SY14.5, SY14.8] random edits and crashes: every edit of the source is in one of the two documents', async () => {
  const seed = Number(process.env.SEED ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  for (let run = 0; run < 40; run++) {
    const prng = createPrng(seed + run);
    const { of, hooks, move } = bed('main', 'eu');
    const group = `g${run}`;
    const keys = fill(of('main'), 4, group);
    const said = new Map(keys.map((key) => [key, '']));
    let budget = 12;
    hooks.onStep = () => {
      if (budget === 0 || prng.next() < 0.6) return;
      budget -= 1;
      if (prng.next() < 0.4) throw new Crash();
      const key = prng.pick(keys);
      if (setText(of('main'), key, 'description', `edit ${budget}`)) said.set(key, `edit ${budget}`);
      of('main').commit();
    };
    for (let attempt = 0; attempt < 20; attempt++) {
      try {
        if ((await move(group)).state === 'done') break;
      } catch (error) {
        if (!(error instanceof Crash)) throw new Error(`seed ${seed} run ${run}`, { cause: error });
      }
    }
    const where = `seed ${seed} run ${run}`;
    expect({ where, left: ids(of('main')) }).toEqual({ where, left: [] });
    for (const [key, description] of said)
      expect({ where, is: readPipeline(of('eu'), key)?.description }).toEqual({ where, is: description });
  }
});
