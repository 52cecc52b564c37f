// Lines of a log in a box of its own: only those in sight are drawn; the newest are followed until somebody goes up.
import type { LogLevel, RunLogLine } from '@hakiri/contracts/scheduler';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDownToLine, CircleAlert, TriangleAlert } from 'lucide-react';
import { Fragment, useLayoutEffect, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { classNames } from '../parts/class-names.ts';
import { wholeTime } from '../parts/whole-time.ts';
import { runLog as text } from '../strings/en-run-log.ts';
import { createDayOf, newDay } from './log-days.ts';
import { foundPieces, stillFollows } from './log-tail.ts';
import classes from './run-log.module.css';

const LINE_PX = 22;
const dayOf = createDayOf();
const clock = new Intl.DateTimeFormat(undefined, {
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  fractionalSecondDigits: 3,
});

export function LogLines({
  lines,
  find,
  isLive,
}: {
  lines: readonly RunLogLine[];
  find: string;
  /** More may come. */
  isLive: boolean;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const top = useRef(0);
  const [isFollowing, setFollowing] = useState(isLive);
  // A box that grew with its lines would push the page while somebody reads.
  const [isTall] = useState(isLive);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => lines[index]?.number ?? index,
    overscan: 12,
  });
  const last = lines.at(-1)?.number;
  useLayoutEffect(() => {
    if (isFollowing && last !== undefined) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
    // Where all fits there is no end to go to.
    if (scroller.current) setFollowing(stillFollows(isFollowing, top.current, scroller.current));
  }, [isFollowing, last, lines.length, virtual]);
  const onScroll = (): void => {
    const box = scroller.current;
    if (!box) return;
    setFollowing(stillFollows(isFollowing, top.current, box));
    top.current = box.scrollTop;
  };
  return (
    <div className={classes.frame}>
      <div
        ref={scroller}
        className={classNames(classes.scroller, isTall && classes.tall)}
        role="log"
        aria-label={text.title}
        // What is drawn because somebody scrolls is no news.
        aria-live={isLive && isFollowing ? 'polite' : 'off'}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard too
        tabIndex={0}
        onScroll={onScroll}
      >
        <div className={classes.lines} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index];
            const day = line && newDay(lines[index - 1]?.at, line.at, dayOf);
            return (
              line && (
                <div
                  key={key}
                  ref={virtual.measureElement}
                  data-index={index}
                  className={classNames(classes.line, classes[line.level])}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  {day && <div className={classes.day}>{day}</div>}
                  <Line line={line} find={find} />
                </div>
              )
            );
          })}
        </div>
      </div>
      {(isTall || !isFollowing) && (
        <div className={classes.foot}>
          {isFollowing && isLive && <span>{text.following}</span>}
          {!isFollowing && (
            <Button look="quiet" onClick={() => setFollowing(true)}>
              <ArrowDownToLine aria-hidden />
              {text.toEnd}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function Line({ line: { at, level, step, text: said }, find }: { line: RunLogLine; find: string }) {
  return (
    <>
      <time dateTime={at} title={wholeTime(at)} className={classes.at}>
        {clock.format(new Date(at))}
      </time>
      <span className={classes.level}>
        <LevelIcon level={level} />
        {text.levels[level]}
      </span>
      <span className={classes.step}>{step}</span>
      <span className={classes.text}>
        {foundPieces(said, find).map((piece, index) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other identity
          index % 2 === 1 ? <mark key={index}>{piece}</mark> : <Fragment key={index}>{piece}</Fragment>,
        )}
      </span>
    </>
  );
}

function LevelIcon({ level }: { level: LogLevel }) {
  if (level === 'error') return <CircleAlert aria-hidden />;
  return level === 'warn' ? <TriangleAlert aria-hidden /> : null;
}
