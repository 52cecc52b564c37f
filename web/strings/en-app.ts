// Sentences of the frame around all screens: the door, the navigation, the state of the connection, the command palette.
import { plural } from './plural.ts';

const edits = (count: number): string => plural(count, 'edit');

export const app = {
  name: 'hakiri-control',
  skip: 'Skip to the content',
  nav: 'Main',
  pipelines: 'Pipelines',
  variables: 'Variables',
  changes: 'Changes',
  revisions: 'Revisions',
  runs: 'Runs',
  daemons: 'Daemons',
  admin: 'Admin',
  openNav: 'Open the navigation',
  account: (name: string) => `${name}: account and settings`,
  signOut: 'Sign out',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  here: (names: string) => `Also here: ${names}`,
  documents: 'Documents of this team',
  door: {
    title: 'Sign in',
    explain: 'Open the sign-in link that you were given, or paste it here.',
    label: 'Link or code',
    submit: 'Sign in',
    hint: 'No link? A colleague makes one under Admin. On the server, the first start prints one.',
    name: 'Your name',
    nameHint: 'Your colleagues see it beside what you edit.',
    ended: 'Your session has ended. Sign in again: what you typed is kept on this device.',
    signedOut:
      'You are signed out. What you typed and was not sent yet is kept on this device for when you are back.',
    badLink:
      'This link does not work any more: it was used, was taken back, or has expired. A link works once.',
    badLinkWay:
      'Ask whoever sent it for a new one (Admin, Invitations), or paste another here. On the server, a restart prints a link for the owner.',
    welcome: 'You are invited. How shall your colleagues see you?',
    join: 'Join',
    instead: (me: string) =>
      `You are signed in as ${me}. This link signs you in as somebody else: use it only if you asked for it.`,
    useInstead: 'Use this link instead',
    stay: 'Not now: stay signed in as you are',
    otherLink: 'Use another link',
  },
  opening: 'Opening the document…',
  notConnected: 'Not connected',
  status: {
    saved: 'Saved',
    saving: (count: number) => `Saving ${edits(count)}…`,
    offline: 'Offline',
    offlineKept: (count: number) =>
      count === 0
        ? 'Offline. What you do is kept on this device and sent when the server is back.'
        : `Offline. ${edits(count)} kept on this device, sent when the server is back.`,
    offlineLost: (count: number) =>
      count === 0
        ? 'Offline. This browser keeps nothing: do not close the page with edits in it.'
        : `Offline. ${edits(count)} are only in this page: do not close it.`,
    readOnly: 'Read only',
    readOnlyWhy: 'Your role reads this document and does not edit it.',
    readOnlyUnsaved: (count: number) => `Read only, ${count} unsent`,
    archived: 'Archived',
    archivedUnsaved: (count: number) => `Archived, ${count} unsent`,
    unsent: {
      role: (count: number) =>
        `Your role reads this document now: ${edits(count)} of yours were not sent. They leave by themselves once an admin gives you a role that may edit.`,
      archived: (count: number) =>
        `${edits(count)} of yours were not sent. They leave by themselves once it is taken back.`,
      kept: 'Until then they are kept on this device.',
      lost: 'They are only in this page: do not close it.',
    },
    archivedWhy: (title: string) => `${title} was archived: it is read, not edited.`,
    archivedWay: 'Somebody who may edit can take it back.',
    takeBack: 'Take it back',
    takenBack: (title: string) => `${title} is back.`,
    refused: 'Refused',
    refusedWhy: (code: string) => `The server does not take edits from this page any more (${code}).`,
    unsaved: (count: number) => `${edits(count)} of yours are not on the server.`,
    look: 'Look at them',
    giveUp: 'Give them up',
    update: 'Update needed',
    updateWhy: 'This page is older than the server. Please update it.',
    updateNow: 'Update the page',
    blocked: 'Waiting',
    blockedWhy:
      'Your last edits build on those of somebody who has not come back yet. They leave as soon as that happens.',
    blockedSkip: 'Do not wait',
    review: 'To review',
    reviewWhy: (count: number) =>
      `${plural(count, 'change')} of yours could not be merged as they were, as this device was away for long.`,
    closed: 'Closed',
  },
  palette: {
    open: 'Search and commands',
    placeholder: 'Search pipelines, or type a command',
    none: 'Nothing is called that.',
    commands: 'Commands',
    pipelines: 'Pipelines',
    go: (where: string) => `Go to ${where}`,
  },
  shortcuts: {
    title: 'Keyboard shortcuts',
    open: 'Show keyboard shortcuts',
  },
  notFound: {
    title: 'There is nothing here',
    explain: 'The address may be mistyped, or what it named is gone.',
    back: 'To the pipelines',
  },
  broken: {
    title: 'This screen has failed',
    explain: 'What you typed is safe. Load the page again; if it happens again, tell us what is below.',
    reload: 'Load again',
  },
  live: {
    label: (label: string) => `live: ${label}`,
    nothing: 'nothing live yet',
    hint: 'What daemons run. See all revisions.',
    applied: (label: string, who: string, message: string) =>
      message === '' ? `${label} applied by ${who}` : `${label} applied by ${who}: ${message}`,
    look: 'Look',
  },
};
