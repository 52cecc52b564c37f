// A DocumentLog over something that takes many requests at a time: one batch is under way, what is asked for meanwhile goes
// with the next. When nothing was asked for lately the first leaves at the end of the turn, with whatever else the turn asked
// for; while many documents write, it waits a little for company, as a batch costs a flush to disk and two changes of thread.
import { type DocumentLog, DocumentLogError } from './document-log.ts';
import { checkGroup } from './log-group.ts';
import { type LogOutcome, type LogRequest, messageOf, sizeOf } from './log-request.ts';
import { nextTurn } from './next-turn.ts';

export type BatchedLogOptions = {
  /** Answers every request, in order. Rejects when the outcome of all of them is unknown. */
  execute(requests: LogRequest[]): Promise<LogOutcome[]>;
  /** Under load batches leave no closer than this; 0 never waits. */
  paceMs?: number;
};

/** What a write may wait for company, when many documents write: measured at 500, see the README. */
const PACE_MS = 16;
/** For each document of the last batch. */
const ALONE_MS = 2;
/** This many are company enough. */
const COMPANY_REQUESTS = 64;
const BATCH_REQUESTS = 1_024;
const BATCH_BYTES = 8 * 1024 * 1024;
/** Whole documents come back from these. */
const BATCH_OPENS = 8;

type Waiting = { request: LogRequest; resolve(outcome: LogOutcome): void; reject(error: unknown): void };

export function createBatchedLog(options: BatchedLogOptions): DocumentLog & { close(): Promise<void> } {
  const paceMs = options.paceMs ?? PACE_MS;
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastDocuments = new Set<string>();
  let hurry = () => {};
  let closed = false;

  async function flush(): Promise<void> {
    do {
      await company();
      const batch = takeBatch();
      lastMs = performance.now();
      lastDocuments = new Set(batch.map(({ request }) => documentOf(request)));
      await send(batch);
    } while (waiting.length > 0);
    flushing = undefined;
  }

  /** A turn later, so that everything asked for in this one comes along; under load a little later still. */
  function company(): Promise<void> {
    const waitMs = lastMs + Math.min(paceMs, lastDocuments.size * ALONE_MS) - performance.now();
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
    return waiting.every(({ request }) => lastDocuments.has(documentOf(request)));
  }

  /** Somebody waits to see a document, which is worth a flush. */
  function opens(): boolean {
    return waiting.some(({ request }) => request.kind === 'open' || request.kind === 'list');
  }

  function takeBatch(): Waiting[] {
    let bytes = 0;
    let opens = 0;
    let count = 0;
    for (const { request } of waiting) {
      bytes += sizeOf(request);
      opens += request.kind === 'open' || request.kind === 'read' ? 1 : 0;
      if (count > 0 && (count === BATCH_REQUESTS || bytes > BATCH_BYTES || opens > BATCH_OPENS)) break;
      count += 1;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  }

  async function send(batch: Waiting[]): Promise<void> {
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

  function ask(request: LogRequest): Promise<LogOutcome> {
    if (closed) return Promise.reject(new DocumentLogError('unavailable', 'the document log is closed'));
    return new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject });
      flushing ??= flush();
      if (request.kind === 'open' || request.kind === 'list' || waiting.length >= COMPANY_REQUESTS) hurry();
    });
  }

  return {
    open: async (id) => {
      const outcome = await answered(ask({ kind: 'open', id }));
      if (outcome.kind !== 'opened') throw misunderstood(outcome);
      return outcome.loaded;
    },
    append: async (id, epoch, position, entries) => {
      checkGroup(entries);
      if (entries.length === 0) return position;
      const outcome = await answered(ask({ kind: 'append', id, epoch, position, entries }));
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

function documentOf(request: LogRequest): string {
  return request.kind === 'list' ? request.team : `${request.id.team}/${request.id.doc}`;
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
