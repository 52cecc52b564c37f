// Logs over HTTP: added under a fence, once each, read in pages by who may read the run, and there after kill -9.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import type { LogLevel, LogLine } from '@hakiri/contracts/scheduler';
import { LOG_BATCH_LIMIT } from '@hakiri/contracts/scheduler';
import { applied, claimed, OFFER, problemOf } from './testing/asking.ts';
import { eachWorld } from './testing/each-world.ts';
import { narrowed, openWorld, pipeline, tokenFor, type World } from './testing/world.ts';

let folder: string;
let world: World;
eachWorld((opened, its) => {
  [world, folder] = [opened, its];
});

const AT = '2026-01-31T14:05:09.000Z';
const line = (text: string, level: LogLevel = 'info'): LogLine => ({ at: AT, level, text });
const textsOf = async (id: string, after = 0, of = world) =>
  (await of.as('viewer').logsSince(id, after)).lines.map(({ text }) => text);

async function begun(): Promise<{ id: string; fence: number }> {
  await applied(world, 1, pipeline(1));
  const { id } = await world.as('applier').start('p1');
  return { id, fence: (await claimed(world)).fence };
}

test('[SC6.11] the node that holds a run adds to its log, also when it has ended; an older fence or another token adds nothing', async () => {
  const { id, fence } = await begun();
  const { node } = world.as('node', 'n1');
  await node.log(id, { fence, sequence: 0, lines: [{ ...line('one', 'warn'), step: '1. extract' }] });
  expect((await world.as('viewer').logs(id)).lines).toEqual([
    { number: 1, at: AT, level: 'warn', fence, step: '1. extract', text: 'one' },
  ]);
  const again = await node.claim({ ...OFFER, restarted: true });
  const stale = [
    node.log(id, { fence, sequence: 1, lines: [line('old')] }),
    world.as('node', 'n2').node.log(id, { fence: fence + 1, sequence: 0, lines: [line('other')] }),
  ];
  for (const attempt of stale) expect((await problemOf(attempt)).code).toBe('stale_claim');
  expect(again?.fence).toBe(fence + 1);
  await node.finish(id, { fence: fence + 1, outcome: 'succeeded' });
  await node.log(id, { fence: fence + 1, sequence: 0, lines: [line('after')] });
  expect(await textsOf(id)).toEqual(['one', 'after']);
  expect((await world.as('viewer').logs(id)).state).toBe('succeeded');
});

test('[SC6.11] only a node adds lines, and only with a time', async () => {
  const { id, fence } = await begun();
  const lines = [line('x')];
  const owner = await problemOf(world.as('owner').node.log(id, { fence, sequence: 0, lines }));
  expect(owner.code).toBe('denied');
  const { node } = world.as('node', 'n1');
  const odd = await problemOf(node.log(id, { fence, sequence: 0, lines: [{ ...line('x'), at: 'soon' }] }));
  expect([odd.code, odd.detail]).toEqual(['malformed', expect.stringContaining('/lines/0/at')]);
  const many = Array.from({ length: LOG_BATCH_LIMIT + 1 }, () => line('x'));
  expect((await problemOf(node.log(id, { fence, sequence: 0, lines: many }))).code).toBe('malformed');
  expect(await textsOf(id)).toEqual([]);
});

test('[SC6.12] a batch that is sent again after a lost answer changes nothing, two at once neither', async () => {
  const { id, fence } = await begun();
  const { node } = world.as('node', 'n1');
  const lines = [line('a'), line('b')];
  const answers = await Promise.all([1, 2, 3].map(() => node.log(id, { fence, sequence: 0, lines })));
  expect(answers).toEqual([{ next: 2 }, { next: 2 }, { next: 2 }]);
  expect(await node.log(id, { fence, sequence: 1, lines: [line('b'), line('c')] })).toEqual({ next: 3 });
  expect(await textsOf(id)).toEqual(['a', 'b', 'c']);
});

test('[SC6.15] a log is read in order, page by page, and after a line only what is newer', async () => {
  const { id, fence } = await begun();
  const { node } = world.as('node', 'n1');
  await node.log(id, { fence, sequence: 0, lines: ['a', 'b', 'c'].map((text) => line(text)) });
  const viewer = world.as('viewer');
  const first = await viewer.logs(id, { limit: 2 });
  expect([first.lines.map(({ text }) => text), first.next]).toEqual([['a', 'b'], 2]);
  const second = await viewer.logs(id, { limit: 2, after: 2 });
  expect([second.lines.map(({ text }) => text), second.next]).toEqual([['c'], undefined]);
  expect(await textsOf(id, 3)).toEqual([]);
  await node.log(id, { fence, sequence: 3, lines: [line('d')] });
  expect(await textsOf(id, 3)).toEqual(['d']);
});

test('[SC6.15] who may not read a run does not read its log: other pipelines, another team', async () => {
  const { id } = await begun();
  const elsewhere = world.clientOf(narrowed(tokenFor('viewer'), ['p2']));
  expect((await problemOf(elsewhere.logs(id))).code).toBe('denied');
  const another = world.clientOf(tokenFor('owner', 'eve', 'another'));
  expect((await problemOf(another.logs(id))).code).toBe('not_found');
  expect((await problemOf(world.as('node', 'n1').logs(id))).code).toBe('denied');
  expect((await world.clientOf(narrowed(tokenFor('viewer'), ['p1'])).logs(id)).lines).toEqual([]);
});

test('[SC6.13] kill -9 of the scheduler loses no line that was acknowledged', async () => {
  const killed = join(folder, 'killed');
  const script = join(import.meta.dir, 'testing/killed-process.ts');
  const child = Bun.spawn([process.execPath, script, killed], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const chunk of child.stdout) {
    said += new TextDecoder().decode(chunk);
    if (said.endsWith('\n')) break;
  }
  child.kill('SIGKILL');
  await child.exited;
  const again = await openWorld(killed);
  expect(await textsOf(said.trim(), 0, again).finally(again.stop)).toEqual([
    'said before the end',
    'said before the end',
  ]);
}, 60_000);
