import { expect, test } from 'bun:test';
import { begunVariable, completed, proposedNames } from './variable-completion.ts';

test('[PG1.42] in a field a variable is proposed from its first letter on, and completed with its brace', () => {
  expect(begunVariable('https://${BA/x', 12)).toEqual({ from: 10, typed: 'BA' });
  expect(begunVariable('${secret:A', 10)).toBeUndefined();
  expect(begunVariable('${BASE}', 7)).toBeUndefined();
  expect(proposedNames(['MY_BASE', 'BASE_URL', 'OTHER'], 'ba', 5)).toEqual(['BASE_URL', 'MY_BASE']);
  expect(completed('a/${BA/x', { from: 4, typed: 'BA' }, 'BASE')).toEqual({ text: 'a/${BASE}/x', caret: 9 });
  expect(completed('${BA}', { from: 2, typed: 'BA' }, 'BASE')).toEqual({ text: '${BASE}', caret: 7 });
});
