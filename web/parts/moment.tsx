// A time in the reader's zone, with UTC for who points at it; one that is told as a distance goes on by itself.
import { useCallback, useSyncExternalStore } from 'react';
import { Hint } from './hint.tsx';
import { createMomentClock } from './moment-clock.ts';

const DAY_MS = 86_400_000;
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const short = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const exact = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const dated = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
const clock = createMomentClock({
  now: Date.now,
  sight: () => document,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

/** `at` is RFC 3339. What is no time is shown as it is. */
export function Moment({
  at,
  isRelative = false,
  isExact = false,
}: {
  at: string;
  isRelative?: boolean;
  /** To the second: beside others that may be of the same minute. */
  isExact?: boolean;
}) {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return <>{at}</>;
  const isNear = Math.abs(Date.now() - time.getTime()) < 300 * DAY_MS;
  return (
    <Hint
      isStop={false}
      text={
        <span>
          {full.format(time)}
          <br />
          {time.toISOString().replace('T', ' ').replace('.000Z', 'Z')} UTC
        </span>
      }
    >
      <time dateTime={at}>
        {isRelative ? (
          <Distance atMs={time.getTime()} />
        ) : (
          (isNear ? (isExact ? exact : short) : dated).format(time)
        )}
      </time>
    </Hint>
  );
}

/** Drawn again only when its words are others. */
function Distance({ atMs }: { atMs: number }) {
  const subscribe = useCallback((listener: () => void) => clock.subscribe(atMs, listener), [atMs]);
  const words = (): string => sinceOrUntil(atMs);
  return useSyncExternalStore(subscribe, words, words);
}

/** "3 minutes ago", "in 2 hours". */
function sinceOrUntil(atMs: number): string {
  const seconds = Math.round((atMs - Date.now()) / 1_000);
  const size = Math.abs(seconds);
  if (size < 60) return relative.format(seconds, 'second');
  if (size < 3_600) return relative.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return relative.format(Math.round(seconds / 3_600), 'hour');
  return relative.format(Math.round(seconds / 86_400), 'day');
}
