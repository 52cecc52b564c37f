// A line of a log tells its time of day; the day stands once, above the first line of each.

export type DayOf = (at: string) => string;

const SHAPE: Intl.DateTimeFormatOptions = {
  weekday: 'short',
  year: 'numeric',
  month: 'short',
  day: 'numeric',
};

/** In the reader's zone when none is named. */
export function createDayOf(zone?: string): DayOf {
  const format = new Intl.DateTimeFormat(
    undefined,
    zone === undefined ? SHAPE : { ...SHAPE, timeZone: zone },
  );
  return (at) => format.format(new Date(at));
}

/** What stands above the line, where its day is not that of the one before. Nodes' clocks may go back: then it is said, too. */
export function newDay(before: string | undefined, at: string, dayOf: DayOf): string | undefined {
  const day = dayOf(at);
  return before !== undefined && dayOf(before) === day ? undefined : day;
}
