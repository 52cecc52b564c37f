// What the test files of one process share is begun by the first that needs it and ended after the last of them, by
// `after-all-files.ts`, which Bun loads before all of them (bunfig.toml): an `afterAll` of one file would end it with that file.
const endings: (() => Promise<void>)[] = [];

export function afterAllFiles(end: () => Promise<void>): void {
  endings.push(end);
}

/** The last that was begun first. */
export async function endShared(): Promise<void> {
  for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
}
