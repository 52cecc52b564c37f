// How the document log's requests and answers cross to its worker and back: all bytes of a batch in one buffer that is made
// for the journey and handed over, so nothing is cloned piece by piece and no caller's buffer is ever detached. Large bases are
// memory that threads share.
import type { LoadedLog } from '../document-log.ts';
import type { LogOutcome, LogRequest } from '../log-request.ts';

type Lengths = number[];
type WireRequest =
  | Exclude<LogRequest, { kind: 'append' } | { kind: 'compact' }>
  | (Omit<Extract<LogRequest, { kind: 'append' }>, 'entries'> & { lengths: Lengths })
  | (Omit<Extract<LogRequest, { kind: 'compact' }>, 'base'> & { length: number });
type WireOutcome =
  | Exclude<LogOutcome, { kind: 'opened' }>
  | {
      kind: 'opened';
      loaded: Omit<LoadedLog, 'base' | 'entries'>;
      /** Its length, or itself where it is shared. */
      base: number | Uint8Array | undefined;
      lengths: Lengths;
    };

export type ToWorker =
  | { kind: 'open'; path: string; busyMs: number | undefined; limitPages: number | undefined }
  | { kind: 'batch'; requests: WireRequest[]; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'close' }
  /** Ends the thread as a crash would, for tests. */
  | { kind: 'die' };
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'outcomes'; outcomes: WireOutcome[]; bytes: Uint8Array<ArrayBuffer>; broken: boolean }
  | { kind: 'closed' }
  | { kind: 'failed'; message: string };

export function packRequests(requests: readonly LogRequest[]): {
  requests: WireRequest[];
  bytes: Uint8Array<ArrayBuffer>;
} {
  const parts: Uint8Array[] = [];
  const wire = requests.map((request): WireRequest => {
    if (request.kind === 'append') {
      const { entries, ...rest } = request;
      for (const entry of entries) parts.push(entry);
      return { ...rest, lengths: entries.map(({ length }) => length) };
    }
    if (request.kind === 'compact') {
      const { base, ...rest } = request;
      parts.push(base);
      return { ...rest, length: base.length };
    }
    return request;
  });
  return { requests: wire, bytes: joined(parts) };
}

/** The bytes are views of the one buffer: for the worker, which writes them and forgets them. */
export function unpackRequests(wire: readonly WireRequest[], bytes: Uint8Array): LogRequest[] {
  const take = takerOf(bytes);
  return wire.map((request): LogRequest => {
    if (request.kind === 'append') {
      const { lengths, ...rest } = request;
      return { ...rest, entries: lengths.map(take) };
    }
    if (request.kind === 'compact') {
      const { length, ...rest } = request;
      return { ...rest, base: take(length) };
    }
    return request;
  });
}

export function packOutcomes(outcomes: readonly LogOutcome[]): {
  outcomes: WireOutcome[];
  bytes: Uint8Array<ArrayBuffer>;
} {
  const parts: Uint8Array[] = [];
  const wire = outcomes.map((outcome): WireOutcome => {
    if (outcome.kind !== 'opened') return outcome;
    const { base, entries, ...loaded } = outcome.loaded;
    const isShared = base?.buffer instanceof SharedArrayBuffer;
    if (base !== undefined && !isShared) parts.push(base);
    for (const entry of entries) parts.push(entry);
    const lengths = entries.map(({ length }) => length);
    return { kind: 'opened', loaded, base: isShared ? base : base?.length, lengths };
  });
  return { outcomes: wire, bytes: joined(parts) };
}

/** Bytes of the caller's own, each apart: whoever posts one of them on must not post all. */
export function unpackOutcomes(wire: readonly WireOutcome[], bytes: Uint8Array): LogOutcome[] {
  const take = takerOf(bytes);
  const own = (length: number): Uint8Array => new Uint8Array(take(length));
  return wire.map((outcome): LogOutcome => {
    if (outcome.kind !== 'opened') return outcome;
    const base = typeof outcome.base === 'number' ? own(outcome.base) : outcome.base;
    return { kind: 'opened', loaded: { ...outcome.loaded, base, entries: outcome.lengths.map(own) } };
  });
}

function takerOf(bytes: Uint8Array): (length: number) => Uint8Array {
  let at = 0;
  return (length) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
