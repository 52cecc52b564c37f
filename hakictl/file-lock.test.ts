// The lock of the session file when the process that held it has died, and several find out at once.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { removeStale, staleText, withLock } from './file-lock.ts';

let directory: TempDirectory;
let path: string;

beforeEach(async () => {
  directory = await makeTempDirectory();
  path = join(directory.path, 'session.json.lock');
});
afterEach(() => directory.remove());

function leaveBehind(text: string): void {
  writeFileSync(path, text);
  utimesSync(path, 1, 1);
}

test('[PL7] a lock that a dead process left is taken over, by one at a time', async () => {
  leaveBehind('dead');
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    // Whoever else got in shows in this turn.
    await new Promise(setImmediate);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(path, work)));
  expect(most).toBe(1);
  expect(readdirSync(directory.path)).toEqual([]);
});

test('[PL7] who saw a lock stale does not remove the one that another made in its place', () => {
  leaveBehind('dead');
  const seen = staleText(path);
  expect(seen).toBe('dead');
  removeStale(path, 'dead');
  writeFileSync(path, 'new', { flag: 'wx' });
  removeStale(path, seen ?? '');
  expect(readFileSync(path, 'utf8')).toBe('new');
});

test('[PL7] who held a lock for too long leaves the one that is there now', async () => {
  await withLock(path, async () => writeFileSync(path, 'another'));
  expect(existsSync(path)).toBe(true);
});
