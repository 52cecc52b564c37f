// Numbers with their nouns.

const rules = new Intl.PluralRules('en');
const numbers = new Intl.NumberFormat();

/** `1 pipeline`, `1,204 pipelines`. */
export function plural(count: number, one: string, other: string = `${one}s`): string {
  return `${numbers.format(count)} ${rules.select(count) === 'one' ? one : other}`;
}
