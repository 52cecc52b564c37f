// Where pipelines are to run, beside the nodes that the scheduler saw, over real HTTP and the real bus.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { Validation } from '@hakiri/contracts/apply';
import type { DryRun } from '@hakiri/contracts/approval';
import type { PlacesReply } from '@hakiri/contracts/scheduler';
import type { Scope } from '@hakiri/contracts/scope';
import { apply, type Bed, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';

const ALL: Scope = { kind: 'all' };
const NODE = { nodes: ['mbp-alice'], pools: ['default'], labels: ['any-mac'] };
let bed: Bed;
let running: Running;
let applier: string;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
  applier = bed.token('applier', 'alice');
});
afterEach(() => bed.close());

const placed = (number: number, kind: string, target?: string) =>
  pipeline(number, { placement: { kind, ...(target === undefined ? {} : { target }) } });
const told = (places: PlacesReply) => bed.setPlaces(async () => places);
async function ask<Answer>(path: string, scope = ALL): Promise<Answer> {
  const answer = await fetch(`${running.url}/v1/manifest/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${applier}`, 'content-type': 'application/json' },
    body: JSON.stringify({ scope, version: bed.peer.version() }),
  });
  return answer.json();
}
const warning = (id: string, value: string) => ({
  path: `/pipelines/${id}/placement/target`,
  code: 'placement.target_unknown',
  severity: 'warning',
  suggestion: { value },
});

test('[AP2.11] validation, dry run, Apply and import warn of a node, pool or label that nobody saw, with the nearest', async () => {
  await told({ places: NODE });
  bed.peer.edit({
    pipelines: [
      placed(1, 'node', 'mbp-alise'),
      placed(2, 'label', 'any-mca'),
      placed(3, 'auto', 'defualt'),
      placed(4, 'auto'),
      placed(5, 'node', 'mbp-alice'),
    ],
    variables: [],
  });
  const expected = [warning('p-1', 'mbp-alice'), warning('p-2', 'any-mac'), warning('p-3', 'default')];
  const validation = await ask<Validation>('validate');
  expect<unknown>(validation).toMatchObject({ valid: true, issues: expected });
  expect(validation.issues).toHaveLength(3);
  expect(validation.unchecked).toBeUndefined();
  expect<unknown>((await ask<DryRun>('apply?dryRun=true')).warnings).toMatchObject(expected);
  const { body } = await apply(running.url, applier, { scope: ALL, version: bed.peer.version() });
  expect<unknown>(body).toMatchObject({ state: 'published', warnings: expected });
  const file = `[[pipeline]]\nid = "new"\nplacement = { kind = "node", target = "mbp-alise" }\n`;
  const imported = await fetch(`${running.url}/v1/manifest/import?dryRun=true`, {
    method: 'POST',
    headers: { authorization: `Bearer ${applier}`, 'content-type': 'application/toml' },
    body: file,
  });
  expect(JSON.stringify(await imported.json())).toContain('Perhaps `mbp-alice` is meant');
});

test('[AP2.11] only what is asked for is warned of', async () => {
  await told({ places: NODE });
  bed.peer.edit({ pipelines: [placed(1, 'node', 'a'), placed(2, 'node', 'b')], variables: [] });
  await apply(running.url, applier, { scope: ALL, version: bed.peer.version() });
  const { issues } = await ask<Validation>('validate', { kind: 'pipelines', pipelines: ['p-2'] });
  expect(issues.map(({ path }) => path)).toEqual(['/pipelines/p-2/placement/target']);
});

test('[AP2.11] while no node was seen, there are too many, or the scheduler does not answer, nothing is said of placements', async () => {
  bed.peer.edit({ pipelines: [placed(1, 'node', 'anybody')], variables: [] });
  const silence = { valid: true, issues: [], unchecked: ['placement'] };
  expect<unknown>(await ask('validate')).toMatchObject(silence);
  await told({ places: { nodes: [], pools: [], labels: [] } });
  expect<unknown>(await ask('validate')).toMatchObject(silence);
  await told({});
  expect<unknown>(await ask('validate')).toMatchObject(silence);
  const { promise: never, resolve } = Promise.withResolvers<PlacesReply>();
  await bed.setPlaces(() => never);
  const { body } = await apply(running.url, applier, { scope: ALL, version: bed.peer.version() });
  expect(body).toMatchObject({ state: 'published', warnings: [] });
  expect<unknown>(await ask('validate')).toMatchObject(silence);
  resolve({});
});
