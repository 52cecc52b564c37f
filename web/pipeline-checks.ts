// What is refused while it is typed, with a sentence: the few things that one pipeline alone decides.
import { DestinationConfig } from '@hakiri/contracts/config';
import { HumanId } from '@hakiri/contracts/names';
import { Value } from '@sinclair/typebox/value';

/** Undefined when the id is free and well formed. */
export function idProblem(id: string, isTaken: (id: string) => boolean): string | undefined {
  if (id === '') return 'Give the pipeline an id.';
  if (!Value.Check(HumanId, id))
    return 'An id has lower-case letters, digits, dots, hyphens and underscores, at most 100, and begins with a letter or a digit.';
  return isTaken(id) ? `There is a pipeline ${id} already: choose another id.` : undefined;
}

export function tableProblem(table: string): string | undefined {
  if (table === '') return 'Name the table to write to.';
  return Value.Check(DestinationConfig.properties.table, table)
    ? undefined
    : 'A table has letters, digits, underscores and dots, and begins with a letter or an underscore.';
}
