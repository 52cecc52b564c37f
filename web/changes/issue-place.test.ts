import { expect, test } from 'bun:test';
import { bySeverity, codeParts, issuePlace, issuesInScope } from './issue-place.ts';

for (const [path, place] of [
  [
    '/pipelines/orders/schedule/expr',
    { kind: 'pipeline', pipeline: 'orders', field: 'schedule/expr', label: 'orders: Schedule expression' },
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

test('[PG3.14] what is wrong outside of what was chosen stops nothing, and is counted', () => {
  const at = (path: string) => ({ path, code: 'x', message: path, severity: 'error' as const });
  const all = [at('/pipelines/orders/id'), at('/pipelines/bills/id'), at('/variables/a'), at('')];
  const { issues, elsewhere } = issuesInScope(all, (pipeline) => pipeline === 'bills');
  expect(issues.map(({ path }) => path)).toEqual(['/pipelines/bills/id', '/variables/a', '']);
  expect(elsewhere).toBe(1);
});

test('[PG3.7] what stands between backticks in a sentence is shown as what it is', () => {
  expect(codeParts('Use `id` or `key`.').map(({ text, isCode }) => (isCode ? `<${text}>` : text))).toEqual([
    'Use ',
    '<id>',
    ' or ',
    '<key>',
    '.',
  ]);
  expect(codeParts('A lone ` stays.')).toEqual([{ text: 'A lone ` stays.', isCode: false }]);
});
