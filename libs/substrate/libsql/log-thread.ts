// Starts, asks and ends the document log's worker. When it dies, or says that it cannot trust its database any more, what is
// under way fails; the next `open` of a document starts another, which reads the truth from the files. Nothing else
// does: a writer whose append failed must not go on as if nothing had been.
import { DocumentLogError } from '../document-log.ts';
import type { LogOutcome, LogRequest } from '../log-request.ts';
import { nextTurn } from '../next-turn.ts';
import { type FromWorker, packRequests, type ToWorker, unpackOutcomes } from './log-wire.ts';

export type LogThreadOptions = {
  path: string;
  /** How long a write waits for another connection's lock. */
  busyMs?: number;
  /** At this size the log is full; left out, the disk is the bound. */
  limitPages?: number;
};

export type LogThread = {
  execute(requests: LogRequest[]): Promise<LogOutcome[]>;
  /** Closes the database and ends the thread. Call it when nothing is under way. */
  close(): Promise<void>;
  /** Ends it as a crash would, for tests. */
  kill(): void;
};

/** A log that cannot be opened is tried again, but not in a loop. */
const RESTART_MS = 250;

type Running = { worker: Worker; ask(message: ToWorker, transfer?: Transferable[]): Promise<FromWorker> };

/** @throws DocumentLogError `unavailable` when the database cannot be opened. */
export async function startLogThread(options: LogThreadOptions): Promise<LogThread> {
  let running: Running | undefined;
  let startedMs = Number.NEGATIVE_INFINITY;
  let died = '';

  /** Only where the thread is not inside libSQL: to end it there leaves locks, or takes the process along. */
  function end(one: Running, why: string): void {
    if (running === one) running = undefined;
    died = why;
    one.worker.terminate();
  }

  async function start(): Promise<Running> {
    startedMs = performance.now();
    const one = begin((why) => end(one, why));
    running = one;
    const { path, busyMs, limitPages } = options;
    await expectKind(one, { kind: 'open', path, busyMs, limitPages }, 'ready').catch((error) => {
      end(one, String(error));
      throw error;
    });
    return one;
  }

  function current(requests: readonly LogRequest[]): Running | Promise<Running> {
    if (running !== undefined) return running;
    const wanted = requests.some(({ kind }) => kind === 'open');
    if (!wanted || performance.now() - startedMs < RESTART_MS)
      throw new DocumentLogError(
        'unavailable',
        `the document log stopped (${died}): open the document again`,
      );
    return start();
  }

  await start();
  return {
    execute: async (requests) => {
      // What was asked of the one that died is not for its successor, except to open.
      const restarting = running === undefined;
      const one = await current(requests);
      const asked = restarting ? requests.filter(({ kind }) => kind === 'open' || kind === 'list') : requests;
      const packed = packRequests(asked);
      const reply = await one.ask({ kind: 'batch', ...packed }, [packed.bytes.buffer]);
      if (reply.kind !== 'outcomes') {
        end(one, describe(reply));
        throw new DocumentLogError('unavailable', `the document log failed: ${describe(reply)}`);
      }
      if (reply.broken) end(one, 'its last write failed');
      const outcomes = unpackOutcomes(reply.outcomes, reply.bytes);
      if (!restarting) return outcomes;
      let at = 0;
      return requests.map(({ kind }) => {
        const outcome = kind === 'open' || kind === 'list' ? outcomes[at++] : undefined;
        return outcome ?? { kind: 'failed', error: 'unavailable', message: `the log stopped (${died})` };
      });
    },
    close: async () => {
      const one = running;
      if (one === undefined) return;
      await one.ask({ kind: 'close' }).catch(() => undefined);
      end(one, 'it was closed');
    },
    kill: () => running?.worker.postMessage({ kind: 'die' } satisfies ToWorker),
  };
}

function begin(onDeath: (why: string) => void): Running {
  // Written like this a bundler finds the file, also for a single binary.
  const worker = new Worker(new URL('./document-log-worker.ts', import.meta.url).href);
  let pending: { resolve(message: FromWorker): void; reject(error: Error): void } | undefined;
  let dead: string | undefined;
  const die = (why: string): void => {
    dead ??= why;
    pending?.reject(new DocumentLogError('unavailable', `the document log's thread ended: ${dead}`));
    pending = undefined;
    onDeath(dead);
  };
  worker.onmessage = (event: MessageEvent<FromWorker>) => {
    const waiting = pending;
    pending = undefined;
    nextTurn(() => waiting?.resolve(event.data));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    die(event.message);
  };
  worker.onmessageerror = () => die('a message could not be read');
  worker.addEventListener('close', () => die('it ended'));
  return {
    worker,
    ask: (message, transfer = []) =>
      new Promise((resolve, reject) => {
        if (dead !== undefined)
          reject(new DocumentLogError('unavailable', `the document log's thread ended: ${dead}`));
        else {
          pending = { resolve, reject };
          worker.postMessage(message, transfer);
        }
      }),
  };
}

async function expectKind(one: Running, message: ToWorker, kind: FromWorker['kind']): Promise<void> {
  const reply = await one.ask(message);
  if (reply.kind !== kind)
    throw new DocumentLogError('unavailable', `the document log could not be opened: ${describe(reply)}`);
}

function describe(reply: FromWorker): string {
  return reply.kind === 'failed' ? reply.message : `it answered ${reply.kind}`;
}
