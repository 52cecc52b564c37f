// What the comparison refuses before it starts anything.
import { expect, test } from 'bun:test';
import { runSync } from './run.ts';

test('kills are a whole number', async () => {
  for (const wrong of ['x', '0', '-1', '1.5', ''])
    await expect(runSync(['--subjects', 'ours', `--kills=${wrong}`])).rejects.toThrow('--kills');
});
