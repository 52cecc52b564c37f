// The small texts of HTTP that these routes read and write: Prefer, ETag, sequences, idempotency keys.
import { IdempotencyKey } from '@hakiri/contracts/apply';
import type { Revision } from '@hakiri/contracts/revision';
import { TypeCompiler } from '@sinclair/typebox/compiler';

const IDEMPOTENCY_KEY = TypeCompiler.Compile(IdempotencyKey);

export function isIdempotencyKey(header: string | null): header is string {
  return IDEMPOTENCY_KEY.Check(header);
}

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

/** The sequence that a reader says it saw last; undefined when the header is absent or says nothing of ours. */
export function sequenceIn(header: string | null): number | undefined {
  return header !== null && /^[0-9]{1,15}$/.test(header) ? Number(header) : undefined;
}
