// Subjects and patterns of the bus: dot-separated tokens; in a pattern `*` stands for one token and a final `>` for one or more.
// Tokens are kept to characters that mean nothing to any adapter, so none has to escape them.

const SUBJECT = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
const PATTERN = /^(?:[A-Za-z0-9_-]+|\*)(?:\.(?:[A-Za-z0-9_-]+|\*))*(?:\.>)?$/;
const SUBJECT_LIMIT_CHARS = 512;

/** @throws TypeError: subjects are made by our own code, so a wrong one is a bug. */
export function checkSubject(subject: string): void {
  if (!SUBJECT.test(subject) || subject.length > SUBJECT_LIMIT_CHARS)
    throw new TypeError(`not a subject: ${subject}`);
}

/** @throws TypeError */
export function checkPattern(pattern: string): void {
  if (!PATTERN.test(pattern) || pattern.length > SUBJECT_LIMIT_CHARS)
    throw new TypeError(`not a subject pattern: ${pattern}`);
}

/** @throws TypeError */
export function matcher(pattern: string): (subject: string) => boolean {
  checkPattern(pattern);
  if (!pattern.includes('*') && !pattern.endsWith('>')) return (subject) => subject === pattern;
  const expected = pattern.split('.');
  const open = expected.at(-1) === '>';
  return (subject) => {
    const tokens = subject.split('.');
    if (open ? tokens.length < expected.length : tokens.length !== expected.length) return false;
    return expected.every((token, at) => token === '*' || token === '>' || token === tokens[at]);
  };
}
