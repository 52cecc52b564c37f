// Sentences about the documents of a team.

export const documents = {
  switcher: (title: string): string => `Document ${title}: switch`,
  all: 'All documents…',
  title: 'Documents of this team',
  explain: 'Each is edited by itself; an Apply takes its part of what the whole team has live.',
  open: 'Open',
  opened: 'Open now',
  rename: 'Rename',
  archive: 'Archive',
  takeBack: 'Take back',
  archived: 'Archived: read, not edited',
  showArchived: 'Show archived documents',
  archiving: {
    title: (title: string): string => `Archive ${title}?`,
    explain:
      'It is read and not edited any more, and leaves the list. What is applied of it runs on. It can be taken back at any time.',
    /** Undefined: it is not the open one. */
    inIt(names: readonly string[] | undefined): string {
      if (names === undefined)
        return 'Whoever is in it right now can type no further; what they have not sent waits.';
      if (names.length === 0) return 'Nobody else is in it right now.';
      const first = names.slice(0, 5).join(', ');
      const who = names.length > 5 ? `${first} and ${names.length - 5} more` : first;
      return `In it right now: ${who}. They can type no further; what they have not sent waits.`;
    },
    confirm: 'Archive',
    done: (title: string): string => `${title} is archived.`,
    takeBack: 'Take it back',
  },
  renameLabel: (title: string): string => `Title of ${title}`,
  renameOf: (title: string): string => `Rename ${title}`,
  archiveOf: (title: string): string => `Archive ${title}`,
  takeBackOf: (title: string): string => `Take back ${title}`,
  openOf: (title: string): string => `Open ${title}`,
  save: 'Save',
  create: 'New document',
  createLegend: 'Make another document',
  name: 'Name',
  nameHint: 'Lower-case letters, digits and hyphens. It stands in addresses and stays.',
  titleLabel: 'Title',
  titleHint: 'What people read. It can be changed.',
  wrongName: 'Lower-case letters, digits and hyphens, no hyphen first or last; at most 40.',
  createSubmit: 'Create and open',
  failed: 'That did not work.',
};
