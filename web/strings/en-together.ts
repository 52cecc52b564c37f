// Sentences about working at once: who is where, what met what, and taking back.
import { plural } from './plural.ts';

export const together = {
  isHere: (name: string) => `${name} is here`,
  areHere: (name: string, more: number) => `${name} and ${plural(more, 'other')} are here`,
  undo: 'Undo',
  redo: 'Redo',
  nothingToUndo: 'There is nothing of yours to undo.',
  nothingToRedo: 'There is nothing to redo.',
  kept: {
    undo: (places: string) => `Not undone: somebody has changed ${places} since.`,
    redo: (places: string) => `Not redone: somebody has changed ${places} since.`,
    undoPart: (places: string) => `Undone, except ${places}: somebody has changed that since.`,
    redoPart: (places: string) => `Redone, except ${places}: somebody has changed that since.`,
    anyway: 'Do it anyway',
    places: (first: readonly string[], more: number) =>
      `${first.join(', ')}${more > 0 ? ` and ${plural(more, 'more place')}` : ''}`,
    undone: 'Done anyway. Undo takes that back.',
  },
  conflicts: {
    count: (count: number) => plural(count, 'conflict'),
    title: 'What could not be kept',
    explain:
      'Several people changed the same thing at once. One of the values stands; you can take the other one.',
    /** The word for somebody whose name is not known. */
    somebody: 'somebody',
    you: 'you',
    sameField: (where: string, field: string) => `${where}: ${field} was changed twice at once.`,
    stands: 'Stands',
    notKept: 'Not kept',
    deleted: 'deleted',
    cut: 'too long to show',
    at: (name: string) => `by ${name},`,
    discarded: (where: string, deleter: string) =>
      `${where} was deleted by ${deleter} while it was being edited.`,
    discardedPart: (where: string, field: string, deleter: string) =>
      `${where}: ${field} was deleted by ${deleter} while it was being edited.`,
    bothDeleted: (where: string) => `${where} was deleted twice at once. Nothing is lost.`,
    lostEdit: (name: string, fields: string) => `Discarded: what ${name} wrote into ${fields}.`,
    whole: 'the whole',
    take: 'Take the other value',
    restore: 'Get it back',
    open: (where: string) => `Go to ${where}`,
    taken: 'The other value stands now.',
    restored: 'It is back.',
    late: 'That is no longer possible: somebody decided meanwhile. The notice is put away.',
    dismissAll: 'Dismiss all',
    more: (count: number) => `And ${count} more: see the list at the top.`,
  },
};
