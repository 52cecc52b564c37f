import { expect, test } from 'bun:test';
import { pageTitle } from './page-title.ts';

test('[PG8.33] a tab is called after its screen, with what is open there in front', () => {
  const screen = { level: 'screen' as const, text: 'Pipelines · main' };
  expect(pageTitle([])).toBe('hakiri-control');
  expect(pageTitle([screen])).toBe('Pipelines · main · hakiri-control');
  expect(pageTitle([{ level: 'detail', text: 'orders' }, screen])).toBe(
    'orders · Pipelines · main · hakiri-control',
  );
  expect(pageTitle([screen, { level: 'screen', text: 'Runs' }])).toBe('Runs · hakiri-control');
});
