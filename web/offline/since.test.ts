// What somebody has missed, by counters: whatever clock their device has.
import { expect, test } from 'bun:test';
import { decodeVersion, encodeVersion } from '@hakiri/config-doc/version';
import type { HistoryEntry } from '@hakiri/contracts/notice';
import { historySince, versionAtServer } from './since.ts';

const entry = (peer: string, from: number, to: number): HistoryEntry => ({
  // Of a server whose clock is a year off.
  at: '2001-01-01T00:00:00Z',
  user: `user-${peer}`,
  peer,
  from,
  to,
  changes: [],
});
const PAGES = [
  [entry('2', 5, 9), entry('1', 4, 6)],
  [entry('1', 2, 4), entry('2', 0, 5)],
  [entry('1', 0, 2)],
];

function history() {
  const asked: (string | undefined)[] = [];
  return {
    asked,
    documents: {
      history: async (_doc: string, { before }: { before?: string } = {}) => {
        asked.push(before);
        const page = Number(before ?? 0);
        const next = page + 1 < PAGES.length ? { next: String(page + 1) } : {};
        return { entries: PAGES[page] ?? [], isCut: false, ...next };
      },
    },
  };
}

test('[PG7.4] what was missed is told by counters, and nothing older is asked for', async () => {
  const { asked, documents } = history();
  const since = encodeVersion(
    new Map([
      ['1', 4],
      ['2', 5],
    ]),
  );
  expect(await historySince(documents, 'main', since)).toEqual(PAGES[0] ?? []);
  expect(asked).toEqual([undefined, '1']);
});

test('[PG7.4] what was typed and not sent yet when the server went away was not at the server', () => {
  const version = encodeVersion(
    new Map([
      ['1', 6],
      ['2', 9],
    ]),
  );
  expect([...(decodeVersion(versionAtServer(version, '1', 2)) ?? [])]).toEqual([
    ['1', 4],
    ['2', 9],
  ]);
  expect(versionAtServer(version, '1', 0)).toBe(version);
  // Some of it came from a tab that is gone.
  expect([...(decodeVersion(versionAtServer(version, '1', 8)) ?? [])]).toEqual([['2', 9]]);
});
