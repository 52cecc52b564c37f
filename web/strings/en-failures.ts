// By the code of a problem: what it means for somebody who looks at the page, where the API's own sentence speaks to programs.

export const failures = {
  invalid_config: 'Fix the issues below, then refresh.',
  document_moved:
    'Someone has changed this in the meantime, and theirs was left as it is. Refresh: what you see is what is done.',
  version_unknown: 'Your last edits have not reached the server yet. Try again in a moment.',
  approval_outdated: 'The changes are different now. Review them again, then approve.',
  apply_missed: 'The time it was to go at has passed. Choose a later one.',
  unreachable: 'The server is unreachable. Your edits are kept; try again when it is back.',
};
