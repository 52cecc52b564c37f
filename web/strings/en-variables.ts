// Sentences of the variables: where they are used, what a new name breaks, what deleting one leaves.
import { plural } from './plural.ts';

export const variables = {
  title: 'Variables',
  about: 'One value for many pipelines: written once, used as ${NAME}.',
  create: 'New variable',
  name: 'Name',
  value: 'Value',
  comment: 'Comment',
  used: 'Used by',
  actions: 'Actions',
  caption: 'Variables of this document',
  search: 'Find a variable',
  noneFound: 'No variable has that in its name, value or comment.',
  empty: 'No variables yet',
  emptyWhy:
    'A path or an address that several pipelines share is written here once. In a source, a destination or a transform it is ${NAME}; a secret is ${secret:NAME}, and its value is known to the nodes alone.',
  looking: 'Looking through the pipelines…',
  unused: 'Unused',
  uses: (pipelines: number, fields: number) =>
    fields === pipelines
      ? plural(pipelines, 'pipeline')
      : `${plural(pipelines, 'pipeline')}, ${plural(fields, 'field')}`,
  usesOf: (name: string) => `Where ${name} is used`,
  moreUses: (count: number) => `and ${plural(count, 'more pipeline')}`,
  showMore: (count: number) => `Show ${plural(count, 'more variable')}`,
  valueOf: (name: string) => `Value of ${name}`,
  commentOf: (name: string) => `Comment of ${name}`,
  actionsOf: (name: string) => `Actions on ${name}`,
  noName: '(no name)',
  body: (index: number) => `transform ${index}`,
  rename: {
    action: 'Rename…',
    title: (name: string) => `Rename ${name}`,
    label: 'New name',
    hint: 'Capital letters, digits and "_", beginning with a letter.',
    breaks: (pipelines: string) =>
      `${pipelines} would refer to a variable that does not exist, and could not go live.`,
    offer: 'Rename it wherever it is used, as one change',
    unusedSo: 'Nothing refers to it: nothing breaks.',
    confirm: 'Rename',
    done: (from: string, to: string) => `${from} is ${to} now.`,
    doneIn: (from: string, to: string, uses: number) =>
      `${from} is ${to} now, in ${plural(uses, 'field')} too.`,
  },
  remove: {
    action: 'Delete…',
    title: (name: string) => `Delete ${name}?`,
    breaks: (pipelines: string) =>
      `${pipelines} would refer to a variable that does not exist, and could not go live.`,
    offer: 'Put its value in place of it wherever it is used, as one change',
    offerExplain: (value: string) => `The value is now: ${value}`,
    unusedSo: 'Nothing refers to it: nothing breaks.',
    confirm: 'Delete',
    done: (name: string) => `${name} is deleted.`,
    doneIn: (name: string, uses: number) =>
      `${name} is deleted; its value stands in ${plural(uses, 'field')}.`,
  },
  stillLooking: 'Where it is used is not known yet: a moment.',
  undo: 'Undo',
  invalid: 'Write capital letters, digits and "_", beginning with a letter.',
  taken: (name: string) => `There is a variable ${name} already.`,
  lost: 'Somebody has deleted this variable: this edit has nowhere to go.',
};
