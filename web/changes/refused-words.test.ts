import { expect, test } from 'bun:test';
import { problem } from '@hakiri/contracts/problem';
import { whyRefused } from './refused-words.ts';

const nameOf = (user: string): string => (user === 'u1' ? 'Bob Baker' : user);

test('[PG3.22] why an Apply did not go live is told with people’s names and a way on', () => {
  const rejected = problem('approval_rejected', 'u1 did not approve it: not on a Friday');
  expect(whyRefused({ problem: rejected }, nameOf)).toBe('Bob Baker did not approve it: not on a Friday');
  const moved = whyRefused({ problem: problem('document_moved', 'pipelines/01ARZ changed') }, nameOf);
  expect(moved).not.toContain('01ARZ');
  expect(moved).toContain('schedule it again');
  expect(whyRefused({ problem: problem('frozen', 'Holidays.') }, nameOf)).toBe('Holidays.');
});
