// The next times of a schedule, in its own zone and in the reader's.
import { useEffect, useMemo, useState } from 'react';
import { classNames } from '../../parts/class-names.ts';
import { wholeTime } from '../../parts/whole-time.ts';
import { strings } from '../../strings/strings.ts';
import classes from './form.module.css';
import { previewOf, wallTime } from './next-ticks.ts';

const text = strings.form.ticks;
/** A timer ends at 24 days. */
const TIMER_LIMIT_MS = 2 ** 31 - 1;

export function TickTable({ schedule, isOn }: { schedule: unknown; isOn: boolean }) {
  const [nowMs, setNow] = useState(() => Date.now());
  const preview = useMemo(() => previewOf(schedule, nowMs), [schedule, nowMs]);
  const first = preview?.ticks[0];
  useEffect(() => {
    if (first === undefined) return;
    const inMs = Math.max(1_000, first - Date.now() + 1);
    const timer = setTimeout(() => setNow(Date.now()), Math.min(inMs, TIMER_LIMIT_MS));
    return () => clearTimeout(timer);
  }, [first]);
  if (!preview) return null;
  const { words, zone, ticks } = preview;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isElsewhere = zone !== own;
  return (
    <div className={classNames(classes.preview, classes.wide)}>
      {words && <p className={classes.words}>{words}</p>}
      {!isOn && <p>{text.off}</p>}
      <table className={classes.ticks}>
        <caption className="visually-hidden">{text.title}</caption>
        <thead>
          <tr>
            <th scope="col">{text.there(zone)}</th>
            {isElsewhere && <th scope="col">{text.here(own)}</th>}
          </tr>
        </thead>
        <tbody>
          {ticks.map((tick) => (
            <tr key={tick}>
              <td>
                <Tick atMs={tick} zone={zone} />
              </td>
              {isElsewhere && (
                <td>
                  <Tick atMs={tick} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Tick({ atMs, zone }: { atMs: number; zone?: string }) {
  return (
    <time dateTime={new Date(atMs).toISOString()} title={wholeTime(atMs)}>
      {wallTime(atMs, zone, Date.now())}
    </time>
  );
}
