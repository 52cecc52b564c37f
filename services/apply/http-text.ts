// The small texts of HTTP that these routes read and write: Prefer, If-None-Match, Last-Event-ID.
import type { Revision } from '@hakiri/contracts/apply';

/** Milliseconds that `Prefer: wait=<s>` or `respond-async` asks for; undefined when it asks for neither. RFC 7240. */
export function preferredWaitMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const wait = /(?:^|[,;\s])wait\s*=\s*"?([0-9]{1,9})"?/i.exec(header)?.[1];
  if (wait !== undefined) return Number(wait) * 1000;
  return /(?:^|[,;\s])respond-async(?:$|[,;\s])/i.test(header) ? 0 : undefined;
}

export function etagOf(revision: Revision): string {
  return `"${revision.digest}"`;
}

/** Whether the reader has what `etag` names. RFC 9110: a list, weakly compared. */
export function hasEtag(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/** The revision a stream's reader saw last; undefined when the header is absent or says nothing of ours. */
export function lastSeen(lastEventId: string | null): number | undefined {
  return lastEventId !== null && /^[0-9]{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
}
