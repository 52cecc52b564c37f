// Keeps the values of variables out of what a run says: where one would stand, its reference stands. Pure.
import { type PipelineConfig, VARIABLE_REFERENCE } from '@hakiri/contracts/config';
import { SECRET_FIELD } from '@hakiri/manifest/check-secrets';

export type Mask = (text: string) => string;

/** Shorter values are words and numbers that would be found everywhere. */
export const MASKED_FROM_CHARS = 6;
/** Of a variable that is called like a secret. */
const SECRET_FROM_CHARS = 3;

/** For the variables that `pipeline`, in which they are not put yet, refers to. */
export function createMask(pipeline: PipelineConfig, variables: Readonly<Record<string, string>>): Mask {
  const references = new Map<string, string>();
  for (const [reference, name = ''] of JSON.stringify(pipeline).matchAll(VARIABLE_REFERENCE)) {
    const value = Object.hasOwn(variables, name) ? (variables[name] ?? '') : '';
    if (value.length < (SECRET_FIELD.test(name) ? SECRET_FROM_CHARS : MASKED_FROM_CHARS)) continue;
    for (const form of formsOf(value)) references.set(form, reference);
  }
  if (references.size === 0) return (text) => text;
  // The longest first, as one value may begin another; in one pass, as a reference may look like a value.
  const forms = [...references.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(forms.join('|'), 'g');
  return (text) => text.replace(pattern, (form) => references.get(form) ?? form);
}

/** As it is, in an address, in JSON. */
function formsOf(value: string): Set<string> {
  const whole = value.toWellFormed();
  return new Set([value, encodeURIComponent(whole), encodeURI(whole), JSON.stringify(value).slice(1, -1)]);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
