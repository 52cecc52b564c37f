// A DocumentLog over something that takes many requests at a time: one batch is under way, what is asked for meanwhile goes
// with the next. When nothing was asked for lately the first leaves at the end of the turn, with whatever else the turn asked
// for; while much is written, it waits a little for company, as a batch costs a flush to disk and two changes of thread.
import { type DocumentLog, DocumentLogError, type LogGroup } from './document-log.ts';
import { entriesOf } from './log-group.ts';
import { paceAfter } from './log-pace.ts';
import { type LogOutcome, type LogRequest, messageOf, sizeOf } from './log-request.ts';
import { nextTurn } from './next-turn.ts';

export type BatchedLogOptions = {
  /** Answers every request, in order. Rejects when the outcome of all of them is unknown. */
  execute(requests: LogRequest[]): Promise<LogOutcome[]>;
  /** Under load batches leave no closer than this; 0 never waits. See log-pace.ts. */
  paceMs?: number;
};

/** This many are company enough. */
const COMPANY_REQUESTS = 64;
const BATCH_REQUESTS = 1_024;
const BATCH_BYTES = 8 * 1024 * 1024;
/** Whole documents come back from these. */
const BATCH_OPENS = 8;

/** As a request; what an append has is asked for when it leaves. */
type Asked =
  | Exclude<LogRequest, { kind: 'append' }>
  | (Omit<Extract<LogRequest, { kind: 'append' }>, 'entries'> & { group: LogGroup });
type Waiting = { asked: Asked; resolve(outcome: LogOutcome): void; reject(error: unknown): void };
type Leaving = Omit<Waiting, 'asked'> & { request: LogRequest };

export function createBatchedLog(options: BatchedLogOptions): DocumentLog & { close(): Promise<void> } {
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  /** Entries of the last batch, in all and by document. */
  let lastEntries = 0;
  let lastGroups = new Map<string, number>();
  let hurry = () => {};
  let closed = false;

  async function flush(): Promise<void> {
    do {
      await company();
      const batch = takeBatch();
      lastMs = performance.now();
      lastGroups = new Map(batch.map(({ request }) => [nameOf(request), weightOf(request)]));
      lastEntries = batch.reduce((sum, { request }) => sum + weightOf(request), 0);
      await send(batch);
    } while (waiting.length > 0);
    flushing = undefined;
  }

  /** A turn later, so that everything asked for in this one comes along; under load a little later still. */
  function company(): Promise<void> {
    const waitMs = lastMs + paceAfter(lastEntries, options.paceMs) - performance.now();
    return new Promise((resolve) => {
      if (waitMs <= 0 || closed || waiting.length >= COMPANY_REQUESTS || opens() || onlyAnswered())
        nextTurn(resolve);
      else {
        const timer = setTimeout(resolve, waitMs);
        hurry = () => {
          clearTimeout(timer);
          nextTurn(resolve);
          hurry = () => {};
        };
      }
    });
  }

  /** Who waits had its answer just now: it is alone, asks one thing after the other, and company would never come. */
  function onlyAnswered(): boolean {
    return waiting.every(({ asked }) => lastGroups.get(nameOf(asked)) === 1);
  }

  /** Somebody waits to see a document, which is worth a flush. */
  function opens(): boolean {
    return waiting.some(({ asked }) => asked.kind === 'open' || asked.kind === 'list');
  }

  function takeBatch(): Leaving[] {
    const batch: Leaving[] = [];
    let bytes = 0;
    let opens = 0;
    let taken = 0;
    for (const { asked, resolve, reject } of waiting) {
      if (batch.length === BATCH_REQUESTS || bytes >= BATCH_BYTES || opens === BATCH_OPENS) break;
      taken += 1;
      try {
        const request = made(asked);
        bytes += sizeOf(request);
        opens += request.kind === 'open' || request.kind === 'read' ? 1 : 0;
        if (request.kind === 'append' && request.entries.length === 0)
          resolve({ kind: 'appended', position: request.position });
        else batch.push({ request, resolve, reject });
      } catch (error) {
        reject(error);
      }
    }
    waiting = waiting.slice(taken);
    return batch;
  }

  async function send(batch: Leaving[]): Promise<void> {
    try {
      const outcomes = await options.execute(batch.map(({ request }) => request));
      for (const [at, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[at];
        if (outcome === undefined) reject(new DocumentLogError('unavailable', 'the log did not answer'));
        else resolve(outcome);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  function ask(asked: Asked): Promise<LogOutcome> {
    if (closed) return Promise.reject(new DocumentLogError('unavailable', 'the document log is closed'));
    return new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject });
      flushing ??= flush();
      if (asked.kind === 'open' || asked.kind === 'list' || waiting.length >= COMPANY_REQUESTS) hurry();
    });
  }

  return {
    open: async (id) => {
      const outcome = await answered(ask({ kind: 'open', id }));
      if (outcome.kind !== 'opened') throw misunderstood(outcome);
      return outcome.loaded;
    },
    append: async (id, epoch, position, group) => {
      const outcome = await answered(ask({ kind: 'append', id, epoch, position, group }));
      if (outcome.kind !== 'appended') throw misunderstood(outcome);
      return outcome.position;
    },
    compact: async (id, epoch, position, base) => {
      const outcome = await answered(ask({ kind: 'compact', id, epoch, position, base }));
      if (outcome.kind !== 'compacted') throw misunderstood(outcome);
    },
    read: async (id) => {
      const outcome = await answered(ask({ kind: 'read', id }));
      if (outcome.kind !== 'opened') throw misunderstood(outcome);
      const { epoch: _, ...content } = outcome.loaded;
      return content;
    },
    position: async (id) => {
      const outcome = await answered(ask({ kind: 'position', id }));
      if (outcome.kind !== 'positioned') throw misunderstood(outcome);
      return outcome.position;
    },
    list: async (team) => {
      const outcome = await answered(ask({ kind: 'list', team }));
      if (outcome.kind !== 'listed') throw misunderstood(outcome);
      return outcome.docs;
    },
    close: async () => {
      closed = true;
      hurry();
      await flushing;
    },
  };
}

/** What leaves now. @throws DocumentLogError `too_large` */
function made(asked: Asked): LogRequest {
  if (asked.kind !== 'append') return asked;
  const { group, ...rest } = asked;
  return { ...rest, entries: entriesOf(group) };
}

function weightOf(request: LogRequest): number {
  return request.kind === 'append' ? request.entries.length : 1;
}

function nameOf(asked: Asked | LogRequest): string {
  return asked.kind === 'list' ? asked.team : `${asked.id.team}/${asked.id.doc}`;
}

/** @throws DocumentLogError */
async function answered(asked: Promise<LogOutcome>): Promise<LogOutcome> {
  let outcome: LogOutcome;
  try {
    outcome = await asked;
  } catch (cause) {
    if (cause instanceof DocumentLogError) throw cause;
    throw new DocumentLogError('unavailable', `the document log failed: ${messageOf(cause)}`, { cause });
  }
  if (outcome.kind === 'failed') throw new DocumentLogError(outcome.error, outcome.message);
  return outcome;
}

function misunderstood(outcome: LogOutcome): DocumentLogError {
  return new DocumentLogError(
    'unavailable',
    `the document log answered ${outcome.kind} to something else: open it again`,
  );
}
