// Applies that had waited, for people or for a time, and did not go live: whom each concerns.
import type { RequestSummary } from '@hakiri/contracts/approval';

type Refused = Pick<RequestSummary, 'id' | 'author' | 'problem'>;

/** Whoever cancelled their own knows. The server's sentence begins with who did it. */
export function isToTell({ author, problem }: Refused): boolean {
  return problem?.code !== 'apply_cancelled' || !problem.detail.startsWith(`${author} `);
}

/** Between two answers; of the first of all nothing is news. */
export function newlyRefused<Of extends Refused>(
  before: readonly Of[] | undefined,
  after: readonly Of[],
): Of[] {
  if (before === undefined) return [];
  const known = new Set(before.map(({ id }) => id));
  return after.filter((one) => !known.has(one.id) && isToTell(one));
}
