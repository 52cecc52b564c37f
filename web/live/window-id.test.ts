import { expect, test } from 'bun:test';
import { claimWindowId } from './window-id.ts';

/** Locks as a browser has them: free again when their page goes. */
function browser() {
  const held = new Set<string>();
  return {
    page() {
      const own = new Set<string>();
      const request = async (name: string, _: unknown, hold: (lock: Lock | null) => unknown) => {
        if (held.has(name)) return hold(null);
        held.add(name);
        own.add(name);
        return hold({ name, mode: 'exclusive' });
      };
      const goes = (): void => {
        for (const name of own) held.delete(name);
      };
      return { locks: { request }, goes };
    },
  };
}

function storage(copyOf: ReadonlyMap<string, string> = new Map()) {
  const kept = new Map(copyOf);
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

test('[PG2.21] a tab that is loaded again, or crashed, is the same window', async () => {
  const chromium = browser();
  const tab = storage();
  const before = chromium.page();
  const id = await claimWindowId({ storage: tab, locks: before.locks });
  before.goes();
  expect(await claimWindowId({ storage: tab, locks: chromium.page().locks })).toBe(id);
});

test('[PG2.21] a duplicated tab is another window, and stays that one', async () => {
  const chromium = browser();
  const tab = storage();
  const id = await claimWindowId({ storage: tab, locks: chromium.page().locks });
  const copy = storage(tab.kept);
  const second = chromium.page();
  const other = await claimWindowId({ storage: copy, locks: second.locks });
  expect(other).not.toBe(id);
  second.goes();
  expect(await claimWindowId({ storage: copy, locks: chromium.page().locks })).toBe(other);
});

test('[PG2.21] what stands in the storage and is no id, and a browser without locks, make a new one', async () => {
  const odd = storage(new Map([['hakiri.window', 'a/b'.repeat(99)]]));
  expect(await claimWindowId({ storage: odd, locks: browser().page().locks })).not.toContain('/');
  const tab = storage();
  const id = await claimWindowId({ storage: tab, locks: undefined });
  expect(await claimWindowId({ storage: tab, locks: undefined })).not.toBe(id);
});
