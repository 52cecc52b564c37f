// The value of an option: a text, a number, or yes or no; typed as text, and kept as what it was while it can be read as that.

export type OptionType = 'string' | 'number' | 'boolean';
export type OptionValue = string | number | boolean;

const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;

export function typeOf(value: unknown): OptionType {
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}

/** Half a number is a text until it is one: `3.` stays as typed. */
export function typedAs(type: OptionType, typed: string): OptionValue {
  if (type === 'number' && isNumber(typed)) return Number(typed);
  return typed;
}

/** The same in another type, as far as that goes. */
export function converted(value: OptionValue, type: OptionType): OptionValue {
  if (type === 'string') return String(value);
  if (type === 'boolean') return value === true || value === 'true' || value === 1;
  if (typeof value === 'string' && isNumber(value)) return Number(value);
  return typeof value === 'number' ? value : Number(value === true);
}

/** Written back it must be the same text, or letters would change while they are typed. */
function isNumber(text: string): boolean {
  return NUMBER.test(text) && String(Number(text)) === text;
}
