import { expect, test } from 'bun:test';
import { matching, variableIssues } from './variable-issues.ts';

const variable = (key: string, name: string, value = '') => ({ key, name, value, comment: '' });
const KEYS = [
  '01HZZZZZZZZZZZZZZZZZZZZZZ1',
  '01HZZZZZZZZZZZZZZZZZZZZZZ2',
  '01HZZZZZZZZZZZZZZZZZZZZZZ3',
] as const;

test('[PG1.48] a literal that looks like a secret, a double and a name that is none are said at their field; being unused is not', () => {
  const token = `ghp_${'aB3dE5gH7jK9mN1pQ3sT5vX7zB2dF4hJ6lM8'}`;
  const issues = variableIssues([
    variable(KEYS[0], 'GITHUB', token),
    variable(KEYS[1], 'base', 'x'),
    variable(KEYS[2], 'FINE', 'y'),
  ]);
  expect(issues.get(KEYS[0])?.value?.[0]?.message).toContain('secret');
  expect(JSON.stringify([...issues])).not.toContain(token);
  expect(issues.get(KEYS[1])?.name?.[0]?.message).toContain('capital letters');
  expect(issues.has(KEYS[2])).toBe(false);
  const doubles = variableIssues([variable(KEYS[0], 'A'), variable(KEYS[1], 'A')]);
  expect([...doubles.keys()].sort()).toEqual([KEYS[0], KEYS[1]]);
});

test('[PG1.48] variables are found by every word in their name, value or comment', () => {
  const list = [variable(KEYS[0], 'BASE_URL', 'https://shop'), variable(KEYS[1], 'OTHER')];
  expect(matching(list, 'base shop')).toEqual([variable(KEYS[0], 'BASE_URL', 'https://shop')]);
  expect(matching(list, ' ')).toBe(list);
});
