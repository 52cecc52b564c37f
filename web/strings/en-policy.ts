// Sentences about the policy of Apply.
import type { ApplyPolicy, People, TimeSpan } from '@hakiri/contracts/policy';
import { plural } from './plural.ts';

const everything = 'everything';
const groupName = (group: string): string => (group === '' ? everything : group);

function span(when: TimeSpan): string {
  if (when.kind === 'between') return `from ${when.from} until ${when.until}`;
  return `${when.minutes} min from each ${when.cron} (${when.timezone || 'UTC'})`;
}

function who(people: People | undefined, nameOf: (user: string) => string): string {
  const { roles = [], users = [] } = people ?? {};
  const names = [...roles.map((role) => `${role}s`), ...users.map(nameOf)];
  return names.length === 0 ? 'admins and owners' : names.join(', ');
}

export const policy = {
  title: 'Apply policy',
  about: 'Who has to approve changes, and when they may go live.',
  version: (version: number) =>
    version === 0 ? 'Not set up: changes can be applied at any time.' : `Version ${version}`,
  savedBy: (name: string) => `saved by ${name}`,
  protected: {
    title: 'Protected groups',
    explain:
      'Changes in these groups, and all groups below, need approval from people other than the author.',
    group: 'Group',
    groupHint: 'Leave empty for everything',
    approvals: 'Approvals',
    add: 'Protect a group',
    remove: (group: string) => `No longer protect ${groupName(group)}`,
    none: 'No protected groups: changes need no approval.',
  },
  people: {
    by: 'Who may approve',
    override: 'Who may apply anyway',
    roles: { applier: 'Appliers', admin: 'Admins', owner: 'Owners' },
    users: 'Individual members',
    noneMeans: 'If none is chosen: admins and owners.',
  },
  messages: {
    title: 'Message and ticket',
    require: 'Require a message',
    ticket: 'Require a ticket in the message',
    pattern: 'Pattern',
    patternHint: 'RE2 expression that the message must contain',
    example: 'Example',
    exampleHint: 'Shown when the ticket is missing',
  },
  freezes: {
    title: 'Freezes',
    explain: 'Nothing can go live during a freeze.',
    name: 'Name',
    add: 'Add a freeze',
    remove: (name: string) => `Remove the freeze ${name}`,
    none: 'No freezes.',
    fresh: 'Freeze',
  },
  windows: {
    title: 'Apply windows',
    explain: 'Changes go live only within a window, and wait for the next one otherwise.',
    add: 'Add a window',
    remove: (number: number) => `Remove window ${number}`,
    none: 'No windows: changes can go live at any time.',
    number: (number: number) => `Window ${number}`,
  },
  span: {
    kind: 'When',
    between: 'Once',
    recurring: 'Recurring',
    from: 'From',
    until: 'Until',
    cron: 'Starts (cron)',
    timezone: 'Time zone',
    timezoneHint: 'IANA name; leave empty for UTC',
    minutes: 'Duration (minutes)',
  },
  approvals: {
    title: 'Expiry',
    hours: 'Hours until an unapproved request expires',
    hint: 'From 1 to 720.',
  },
  invalid: 'Not saved. Fix the issues below.',
  changedTitle: (name: string) => `${name} saved the policy while you were editing it.`,
  changedExplain: 'Your changes are not saved. Compare, then decide:',
  theirs: (name: string) => `As ${name} saved it`,
  mine: 'Yours',
  newer: (name: string) => `${name} has changed the policy. This is the new version.`,
  /** The whole of it in sentences, to compare two. */
  lines(of: ApplyPolicy, nameOf: (user: string) => string): string[] {
    return [
      ...of.protected.map(
        ({ group, approvals, by }) =>
          `${groupName(group)} needs ${plural(approvals, 'approval')} by ${who(by, nameOf)}`,
      ),
      of.requireMessage ? 'every Apply needs a message' : 'no message is needed',
      ...(of.ticket ? [`the message has ${of.ticket.pattern}`] : []),
      ...of.freezes.map(
        ({ name, when, override }) => `freeze ${name}: ${span(when)}, but for ${who(override, nameOf)}`,
      ),
      ...(of.windows
        ? [
            ...of.windows.open.map((when) => `window: ${span(when)}`),
            `outside of windows: ${who(of.windows.override, nameOf)}`,
          ]
        : []),
      `a request waits ${plural(of.approvalHours, 'hour')}`,
    ];
  },
};
