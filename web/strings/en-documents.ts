// Sentences about the documents of a team.

export const documents = {
  switcher: (title: string): string => `Document ${title}: switch`,
  all: 'All documents…',
  title: 'Documents',
  explain: 'Each document is edited and applied on its own; together they make up what is live.',
  open: 'Open',
  opened: 'Current',
  rename: 'Rename',
  archive: 'Archive',
  takeBack: 'Restore',
  archived: 'Archived, read-only',
  showArchived: 'Show archived documents',
  archiving: {
    title: (title: string): string => `Archive ${title}?`,
    explain:
      'It becomes read-only and leaves the list. What is applied keeps running. It can be restored at any time.',
    /** Undefined: it is not the open one. */
    inIt(names: readonly string[] | undefined): string {
      if (names === undefined) return 'Anyone in it right now can no longer edit; their unsent edits wait.';
      if (names.length === 0) return 'Nobody else is in it right now.';
      const first = names.slice(0, 5).join(', ');
      const who = names.length > 5 ? `${first} and ${names.length - 5} more` : first;
      return `In it right now: ${who}. They can no longer edit; their unsent edits wait.`;
    },
    confirm: 'Archive',
    done: (title: string): string => `${title} is archived.`,
    takeBack: 'Restore',
  },
  renameLabel: (title: string): string => `Title of ${title}`,
  renameOf: (title: string): string => `Rename ${title}`,
  archiveOf: (title: string): string => `Archive ${title}`,
  takeBackOf: (title: string): string => `Restore ${title}`,
  openOf: (title: string): string => `Open ${title}`,
  save: 'Save',
  create: 'New document',
  createLegend: 'New document',
  name: 'Name',
  nameHint: 'Lower-case letters, digits and hyphens. Used in links; cannot be changed later.',
  titleLabel: 'Title',
  titleHint: 'Shown to people. Can be changed later.',
  wrongName: 'Lower-case letters, digits and hyphens, no hyphen first or last; at most 40.',
  createSubmit: 'Create and open',
  failed: 'That did not work.',
};
