// What the page says about the difference between the document and what is live.
import { expect, test } from 'bun:test';
import { type Unapplied, unappliedText } from './unapplied.ts';

const change = (id: string, kind: 'added' | 'removed' = 'added') => ({ kind, key: id, id });
const many = Array.from({ length: 10 }, (_, index) => change(`p${index}`));

const cases: [what: string, state: Unapplied, line: string][] = [
  ['no difference', { kind: 'same' }, 'All of this is live.'],
  [
    'one pipeline',
    { kind: 'different', pipelines: [change('orders')], variables: [] },
    '1 pipeline not applied: orders',
  ],
  [
    'a deleted pipeline and a variable',
    { kind: 'different', pipelines: [change('orders', 'removed')], variables: [change('TOKEN')] },
    '1 pipeline and 1 variable not applied: orders (deleted), TOKEN',
  ],
  [
    'more than a line holds',
    { kind: 'different', pipelines: many, variables: [] },
    '10 pipelines not applied: p0, p1, p2, p3, p4, p5, p6, p7 and 2 more',
  ],
  [
    'what an Apply would warn of',
    { kind: 'different', pipelines: [change('orders')], variables: [], warnings: ['/x: a', '/y: b'] },
    '1 pipeline not applied: orders (2 warnings)',
  ],
  [
    'an empty document that was never applied',
    { kind: 'different', pipelines: [], variables: [] },
    'Nothing is applied yet.',
  ],
  [
    'what cannot be applied',
    { kind: 'invalid', pipelines: ['orders'], issues: 2 },
    'Not all of this is live. 2 issues to mend before Apply: orders',
  ],
  ['no answer', { kind: 'unknown' }, 'Whether all of this is live is not known now.'],
];

for (const [what, state, line] of cases) {
  test(`[PL9] the page says of ${what}: ${line}`, () => {
    expect(unappliedText(state).line).toBe(line);
  });
}
