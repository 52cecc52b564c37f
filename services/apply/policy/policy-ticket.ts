// Does a message name a ticket? By a pattern that a team writes itself, so it runs on RE2's engine (re2js): its time grows with the
// message and the pattern, never with their combination, and it knows neither look-around nor back references. JavaScript's own
// RegExp would let one pattern such as `(a+)+$` stop the service for every team.
import { RE2JS } from 're2js';

/** Instructions of the compiled pattern. With messages of at most 2,000 characters a search stays in the milliseconds. */
const PROGRAM_LIMIT = 2_000;
const COMPILED_LIMIT = 100;

const compiled = new Map<string, RE2JS>();

/** A sentence that says what is wrong; undefined when it can be used. */
export function patternFault(pattern: string): string | undefined {
  try {
    const size = RE2JS.compile(pattern).programSize();
    if (size <= PROGRAM_LIMIT) return undefined;
    return 'The pattern repeats too much: write smaller counts, such as `{1,10}`.';
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `This is no pattern (${why}). RE2 syntax: no look-around, no back references; \`[A-Z]+-[0-9]+\` finds OPS-7.`;
  }
}

/** Anywhere in the message. A pattern that cannot be used, which no saved policy has, finds nothing. */
export function namesTicket(pattern: string, message: string): boolean {
  let engine = compiled.get(pattern);
  if (engine === undefined) {
    if (patternFault(pattern) !== undefined) return false;
    engine = RE2JS.compile(pattern);
    const [oldest] = compiled.keys();
    if (compiled.size >= COMPILED_LIMIT && oldest !== undefined) compiled.delete(oldest);
    compiled.set(pattern, engine);
  }
  return engine.matcher(message).find();
}
