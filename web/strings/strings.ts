// Every sentence of the page, in one object by room: another language is another object of the same type. What has a number or a
// name in it is a function, so that a language can put them where it wants.
import { admin } from './en-admin.ts';
import { app } from './en-app.ts';
import { changes } from './en-changes.ts';
import { diff } from './en-diff.ts';
import { documents } from './en-documents.ts';
import { editor } from './en-editor.ts';
import { form } from './en-form.ts';
import { list } from './en-list.ts';
import { offline } from './en-offline.ts';
import { policy } from './en-policy.ts';
import { revisions } from './en-revisions.ts';
import { runs } from './en-runs.ts';
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
  changes,
  revisions,
  runs,
  admin,
  policy,
  offline,
};
export type Strings = typeof strings;
