// When times that are told as a distance are told anew.
import { expect, test } from 'bun:test';
import type { Sight } from '../live/poll.ts';
import { createMomentClock } from './moment-clock.ts';

/** A clock whose time passes by hand. */
function stand() {
  let nowMs = 1_000_000;
  const timers = new Map<number, () => void>();
  const onSight = new Set<() => void>();
  const sight: Sight = {
    hidden: false,
    addEventListener: (_, listener) => void onSight.add(listener),
    removeEventListener: (_, listener) => void onSight.delete(listener),
  };
  let most = 0;
  const clock = createMomentClock({
    now: () => nowMs,
    sight: () => sight,
    after(ms, run) {
      const atMs = nowMs + ms;
      timers.set(atMs, run);
      most = Math.max(most, timers.size);
      return () => timers.delete(atMs);
    },
  });
  const told: Record<string, number[]> = {};
  return {
    sight,
    told,
    timers: () => timers.size,
    most: () => most,
    watchers: () => onSight.size,
    show(name: string, inS: number): () => void {
      const times: number[] = [];
      told[name] = times;
      return clock.subscribe(nowMs + inS * 1_000, () => times.push((nowMs - 1_000_000) / 1_000));
    },
    pass(seconds: number): void {
      const endMs = nowMs + seconds * 1_000;
      for (;;) {
        const [atMs, run] = [...timers].sort(([a], [b]) => a - b)[0] ?? [Number.POSITIVE_INFINITY];
        if (atMs > endMs) break;
        nowMs = atMs;
        timers.delete(atMs);
        run?.();
      }
      nowMs = endMs;
    },
    look(isLooking: boolean): void {
      sight.hidden = !isLooking;
      for (const listener of onSight) listener();
    },
  };
}

test('[PG8.34] below a minute it is told each second, and each minute after', () => {
  const { show, pass, told } = stand();
  show('just now', -57);
  pass(200);
  expect(told['just now']).toEqual([1, 2, 3, 63, 123, 183]);
});

test('[PG8.34] what comes is told by the second as soon as it is nearer than a minute', () => {
  const { show, pass, told } = stand();
  show('soon', 90);
  pass(33);
  expect(told.soon).toEqual([30, 31, 32, 33]);
});

test('[PG8.34] all share one timer: of many old ones it runs each minute, and a young one begins at once', () => {
  const { show, pass, told, timers, most, watchers } = stand();
  const stops = Array.from({ length: 1_000 }, (_, index) => show(`old ${index}`, -3_600));
  pass(59);
  expect(told['old 0']).toEqual([]);
  const stopYoung = show('young', 0);
  pass(2);
  expect(told.young).toEqual([60, 61]);
  expect([timers(), most()]).toEqual([1, 1]);
  stopYoung();
  for (const stop of stops) stop();
  expect([timers(), watchers()]).toEqual([0, 0]);
});

test('[PG8.34] nothing runs while the page is hidden, and all is told when somebody looks again', () => {
  const { show, pass, told, timers, look } = stand();
  show('seen', -1);
  look(false);
  show('come meanwhile', -1);
  expect(timers()).toBe(0);
  pass(500);
  expect(told.seen).toEqual([]);
  look(true);
  expect([told.seen, told['come meanwhile'], timers()]).toEqual([[500], [500], 1]);
});
