// A cron expression in words. With a day of the month and a day of the week it fires on either, where the library says "and".
import { toString as inWords } from 'cronstrue';

/** @throws when it makes no sense */
export function cronWords(expr: string, verbose = false): string {
  const words = inWords(expr, { use24HourTimeFormat: true, verbose });
  const fields = expr.trim().split(/\s+/);
  const isLimited = (field: string | undefined): boolean => field !== undefined && !/^[*?]/.test(field);
  return isLimited(fields.at(-3)) && isLimited(fields.at(-1))
    ? words.replace(/(of the month), (and )?/, '$1, or ')
    : words;
}
