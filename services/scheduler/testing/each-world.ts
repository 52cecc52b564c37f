// What tests of the scheduler's HTTP begin with: a world of its own for each.
import { afterEach, beforeEach } from 'bun:test';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { openWorld, type World } from './world.ts';

/** Opens a world before each test of the calling file and stops it after; `opened` is given it, with its folder. */
export function eachWorld(opened: (world: World, folder: string) => void): void {
  let directory: TempDirectory;
  let world: World;
  beforeEach(async () => {
    directory = await makeTempDirectory();
    world = await openWorld(directory.path);
    opened(world, directory.path);
  });
  afterEach(async () => {
    await world.stop();
    await directory.remove();
  });
}
