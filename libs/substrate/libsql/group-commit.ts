// Group commit: writes that are asked for in the same turn of the event loop share one transaction, and so one flush to disk.
// Jobs commit in the order in which they were asked for.
import type { Client, InStatement } from '@libsql/client';

export type GroupCommit = {
  /** Commits the statements together (and with whatever else waits); gives the rows each of them changed, durable by then. */
  run(statements: InStatement[]): Promise<number[]>;
  /** Waits for what was asked for; later calls reject. */
  close(): Promise<void>;
};

/** Bounds one transaction: the rest goes into the next. */
const STATEMENTS_PER_COMMIT = 4096;

type Job = { statements: InStatement[]; resolve(changed: number[]): void; reject(error: unknown): void };

export function createGroupCommit(client: Client): GroupCommit {
  const waiting: Job[] = [];
  let flushing: Promise<void> | undefined;
  let closed = false;

  async function flush(): Promise<void> {
    // A turn later, so that everything asked for in this one comes along.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (waiting.length > 0) await commit(client, take(waiting));
    flushing = undefined;
  }

  return {
    run: (statements) => {
      if (closed) return Promise.reject(new Error('the database is closed'));
      return new Promise((resolve, reject) => {
        waiting.push({ statements, resolve, reject });
        flushing ??= flush();
      });
    },
    close: async () => {
      closed = true;
      await flushing;
    },
  };
}

function take(waiting: Job[]): Job[] {
  let statements = 0;
  let jobs = 0;
  for (const job of waiting) {
    if (jobs > 0 && statements + job.statements.length > STATEMENTS_PER_COMMIT) break;
    statements += job.statements.length;
    jobs += 1;
  }
  return waiting.splice(0, jobs);
}

async function commit(client: Client, jobs: Job[]): Promise<void> {
  try {
    const results = await client.batch(
      jobs.flatMap((job) => job.statements),
      'write',
    );
    let at = 0;
    for (const job of jobs) {
      const own = results.slice(at, at + job.statements.length);
      at += own.length;
      job.resolve(own.map((result) => result.rowsAffected));
    }
  } catch (error) {
    for (const job of jobs) job.reject(error);
  }
}
