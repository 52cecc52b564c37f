import { expect, test } from 'bun:test';
import type { Scope } from '@hakiri/contracts/scope';
import { touchesScope } from './touches-scope.ts';

const heads: Record<string, { key: string; id: string; group: string }> = {
  A: { key: 'A', id: 'orders', group: 'shop/daily' },
  B: { key: 'B', id: 'bills', group: '' },
};
const map = (...keys: string[]) => ({
  type: 'map',
  updated: Object.fromEntries(keys.map((key) => [key, undefined])),
});
const ALL: Scope = { kind: 'all' };
const SHOP: Scope = { kind: 'group', group: 'shop' };
const PICKED: Scope = { kind: 'pipelines', pipelines: ['B'] };

for (const [what, scope, path, diff, touches] of [
  ['any pipeline', ALL, ['pipelines', 'B', 'name'], map(), true],
  ['the title of the document', ALL, ['meta'], map(), false],
  ['a pipeline of the group', SHOP, ['pipelines', 'A', 'source'], map('ref'), true],
  ['a pipeline outside of the group', SHOP, ['pipelines', 'B'], map('id'), false],
  ['a new pipeline, beside a group', SHOP, ['pipelines'], map('C'), true],
  ['a picked pipeline', PICKED, ['pipelines', 'B'], map('enabled'), true],
  ['another than the picked', PICKED, ['pipelines', 'A'], map('enabled'), false],
  ['a new pipeline, beside picked ones', PICKED, ['pipelines'], map('C'), false],
  ['a deleted pipeline that was picked', { ...PICKED, pipelines: ['C'] }, ['pipelines'], map('C'), true],
  ['a variable, which may go along', PICKED, ['variables', 'V'], map('value'), true],
  ['a step, whose pipeline the event does not say', PICKED, ['transforms', 'T'], map('body'), true],
] satisfies [string, Scope, (string | number)[], ReturnType<typeof map>, boolean][])
  test(`[PG3.8] an edit of ${what} ${touches ? 'touches' : 'does not touch'} what was looked at`, () =>
    expect(touchesScope(scope, path, diff, (key) => heads[key])).toBe(touches));
