// A document log's calls as values, for adapters that take them many at a time: asked for together, answered in order.
import {
  type DocumentId,
  DocumentLogError,
  type DocumentLogErrorKind,
  type LoadedLog,
} from './document-log.ts';

export type LogRequest =
  | { kind: 'open'; id: DocumentId }
  | { kind: 'read'; id: DocumentId }
  | { kind: 'position'; id: DocumentId }
  | { kind: 'append'; id: DocumentId; epoch: number; position: number; entries: readonly Uint8Array[] }
  | { kind: 'compact'; id: DocumentId; epoch: number; position: number; base: Uint8Array }
  | { kind: 'list'; team: string };

export type LogOutcome =
  /** Of `open`, and of `read`, whose epoch is somebody else's. */
  | { kind: 'opened'; loaded: LoadedLog }
  | { kind: 'positioned'; position: number }
  | { kind: 'appended'; position: number }
  | { kind: 'compacted' }
  | { kind: 'listed'; docs: string[] }
  | { kind: 'failed'; error: DocumentLogErrorKind; message: string };

export function failure(error: DocumentLogErrorKind, message: string): LogOutcome {
  return { kind: 'failed', error, message };
}

/** What the error says, as an outcome; one that is not the log's own leaves it open whether the write was stored. */
export function failureOf(error: unknown): LogOutcome {
  if (error instanceof DocumentLogError) return failure(error.kind, error.message);
  return failure('unavailable', `the document log could not be read or written: ${messageOf(error)}`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Bytes a request carries, for the bound of a batch. */
export function sizeOf(request: LogRequest): number {
  if (request.kind === 'append') return request.entries.reduce((total, entry) => total + entry.length, 0);
  return request.kind === 'compact' ? request.base.length : 0;
}
