// By the code of a problem: what it means for somebody who looks at the page, where the API's own sentence speaks to programs.

export const failures = {
  invalid_config: 'Mend the issues below, then look again.',
  document_moved:
    'Somebody edited what you were about to apply. Look at it again: what you see is what goes live.',
  version_unknown: 'Your last edits have not arrived at the server yet. Try again in a moment.',
  approval_outdated: 'What it would change is another by now. Look at it again, then approve what you see.',
  unreachable: 'Nobody answers. Your edits are kept; try again when the server is back.',
};
