import { expect, test } from 'bun:test';
import { AFTER_HOLD_MS, createNews, SHOWN_MS, WAY_BACK_SHOWN_MS } from './news.ts';

function board() {
  let now = 0;
  let due: { at: number; run(): void }[] = [];
  const news = createNews((ms, run) => void due.push({ at: now + ms, run }));
  const texts = (): string =>
    news.shown
      .get()
      .map(({ text }) => text)
      .join();
  const pass = (ms: number): string => {
    now += ms;
    const ripe = due.filter(({ at }) => at <= now);
    due = due.filter(({ at }) => at > now);
    for (const { run } of ripe) run();
    return texts();
  };
  return { news, texts, pass };
}

test('[PG8.14] news go by themselves, one with a way back later', () => {
  const { news, texts, pass } = board();
  news.tell('a');
  news.tell('b', { label: 'Undo', run() {}, isWayBack: true });
  expect(texts()).toBe('a,b');
  expect(pass(SHOWN_MS)).toBe('b');
  expect(pass(WAY_BACK_SHOWN_MS - SHOWN_MS)).toBe('');
});

test('[PG8.14] while somebody is at them none goes, and afterwards each stays for a moment', () => {
  const { news, pass } = board();
  news.tell('a');
  news.hold(true);
  for (const text of ['b', 'c', 'd']) news.tell(text);
  expect(pass(10 * SHOWN_MS)).toBe('a,b,c,d');
  news.hold(false);
  expect(pass(AFTER_HOLD_MS - 1)).toBe('a,b,c,d');
  news.hold(true);
  expect(pass(AFTER_HOLD_MS)).toBe('a,b,c,d');
  news.hold(false);
  expect(pass(AFTER_HOLD_MS)).toBe('');
});

test('[PG8.14] without anybody there the last three are shown', () => {
  const { news, texts } = board();
  for (const text of ['a', 'b', 'c', 'd']) news.tell(text);
  expect(texts()).toBe('b,c,d');
});

test('[PG8.14] what is the only way back stays its time, however many others come', () => {
  const { news, texts, pass } = board();
  const undo = { label: 'Undo', run() {}, isWayBack: true };
  news.tell('deleted', undo);
  for (const text of ['v1', 'v2', 'v3']) news.tell(text);
  expect(texts()).toBe('deleted,v2,v3');
  for (const text of ['moved', 'discarded']) news.tell(text, undo);
  expect(texts()).toBe('deleted,moved,discarded');
  news.tell('v4');
  expect(texts()).toBe('deleted,moved,discarded,v4');
  expect(pass(WAY_BACK_SHOWN_MS - 1)).toBe('deleted,moved,discarded');
});

test('[PG8.41] the same news again stands once, with what it offers now; a way back is kept beside another', () => {
  const { news, texts, pass } = board();
  const pressed: number[] = [];
  const offer = (number: number) => ({ label: 'Do it anyway', run: () => void pressed.push(number) });
  news.tell('a', offer(1));
  news.tell('b');
  pass(SHOWN_MS - 1);
  news.tell('a', offer(2));
  expect(texts()).toBe('b,a');
  news.shown.get()[1]?.action?.run();
  expect(pressed).toEqual([2]);
  expect(pass(1)).toBe('a');
  for (const number of [1, 2]) news.tell('gone', { ...offer(number), isWayBack: true });
  expect(texts()).toBe('a,gone,gone');
});
