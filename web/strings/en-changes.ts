// Sentences of the changes: what is not live, going live, what waits.
import { plural } from './plural.ts';

const pipelines = (count: number): string => plural(count, 'pipeline');

export const changes = {
  title: 'Changes',
  comparing: 'Comparing with what is live…',
  unknown: 'The server is unreachable: this is the last known state.',
  /** Nothing was known since the page was loaded. */
  notKnown: (unsaved: number) =>
    `The server is unreachable: what is live, and what differs from it, is not known here.${unsaved === 0 ? '' : ` ${plural(unsaved, 'edit')} of yours ${unsaved === 1 ? 'is' : 'are'} not sent yet.`}`,
  same: (label: string | undefined) =>
    label === undefined ? 'Nothing has been applied yet.' : `Everything here is live as ${label}.`,
  differs: (count: number, variables: number, label: string | undefined): string => {
    const what = [
      ...(count > 0 ? [pipelines(count)] : []),
      ...(variables > 0 ? [plural(variables, 'variable')] : []),
    ].join(' and ');
    return label === undefined ? `${what} not applied yet` : `${what} changed since ${label}`;
  },
  look: 'Look',

  first: {
    label: 'What an Apply does',
    explain:
      'Nothing has run yet: an Apply makes what is listed here live, and from then on enabled pipelines run by themselves, on their schedules.',
    next: 'Next: Apply… shows what would go live, and asks before anything does.',
    after: 'What happens next',
    runs: 'Runs begin by themselves when they are due.',
    toUpcoming: 'See upcoming runs',
    people: 'Others can edit here with you.',
    toInvite: 'Invite people',
  },

  empty: {
    title: 'No changes to apply',
    same: 'Edit a pipeline: every change is listed here, field by field, until you apply it.',
    none: 'Create or import a pipeline first. Its changes are listed here until you apply them.',
    toPipelines: 'Go to pipelines',
    toRevisions: 'View revisions',
    toUpcoming: 'See upcoming runs',
  },

  list: {
    title: 'Not live yet',
    pick: (id: string) => `Include ${id}`,
    discard: 'Discard',
    discardEntry: (id: string) => `Discard the changes of ${id}`,
    discardField: (id: string, field: string) => `Discard ${field} of ${id}`,
    discardAll: 'Discard all…',
    show: (id: string) => `Show the fields of ${id}`,
    open: (id: string) => `Open ${id}`,
    cosmetic: 'published automatically',
    cosmeticHint:
      'Names, descriptions, tags, groups and comments do not affect runs: they go live a few seconds after the last edit.',
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
      `${plural(count, 'entry', 'entries')} will be as they are live, including what others are typing. You can undo this.`,
    confirm: 'Discard all',
  },
  discardOffline: 'You are offline: nothing can be discarded, as what is live is not known here.',
  discarded: (name: string) => `Discarded: ${name}`,
  discardedMany: (count: number) => `Discarded: ${plural(count, 'entry', 'entries')}`,
  keptSome: (count: number) =>
    `${plural(count, 'entry was', 'entries were')} edited in the meantime and left as they are.`,
  undo: 'Undo',
  undone: (count: number) =>
    count === 0 ? 'Nothing to undo: someone has changed it since.' : 'The discarded edits are back.',

  issues: {
    title: 'Fix before applying',
    warnings: 'Warnings',
    warningsHint: 'Warnings do not block an Apply.',
    warningCount: (count: number) => `${plural(count, 'warning')} (does not block an Apply)`,
    count: (count: number) => plural(count, 'issue'),
    elsewhere: (count: number) =>
      `${plural(count, 'issue')} outside the selection: not in the way of this Apply.`,
    perhaps: (value: string) => `Did you mean ${value}?`,
    takeScope: 'Include these',
    takeAll: 'Apply everything instead',
    more: (count: number) => `And ${plural(count, 'more issue')}.`,
    scope: 'Selection',
  },

  scope: {
    title: 'What to apply',
    all: (count: number | undefined) => (count === undefined ? 'All changes' : `All changes (${count})`),
    group: 'One group',
    groupLabel: 'Group',
    noGroups: 'There are no groups yet.',
    choose: 'Choose a group',
    picked: (count: number | undefined) =>
      count === undefined ? 'Selected changes' : `Selected changes (${count})`,
    pickFirst: 'Select pipelines in the list.',
    tooMany: (limit: number) => `More than ${limit} are selected: choose a group, or all changes.`,
    variables: 'Variables are applied with the pipelines that use them.',
    inGroup: (count: number) => `${plural(count, 'change')} in it, including deletions`,
  },

  apply: {
    open: 'Apply…',
    command: 'Apply…',
    mayNot: 'Your role cannot apply changes. Ask someone with the applier role.',
    offline: 'You are offline: nothing can be applied. Your edits are kept and sent when the server is back.',
    title: 'Apply changes',
    looking: 'Preparing the preview…',
    becomes: (kinds: string, label: string, from: string) => `From ${from} to ${label}: ${kinds}.`,
    first: (count: string, label: string) => `${count} will go live for the first time, as ${label}.`,
    unchanged: (label: string) => `Nothing selected differs from ${label}.`,
    count: (count: number, variables: number): string =>
      [
        ...(count > 0 ? [pipelines(count)] : []),
        ...(variables > 0 ? [plural(variables, 'variable')] : []),
      ].join(' and ') || 'Nothing',
    message: 'Message',
    messageHint: 'Optional: what changes and why. Shown with the revision.',
    ticket: 'Ticket',
    ticketHint: 'Added in front of the message.',
    when: 'When',
    now: 'Now',
    at: 'At a set time',
    window: 'In the next window',
    timeLabel: 'Time',
    timeHint: (zone: string) => `On your clock (${zone}). Within the next 90 days.`,
    timeFirst: 'Choose a time to schedule it.',
    timePast: 'This time has passed: choose a later one.',
    latest: 'Apply the document as it is then',
    override: 'Apply despite the freeze',
    overrideHint: 'Only for those the freeze names. It is recorded with your message.',
    submit: (label: string) => `Apply ${label}`,
    ask: 'Request approval',
    schedule: 'Schedule',
    applying: 'Applying…',
    again: 'Refresh',
    outdated: 'The document has changed since this preview.',
    published: (label: string) => `${label} was applied in the meantime: this preview is out of date.`,
    needs: (group: string, given: number, approvals: number) =>
      `${group === '' ? 'Everything' : group} is protected: ${given} of ${plural(approvals, 'approval')} given.`,
    needsExplain: 'It goes live once others have approved exactly this.',
    waits: 'The policy allows it from',
    refused: 'Nothing was published.',
    unheard:
      'No answer: it is not known whether this was published. It is looked up by itself when the server is back.',
    underWay: 'The server has this Apply and goes on by itself: it is not published yet.',
    neverArrived: 'This did not reach the server: try again.',
    lookAgain: 'Look again',
    failedBehind: (why: string) => `Your Apply was refused: nothing was published. ${why}`,
    unheardBehind: 'Your Apply has no answer. Revisions say whether it went live.',
    queued: 'Your Apply is queued: see Changes.',
    close: 'Close',
    done: (label: string, count: number) => `${label} is live, with ${pipelines(count)}.`,
    same: (label: string) => `Nothing differs from ${label}.`,
    toRevision: 'View revision',
    waitsForPeople: 'Waiting for approval. It goes live automatically once approved.',
    waitsForTime: 'It goes live at',
    cancelHint: 'You can cancel it under “Pending”.',
  },

  hidden: {
    toApprove: (name: string) => `${name} asks for your approval`,
    approved: 'Your Apply was approved',
    rejected: (why: string) => `Your Apply was rejected: ${why}`,
    live: (label: string) => (label === '' ? 'Your Apply is live' : `Your Apply is live as ${label}`),
    failed: (why: string | undefined) =>
      why === undefined ? 'Your Apply failed' : `Your Apply failed: ${why}`,
  },

  waiting: {
    title: 'Pending',
    none: 'Nothing is waiting for approval or scheduled.',
    unknown: 'The server is unreachable: this is the last known state.',
    notKnown: 'The server is unreachable: what waits is not known here.',
    approval: 'waiting for approval',
    scheduled: 'goes live',
    pending: 'being applied',
    refused: 'did not go live',
    refusedYours: 'Your Apply did not go live.',
    refusedOf: (name: string) => `The Apply of ${name} did not go live.`,
    moved:
      'Someone edited it after it was scheduled. Look at it and schedule it again, or choose “Apply the document as it is then”.',
    missed: 'Its time passed while the server could not let it go. Apply it now, or schedule it again.',
    toChanges: 'View changes',
    dismiss: 'Dismiss',
    dismissOf: (what: string) => `Dismiss: ${what}`,
    look: 'View',
    lookAt: (who: string) => `View the Apply of ${who}`,
    by: (name: string) => `by ${name}`,
    noMessage: 'No message',
    title2: (name: string) => `Apply of ${name}`,
    all: 'Everything',
    group: (group: string) => `Group ${group}`,
    some: (names: string, more: number) => (more === 0 ? names : `${names} and ${more} more`),
    expires: 'Expires',
    asked: 'Requested',
    scope: 'Scope',
    changes: 'Changes',
    when: 'When',
    approvals: 'Approvals',
    void: '(of an earlier version: does not count)',
    changed: 'The changes are different now: earlier approvals do not count.',
    unavailable: (why: string) => `The changes cannot be shown: ${why}`,
    own: 'Someone else has to approve this: you cannot approve your own.',
    reason: 'Reason',
    reasonHint: 'Required to reject.',
    approve: 'Approve',
    reject: 'Reject',
    cancel: 'Cancel this Apply',
    rejectNeedsReason: 'Give a reason to reject it.',
    approvedNews: 'Approved.',
    rejectedNews: 'Rejected.',
    cancelledNews: 'Cancelled: nothing was published.',
  },
};
