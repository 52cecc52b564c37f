import { expect, test } from 'bun:test';
import { bySeverity, issuePlace } from './issue-place.ts';

for (const [path, place] of [
  [
    '/pipelines/orders/schedule/expr',
    { kind: 'pipeline', pipeline: 'orders', field: 'schedule/expr', label: 'orders / schedule / expr' },
  ],
  ['/pipelines/a~1b', { kind: 'pipeline', pipeline: 'a/b', field: undefined, label: 'a/b' }],
  ['/variables/TOKEN/value', { kind: 'variable', label: 'TOKEN / value' }],
  ['/scope/group', { kind: 'scope', label: 'group' }],
  ['', { kind: 'elsewhere', label: '' }],
] as const)
  test(`[PG3.7] an issue at ${path || 'no place'} is mended in ${place.kind}`, () =>
    expect(issuePlace(path)).toEqual(place));

test('[PG3.14] what stops an Apply is apart from what is only worth a look', () => {
  const of = (severity: 'error' | 'warning') => ({ path: '', code: 'x', message: severity, severity });
  const [error, warning] = [of('error'), of('warning')];
  expect(bySeverity([warning, error, warning])).toEqual({ errors: [error], warnings: [warning, warning] });
});
