// Sentences of the changes: what is not live, going live, what waits.
import { plural } from './plural.ts';

const pipelines = (count: number): string => plural(count, 'pipeline');

export const changes = {
  title: 'Changes',
  comparing: 'Comparing with what is live…',
  unknown: 'Nobody answers: this is how it was when the server was last heard of.',
  same: (label: string | undefined) =>
    label === undefined ? 'Nothing has been applied yet.' : `Everything here is live as ${label}.`,
  differs: (count: number, variables: number, label: string | undefined): string => {
    const what = [
      ...(count > 0 ? [pipelines(count)] : []),
      ...(variables > 0 ? [plural(variables, 'variable')] : []),
    ].join(' and ');
    return label === undefined
      ? `${what} to apply for the first time`
      : `${what} not live yet, beside ${label}`;
  },
  look: 'Look',

  empty: {
    title: 'Nothing waits to go live',
    same: 'Edit a pipeline: what you change is listed here, field by field, before it goes live with Apply.',
    none: 'Make or import a pipeline first. Here you see what would go live, and apply it.',
    toPipelines: 'To the pipelines',
    toRevisions: 'See what was applied',
  },

  list: {
    title: 'Not live yet',
    pick: (id: string) => `Pick ${id} to go live`,
    discard: 'Discard',
    discardEntry: (id: string) => `Discard the changes of ${id}`,
    discardField: (id: string, field: string) => `Discard ${field} of ${id}`,
    discardAll: 'Discard all…',
    show: (id: string) => `Show the fields of ${id}`,
    open: (id: string) => `Open ${id}`,
    cosmetic: 'publishes by itself',
    cosmeticHint:
      'Names, descriptions, tags, groups and comments change nothing that runs: they go live some seconds after you rest.',
    variable: 'variable',
    variableHint: 'Goes live with the pipelines that use it, or with everything.',
    by: (name: string) => `by ${name}`,
    fields: (count: number) => plural(count, 'field'),
    next: 'Next change',
    previous: 'Previous change',
    discardFocused: 'Discard the change in focus',
    pickFocused: 'Pick the change in focus',
  },
  discardAll: {
    title: 'Discard all changes?',
    explain: (count: number) =>
      `${plural(count, 'entry', 'entries')} will be as they are live. What others are typing goes too; you can undo it right after.`,
    confirm: 'Discard all',
  },
  discardOffline: 'Without a server nothing can be discarded: what is live is not known here.',
  discarded: (name: string) => `Discarded: ${name}`,
  discardedMany: (count: number) => `Discarded: ${plural(count, 'entry', 'entries')}`,
  keptSome: (count: number) =>
    `${plural(count, 'entry was', 'entries were')} edited meanwhile and stayed as they are. Look again.`,
  undo: 'Undo',
  undone: (count: number) =>
    count === 0 ? 'Nothing to undo: somebody changed it since.' : 'The discarded edits are back.',

  issues: {
    title: 'To mend before Apply',
    warnings: 'Worth a look',
    count: (count: number) => plural(count, 'issue'),
    perhaps: (value: string) => `Perhaps ${value}?`,
    takeScope: 'Take these along',
    takeAll: 'Apply everything instead',
    more: (count: number) => `And ${plural(count, 'more issue')}.`,
    scope: 'What was chosen',
  },

  scope: {
    title: 'What goes live',
    all: (count: number) => `Everything (${plural(count, 'entry', 'entries')})`,
    group: 'A group',
    groupLabel: 'Group',
    noGroups: 'There is no group yet.',
    choose: 'Choose a group',
    picked: (count: number) => `Picked in the list (${count})`,
    pickFirst: 'Pick pipelines in the list.',
    tooMany: (limit: number) => `More than ${limit} were picked: choose a group, or everything.`,
    variables: 'Variables go along with the pipelines that use them.',
    inGroup: (count: number) => `${plural(count, 'change')} in it, and what was deleted from it`,
  },

  apply: {
    open: 'Apply…',
    command: 'Apply…',
    mayNot: 'Your role may edit, and not apply. Somebody with the role applier publishes it.',
    offline: 'Without a server nothing goes live. Your edits are kept, and sent when it is back.',
    title: 'What goes live',
    looking: 'Looking at what would go live…',
    becomes: (count: string, label: string, from: string) => `${count} will change from ${from} to ${label}.`,
    first: (count: string, label: string) => `${count} will go live for the first time, as ${label}.`,
    unchanged: (label: string) => `Nothing that was chosen differs from ${label}.`,
    count: (count: number, variables: number): string =>
      [
        ...(count > 0 ? [pipelines(count)] : []),
        ...(variables > 0 ? [plural(variables, 'variable')] : []),
      ].join(' and ') || 'Nothing',
    message: 'Message',
    messageHint: 'What changes, and why. Everybody reads it beside the revision.',
    ticket: 'Ticket',
    ticketHint: 'Goes in front of the message.',
    when: 'When',
    now: 'Now',
    at: 'At a time',
    window: 'In the next window',
    timeLabel: 'Time',
    timeHint: (zone: string) => `On your clock (${zone}). Within the next 90 days.`,
    latest: 'Take what the document holds then',
    override: 'Apply in spite of the freeze',
    overrideHint: 'For those whom the freeze names. It is on record, with your message.',
    submit: (label: string) => `Apply ${label}`,
    ask: 'Ask for approval',
    schedule: 'Plan it',
    applying: 'Applying: checking, publishing…',
    again: 'Look again',
    outdated: 'The document changed since you looked at it.',
    published: (label: string) => `${label} was applied meanwhile, so this would become another difference.`,
    needs: (group: string, given: number, approvals: number) =>
      `${group === '' ? 'Everything' : group} is protected: ${given} of ${plural(approvals, 'approval')} given.`,
    needsExplain: 'It waits until others approve exactly this.',
    waits: 'The policy lets it go later:',
    refused: 'Nothing was published.',
    close: 'Close',
    done: (label: string, count: number) => `${label} is live, with ${pipelines(count)}.`,
    same: (label: string) => `Nothing differed from ${label}: it stays as it is.`,
    toRevision: 'See the revision',
    waitsForPeople: 'It waits for approval, and goes live by itself when it has it.',
    waitsForTime: 'It goes live at',
    cancelHint: 'It is listed under “Waiting”, where you can cancel it.',
  },

  waiting: {
    title: 'Waiting',
    none: 'Nothing waits for approval or for a time.',
    unknown: 'Nobody answers: this is how it was when the server was last heard of.',
    approval: 'waits for approval',
    scheduled: 'goes live',
    pending: 'being applied',
    look: 'Look',
    lookAt: (who: string) => `Look at the Apply of ${who}`,
    by: (name: string) => `by ${name}`,
    noMessage: 'No message',
    title2: (name: string) => `Apply of ${name}`,
    all: 'Everything',
    group: (group: string) => `Group ${group}`,
    some: (names: string, more: number) => (more === 0 ? names : `${names} and ${more} more`),
    expires: 'Refused if nobody approves it before',
    asked: 'Asked for',
    scope: 'What',
    when: 'When',
    approvals: 'Approvals',
    approved: (name: string, reason: string) => (reason === '' ? name : `${name}: ${reason}`),
    void: '(of something else by now: it does not count)',
    changed: 'What it would change is another by now: approvals of before do not count.',
    unavailable: (why: string) => `What it would change cannot be shown now: ${why}`,
    own: 'Somebody else has to approve it: nobody approves their own.',
    reason: 'Reason',
    reasonHint: 'For a rejection say why.',
    approve: 'Approve',
    reject: 'Reject',
    cancel: 'Cancel this Apply',
    rejectNeedsReason: 'Say why you reject it.',
    approvedNews: 'Approved.',
    rejectedNews: 'Rejected.',
    cancelledNews: 'Cancelled: nothing was published.',
  },

  failures: {
    invalid_config: 'Mend the issues below, then look again.',
    document_moved:
      'Somebody edited what you were about to apply. Look at it again: what you see is what goes live.',
    version_unknown: 'Your last edits have not arrived at the server yet. Try again in a moment.',
    approval_outdated: 'What it would change is another by now. Look at it again, then approve what you see.',
    unreachable: 'Nobody answers. Your edits are kept; try again when the server is back.',
  },
};
