// Sentences of the editor: code, transforms, schema.

import { variables } from './en-variables.ts';
import { plural } from './plural.ts';

export const editor = {
  code: {
    placeholder: 'Type ${ to insert a variable.',
    hint: 'Tab to indent, Esc to leave, Ctrl+F to find.',
    failed: 'The code editor could not be loaded. The text can be read below.',
    tooLong: 'That is too long for one body: it was not taken.',
    unknownVariable: (name: string, meant: string | undefined) =>
      `There is no variable ${name}.${meant === undefined ? '' : ` Perhaps ${meant} is meant.`}`,
    /** What CodeMirror says, by its English. */
    phrases: {
      Completions: 'Completions',
      Find: 'Find',
      Replace: 'Replace',
      next: 'Next',
      previous: 'Previous',
      all: 'All',
      'match case': 'Match case',
      regexp: 'Pattern',
      'by word': 'Whole words',
      replace: 'Replace',
      'replace all': 'Replace all',
      close: 'Close the search',
    },
  },
  transforms: {
    title: 'Transforms',
    none: 'Rows pass through unchanged. Add a transform to filter rows, select columns or compute new ones.',
    noneReadOnly: 'Rows pass through unchanged.',
    add: 'Add a transform',
    kinds: {
      filter: 'Filter: keep rows',
      select: 'Select: keep columns',
      polars: 'Polars program',
      wasm: 'WebAssembly',
    } as Readonly<Record<string, string>>,
    nth: (index: number) => `Transform ${index}`,
    kind: (index: number) => `Kind of transform ${index}`,
    body: (index: number) => `Body of transform ${index}`,
    inputs: (index: number) => `Inputs of transform ${index}`,
    inputsHint: 'The columns it reads, in order. Press Enter to add one.',
    inputsNone: 'No inputs',
    removeInput: (name: string) => `Remove the input ${name}`,
    move: (index: number) => `Move transform ${index}`,
    remove: (index: number) => `Remove transform ${index}`,
    removed: (index: number) => `Transform ${index} is removed.`,
    undo: 'Undo',
    moveHow:
      'Press Space to pick the transform up, the arrow keys to move it, Space again to put it down, Escape to leave it where it was.',
    picked: (place: number, count: number) => `Picked up. It is number ${place} of ${count}.`,
    over: (place: number, count: number) => `It would be number ${place} of ${count}.`,
    dropped: (place: number, count: number) => `Put down. It is number ${place} of ${count}.`,
    cancelled: 'It stays where it was.',
  },
  schema: {
    title: 'Schema',
    caption: 'Columns of the result',
    explain: 'Leave empty to accept any columns. Several rows can be pasted at once.',
    explainReadOnly: 'Without columns here, any are accepted.',
    name: 'Column',
    type: 'Type',
    nullable: 'Nullable',
    newColumn: 'New column',
    actions: 'Actions',
    nameOf: (name: string) => `Name of ${name}`,
    typeOf: (name: string) => `Type of ${name}`,
    nullableOf: (name: string) => `${name} may be empty`,
    remove: (name: string) => `Remove the column ${name}`,
    removed: (name: string) => `The column ${name} is removed.`,
    undo: 'Undo',
    newName: 'Name of a new column',
    newType: 'Type of a new column',
    add: 'Add column',
    taken: (name: string) => `There is a column ${name} already.`,
    partition: 'Partition',
    keys: 'Up and down go from row to row, Enter adds or goes on.',
    pasted: (added: number, changed: number) =>
      changed === 0
        ? `${plural(added, 'column')} added.`
        : `${plural(added, 'column')} added, ${plural(changed, 'column')} changed.`,
  },
  variables,
};
