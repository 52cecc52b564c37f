// How long the listed runs of one pipeline took: a bar each, which leads to its run; the figures stand beside it in words.
import type { Run } from '@hakiri/contracts/scheduler';
import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import { classNames } from '../parts/class-names.ts';
import { Panel } from '../parts/panel.tsx';
import { wholeTime } from '../parts/whole-time.ts';
import { runDurations as text } from '../strings/en-run-log.ts';
import { runs as runsWords } from '../strings/en-runs.ts';
import classes from './duration-chart.module.css';
import { type DurationBar, durationsOf, nextBar } from './run-durations.ts';

const { duration } = runsWords;

/** Its place is kept while `runs` are not there yet. */
export function DurationChart({ runs }: { runs: readonly Run[] }) {
  const { bars, counts, medianMs, longestMs } = durationsOf(runs, Date.now());
  const [pointed, setPointed] = useState<string>();
  const [focused, setFocused] = useState<string>();
  const stop = bars.findIndex(({ run }) => run.id === focused);
  const tabStop = stop === -1 ? bars.length - 1 : stop;
  const told = bars.find(({ run }) => run.id === pointed);
  const move = (event: KeyboardEvent<HTMLElement>): void => {
    const to = nextBar(event.key, tabStop, bars.length);
    if (to === undefined) return;
    event.preventDefault();
    event.currentTarget.querySelectorAll('a')[to]?.focus();
  };
  return (
    <Panel title={text.title}>
      <div className={classes.figures}>
        {counts.map(({ state, count }) => (
          <span key={state}>
            <span aria-hidden className={classNames(classes.swatch, classes[state])} />
            {text.counted(count, state)}
          </span>
        ))}
        {medianMs !== undefined && longestMs !== undefined && (
          <span>
            {text.median(duration(medianMs))}, {text.longest(duration(longestMs))}
          </span>
        )}
      </div>
      <nav className={classes.bars} aria-label={text.bars(bars.length)} onKeyDown={move}>
        {bars.map((bar, index) => (
          <Link
            key={bar.run.id}
            to="/runs/$id"
            params={{ id: bar.run.id }}
            className={classes.place}
            aria-label={sentenceOf(bar)}
            tabIndex={index === tabStop ? 0 : -1}
            onFocus={() => {
              setFocused(bar.run.id);
              setPointed(bar.run.id);
            }}
            onBlur={() => setPointed(undefined)}
            onPointerEnter={() => setPointed(bar.run.id)}
            onPointerLeave={() => setPointed(undefined)}
          >
            <span
              className={classNames(classes.bar, classes[bar.run.state])}
              style={{ height: `${bar.share * 100}%` }}
            />
          </Link>
        ))}
      </nav>
      {/* Those who cannot see it are told by the bar itself. */}
      <p className={classes.told} aria-hidden>
        {told ? sentenceOf(told) : `${text.newest} ${text.hint}`}
      </p>
    </Panel>
  );
}

function sentenceOf({ run, ms }: DurationBar): string {
  return text.bar(wholeTime(run.dueAt) ?? run.dueAt, run.state, ms === undefined ? undefined : duration(ms));
}
