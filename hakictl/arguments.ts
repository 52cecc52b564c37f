// Parsers of arguments, for commander: each says what it wants instead.
import { labelOf, parseLabel } from '@hakiri/contracts/revision';
import { InvalidArgumentError } from 'commander';

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text.replace(/^v/, ''));
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** `3`, `v3` and `v3.1`, as the API writes them. */
export function revisionLabel(text: string): string {
  if (/^v?[0-9]{1,9}(\.[0-9]{1,9})?$/.test(text)) return labelOf(parseLabel(text));
  throw new InvalidArgumentError('It must be the label of a revision, such as v3 or v3.1.');
}

export function oneOf<Choice extends string>(choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`);
  };
}

const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `15m`, `1h`, `7d` to milliseconds. */
export function duration(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit ?? ''];
  if (count === undefined || unitMs === undefined || Number(count) === 0)
    throw new InvalidArgumentError('It must be a duration such as 90s, 15m, 1h or 7d.');
  return Number(count) * unitMs;
}
