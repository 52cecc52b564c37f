// Every sentence of the page stands in this folder, a file for each room: another language is another set of objects of the same
// types. What has a number or a name in it is a function, so that a language can put them where it wants. Here are those of the
// first screen; rooms that are loaded when somebody goes there bring their own.
import { app } from './en-app.ts';
import { diff } from './en-diff.ts';
import { documents } from './en-documents.ts';
import { editor } from './en-editor.ts';
import { form } from './en-form.ts';
import { list } from './en-list.ts';
import { offline } from './en-offline.ts';
import { together } from './en-together.ts';

const parts = {
  close: 'Close',
  cancel: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  dismiss: 'Dismiss',
  more: 'More actions',
  tryAgain: 'Try again',
  loading: 'Loading…',
  stale: 'What is below is from before.',
  loadMore: 'Show more',
  diff,
};

export const strings = {
  parts,
  app,
  documents,
  editor,
  list,
  form,
  together,
  offline,
};
