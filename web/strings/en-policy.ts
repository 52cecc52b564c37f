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
  about: 'Who has to agree before something goes live, and when nothing may.',
  version: (version: number) =>
    version === 0 ? 'Never saved: nothing is asked of anybody.' : `Version ${version}`,
  savedBy: (name: string) => `saved by ${name}`,
  protected: {
    title: 'Protected groups',
    explain:
      'What changes in these needs so many people besides its author. The group and all below it count.',
    group: 'Group',
    groupHint: 'Empty: everything',
    approvals: 'Approvals',
    add: 'Protect a group',
    remove: (group: string) => `No longer protect ${groupName(group)}`,
    none: 'No group is protected: an Apply goes at once.',
  },
  people: {
    by: 'Who may approve',
    override: 'Who may apply all the same',
    roles: { applier: 'Appliers', admin: 'Admins', owner: 'Owners' },
    users: 'Single members',
    noneMeans: 'With nobody chosen: admins and owners.',
  },
  messages: {
    title: 'Message and ticket',
    require: 'Every Apply needs a message',
    ticket: 'The message names a ticket',
    pattern: 'Pattern',
    patternHint: 'RE2; it has to be found in the message',
    example: 'Example',
    exampleHint: 'Shown to who forgot it',
  },
  freezes: {
    title: 'Freezes',
    explain: 'Nothing goes live then.',
    name: 'Name',
    add: 'Add a freeze',
    remove: (name: string) => `Remove the freeze ${name}`,
    none: 'No freeze.',
    fresh: 'Freeze',
  },
  windows: {
    title: 'Windows',
    explain: 'An Apply goes live only then, and waits for it otherwise.',
    add: 'Add a window',
    remove: (number: number) => `Remove window ${number}`,
    none: 'No windows. Any time will do.',
    number: (number: number) => `Window ${number}`,
  },
  span: {
    kind: 'When',
    between: 'Once',
    recurring: 'Again and again',
    from: 'From',
    until: 'Until',
    cron: 'Begins (cron)',
    timezone: 'Time zone',
    timezoneHint: 'IANA name; UTC when empty',
    minutes: 'Minutes',
  },
  approvals: {
    title: 'Waiting',
    hours: 'Hours until a request that nobody approved is refused',
    hint: 'From 1 to 720.',
  },
  invalid: 'Nothing was saved. Mend what is said below.',
  changedTitle: (name: string) => `${name} saved the policy while you changed it.`,
  changedExplain: 'Nothing of yours was saved. Compare, then decide:',
  theirs: (name: string) => `As ${name} saved it`,
  mine: 'Yours',
  newer: (name: string) => `${name} has saved the policy meanwhile. This is what counts now.`,
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
