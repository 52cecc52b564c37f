// A time with nothing left out, for who points at one that is told shortly: with its date in the reader's zone, and in UTC.

const formats = new Map<string | undefined, Intl.DateTimeFormat>();

/** `zone` is the reader's when it is undefined. What is no time has no text. */
export function wholeTime(at: string | number, zone?: string): string | undefined {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return undefined;
  const format = formats.get(zone) ?? formatIn(zone);
  formats.set(zone, format);
  return `${format.format(time)} (${utcTime(time)})`;
}

function formatIn(timeZone: string | undefined): Intl.DateTimeFormat {
  const names = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', ...names });
}

/** `2026-11-21 22:12:53 UTC`, with the milliseconds that there are. */
function utcTime(time: Date): string {
  return time
    .toISOString()
    .replace('T', ' ')
    .replace(/(?:\.000)?Z$/, ' UTC');
}
