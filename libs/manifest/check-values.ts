// Values that would be another thing to the next reader: refused on every way in, and named where one is in a document already.
import { type Unportable, unportable } from '@hakiri/base/portable';
import type { ConfigDraft, ConfigIssue } from '@hakiri/contracts/config';
import { issue, pointer } from './issue.ts';

const FAULTS: Readonly<Record<Unportable['kind'], { code: string; message: string }>> = {
  number: {
    code: 'number.unsafe',
    message:
      'Not every reader has this number: a whole one goes from -9007199254740991 to 9007199254740991, and none is infinite. Write it as a text.',
  },
  text: {
    code: 'text.malformed',
    message: 'This text has half of a character (a lone surrogate): write the whole one, or leave it out.',
  },
  name: {
    code: 'name.reserved',
    message: 'No field can be called `__proto__`: give it another name.',
  },
};

export function checkValues(value: unknown, path: string): ConfigIssue[] {
  return unportable(value).map((found) => {
    const { code, message } = FAULTS[found.kind];
    return issue(`${path}${found.path}`, code, message);
  });
}

/** Of a file: each entry under its name. */
export function checkDraftValues({ pipelines, variables }: ConfigDraft): ConfigIssue[] {
  return [
    ...pipelines.flatMap((entry, index) =>
      checkValues(entry, placeOf('pipelines', entry.id, entry.key, index)),
    ),
    ...variables.flatMap((entry, index) =>
      checkValues(entry, placeOf('variables', entry.name, entry.key, index)),
    ),
  ];
}

function placeOf(root: string, name: unknown, key: string, index: number): string {
  const label = typeof name === 'string' && name !== '' ? name : key || `#${index + 1}`;
  return pointer(root, label.toWellFormed());
}
