// Sentences of the frame around all screens: the door, the navigation, the state of the connection, the command palette.
import { plural } from './plural.ts';

const edits = (count: number): string => plural(count, 'edit');

export const app = {
  name: 'hakiri-control',
  skip: 'Skip to content',
  nav: 'Main',
  pipelines: 'Pipelines',
  variables: 'Variables',
  changes: 'Changes',
  revisions: 'Revisions',
  runs: 'Runs',
  daemons: 'Daemons',
  admin: 'Admin',
  openNav: 'Open navigation',
  account: (name: string) => `${name}: account and settings`,
  signOut: 'Sign out',
  tellHidden: 'Notify me when the page is hidden',
  tellDenied:
    'This browser does not allow notifications from here. Allow them in its settings for this site.',
  waitForYou: 'waiting for your approval',
  theme: 'Theme',
  themes: { system: 'System', light: 'Light', dark: 'Dark' },
  here: (names: string) => `Also here: ${names}`,
  documents: 'Documents',
  door: {
    title: 'Sign in',
    explain: 'Open your sign-in link, or paste it here.',
    label: 'Link or code',
    submit: 'Sign in',
    hint: 'No link? Ask a colleague to create one under Admin. The server prints one on its first start.',
    name: 'Your name',
    nameHint: 'Shown to colleagues next to your edits.',
    ended: 'Your session has ended. Sign in again: what you typed is kept on this device.',
    signedOut:
      'You are signed out. What you typed and was not sent yet is kept on this device for when you are back.',
    notACode: {
      cut: 'This link was cut: a part of it is missing. Copy the whole link, and paste it here.',
      too_long:
        'This is no sign-in link: it is too long. A token is for programs, and does not sign in here.',
    },
    badLink: 'This link no longer works: it was used, revoked or has expired. Each link works once.',
    badLinkWay:
      'Ask whoever sent it for a new one (Admin, Invitations), or paste another here. On the server, a restart prints a link for the owner.',
    welcome: 'You are invited. Which name should your colleagues see?',
    join: 'Join',
    instead: (me: string) =>
      `You are signed in as ${me}. This link signs you in as someone else: use it only if you asked for it.`,
    useInstead: 'Use this link instead',
    stay: 'Stay signed in as you are',
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
        ? 'Offline. Your edits are kept on this device and sent when the server is back.'
        : `Offline. ${edits(count)} kept on this device, sent when the server is back.`,
    offlineLost: (count: number) =>
      count === 0
        ? 'Offline. This browser stores nothing: do not close the page while it has edits.'
        : `Offline. ${edits(count)} are only in this page: do not close it.`,
    readOnly: 'Read only',
    readOnlyWhy: 'Your role can read this document but not edit it.',
    readOnlyUnsaved: (count: number) => `Read only, ${count} unsent`,
    archived: 'Archived',
    archivedUnsaved: (count: number) => `Archived, ${count} unsent`,
    unsent: {
      role: (count: number) =>
        `Your role reads this document now: ${edits(count)} of yours were not sent. They are sent automatically once an admin gives you a role that can edit.`,
      archived: (count: number) =>
        `${edits(count)} of yours were not sent. They are sent automatically once it is restored.`,
      kept: 'Until then they are kept on this device.',
      lost: 'They are only in this page: do not close it.',
    },
    archivedWhy: (title: string) => `${title} is archived: it can be read, not edited.`,
    archivedWay: 'Anyone who can edit can restore it.',
    takeBack: 'Restore',
    takenBack: (title: string) => `${title} is restored.`,
    refused: 'Refused',
    refusedWhy: (code: string) => `The server no longer accepts edits from this page (${code}).`,
    unsaved: (count: number) => `${edits(count)} of yours are not on the server.`,
    look: 'Review',
    giveUp: 'Discard them…',
    update: 'Update needed',
    updateWhy: 'This page is older than the server. Please update it.',
    updateNow: 'Update the page',
    blocked: 'Waiting',
    blockedWhy:
      'Your last edits build on those of someone who is still offline. They are sent as soon as those arrive.',
    blockedSkip: 'Do not wait',
    review: 'To review',
    reviewWhy: (count: number) =>
      `${plural(count, 'change')} of yours could not be merged as they were, as this device was away for long.`,
    closed: 'Closed',
  },
  palette: {
    open: 'Search and commands',
    placeholder: 'Search pipelines, or type a command',
    none: 'No results.',
    commands: 'Commands',
    pipelines: 'Pipelines',
    go: (where: string) => `Go to ${where}`,
  },
  shortcuts: {
    title: 'Keyboard shortcuts',
    open: 'Show keyboard shortcuts',
    here: 'On this screen',
    everywhere: 'Everywhere',
    going: 'Go to',
  },
  notFound: {
    title: 'Page not found',
    explain: 'The address may be mistyped, or what it led to is gone.',
    back: 'Go to pipelines',
  },
  news: {
    title: 'News',
    go: 'Go to the news below, and back',
  },
  noDocument: {
    title: (named: string) => `This team has no document “${named}”`,
    explain: 'The address may be mistyped or old. Open one of these instead.',
  },
  broken: {
    title: 'This screen has crashed',
    explain: 'What you typed is safe. Reload the page; if it happens again, report what is below.',
    reload: 'Reload',
  },
  live: {
    label: (label: string) => `Live: ${label}`,
    nothing: 'Nothing live yet',
    hint: 'The revision that daemons run. Open all revisions.',
    applied: (label: string, who: string, message: string) =>
      message === '' ? `${label} applied by ${who}` : `${label} applied by ${who}: ${message}`,
    look: 'View',
  },
};
