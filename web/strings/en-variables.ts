// Sentences of the variables: where they are used, what a new name breaks, what deleting one leaves.
import { plural } from './plural.ts';

export const variables = {
  title: 'Variables',
  about: 'Shared values, used in pipelines as ${NAME}.',
  create: 'New variable',
  name: 'Name',
  value: 'Value',
  comment: 'Comment',
  used: 'Used by',
  actions: 'Actions',
  caption: 'Variables of this document',
  search: 'Search variables',
  noneFound: 'No variable matches.',
  empty: 'No variables yet',
  emptyWhy:
    'Define a path or URL once and use it as ${NAME} in any source, destination or transform. Secrets are written ${secret:NAME}: only nodes know their values.',
  looking: 'Checking usage…',
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
    offer: 'Also rename it wherever it is used',
    unusedSo: 'Nothing uses it.',
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
    offer: 'Replace it with its value wherever it is used',
    offerExplain: (value: string) => `The value is now: ${value}`,
    unusedSo: 'Nothing uses it.',
    confirm: 'Delete',
    done: (name: string) => `${name} is deleted.`,
    doneIn: (name: string, uses: number) =>
      `${name} is deleted; its value stands in ${plural(uses, 'field')}.`,
  },
  stillLooking: 'Usage is still being checked. One moment.',
  undo: 'Undo',
  invalid: 'Use capital letters, digits and "_", starting with a letter.',
  taken: (name: string) => `A variable ${name} already exists.`,
  lost: 'Someone has deleted this variable: this edit cannot be saved.',
};
