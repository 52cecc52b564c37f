// The document log in a libSQL file, as synchronous code: a batch of requests is one transaction, and so one flush to disk,
// however many documents it concerns. Every write carries its own condition (this epoch, this position), so fencing holds
// inside the transaction whoever else writes. Statements are prepared once: to prepare costs more than to run.
import Database from 'libsql';
import { type DocumentId, DocumentLogError, type LoadedLog } from '../document-log.ts';
import { failure, failureOf, type LogOutcome, type LogRequest, messageOf } from '../log-request.ts';
import { sharedCopy } from '../shared-bytes.ts';
import { prepareSchema } from './log-schema.ts';

export type LogStoreOptions = {
  path: string;
  /** How long a write waits for another connection's lock. It blocks the thread. */
  busyMs?: number;
  /** At this size the log is full; left out, the disk is the bound. */
  limitPages?: number;
  /** Called between the steps of a write, so that tests can end the process there. */
  onStep?(step: LogStep): void;
};

export const LOG_STEPS = [
  'begun',
  'head moved',
  'entry written',
  'base written',
  'entries removed',
  'before commit',
  'committed',
] as const;
export type LogStep = (typeof LOG_STEPS)[number];

export type LogStore = {
  /** One outcome for each request, in order, durable by then. */
  execute(requests: readonly LogRequest[]): LogOutcome[];
  /** What the disk did is not known any more: nothing may be written through this connection, open another. */
  readonly broken: boolean;
  close(): void;
};

const BUSY_MS = 5_000;
/** Of 4 KiB each: the write-ahead log is moved into the database at this size. */
const CHECKPOINT_PAGES = 1_000;
const SETTINGS = [
  'journal_mode = WAL',
  'synchronous = FULL',
  'cell_size_check = ON',
  `wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
];
/** After a failed flush the system may have dropped what it could not write, and a repeat would succeed over a hole. */
const BREAKING = /^SQLITE_(IOERR|NOTADB|CANTOPEN|READONLY|PROTOCOL|MISUSE)/;

export function openLogStore(options: LogStoreOptions): LogStore {
  const database = new Database(options.path);
  // First, as an earlier owner's connection may still be closing.
  database.prepare(`PRAGMA busy_timeout = ${options.busyMs ?? BUSY_MS}`).all();
  for (const setting of SETTINGS) database.prepare(`PRAGMA ${setting}`).all();
  prepareSchema(database);
  if (options.limitPages !== undefined)
    database.prepare(`PRAGMA max_page_count = ${options.limitPages}`).all();
  const run = statements(database);
  const step = options.onStep ?? (() => {});
  let broken = false;

  function answer(request: LogRequest): LogOutcome {
    switch (request.kind) {
      case 'open':
        return open(request.id);
      case 'read':
        return read(request.id);
      case 'position':
        return position(request.id);
      case 'append':
        return append(request.id, request.epoch, request.position, request.entries);
      case 'compact':
        return compact(request.id, request.epoch, request.position, request.base);
      case 'list':
        return { kind: 'listed', docs: run.docs.all([request.team]).map((row) => text(row, 0)) };
    }
  }

  function open({ team, doc }: DocumentId): LogOutcome {
    run.take.run([team, doc]);
    step('head moved');
    return read({ team, doc });
  }

  function read({ team, doc }: DocumentId): LogOutcome {
    try {
      return { kind: 'opened', loaded: load({ team, doc }) };
    } catch (cause) {
      // What cannot be read of one document is no reason to distrust what is written of the others.
      if (cause instanceof DocumentLogError) throw cause;
      const what = `${team}/${doc} could not be read: ${messageOf(cause)}`;
      throw new DocumentLogError('unavailable', what, { cause });
    }
  }

  function position({ team, doc }: DocumentId): LogOutcome {
    const [row] = run.head.all([team, doc]);
    return { kind: 'positioned', position: row === undefined ? 0 : integer(row, 2) };
  }

  function append(
    id: DocumentId,
    epoch: number,
    position: number,
    entries: readonly Uint8Array[],
  ): LogOutcome {
    const end = position + entries.length;
    const moved = run.advance.run([end, id.team, id.doc, epoch, position]);
    if (moved.changes !== 1) return refusal(id, epoch, position);
    step('head moved');
    const document = integer(run.head.all([id.team, id.doc])[0], 0);
    for (const [at, data] of entries.entries()) {
      run.addEntry.run([document, position + at, Bun.hash.crc32(data), data]);
      step('entry written');
    }
    return { kind: 'appended', position: end };
  }

  /** The base may stand before the head: entries appended since stay. */
  function compact(id: DocumentId, epoch: number, position: number, base: Uint8Array): LogOutcome {
    const row = run.head.all([id.team, id.doc])[0];
    if (row === undefined || integer(row, 1) !== epoch || integer(row, 2) < position)
      return refusal(id, epoch, position);
    const document = integer(row, 0);
    const put = run.putBase.run([document, position, Bun.hash.crc32(base), base]);
    if (put.changes !== 1) return refusal(id, epoch, position);
    step('base written');
    run.dropEntries.run([document, position]);
    step('entries removed');
    return { kind: 'compacted' };
  }

  function refusal(id: DocumentId, epoch: number, position: number): LogOutcome {
    const row = run.head.all([id.team, id.doc])[0];
    const name = `${id.team}/${id.doc}`;
    return row === undefined || integer(row, 1) !== epoch
      ? failure('stale_epoch', `epoch ${epoch} of ${name} is over: open it again`)
      : failure('wrong_position', `${name} is at ${integer(row, 2)}, not at ${position}`);
  }

  function load(id: DocumentId): LoadedLog {
    const row = run.head.all([id.team, id.doc])[0];
    if (row === undefined) return { epoch: 0, base: undefined, entries: [], position: 0 };
    const [document, epoch, position] = [integer(row, 0), integer(row, 1), integer(row, 2)];
    const base = run.base.all([document])[0];
    const from = base === undefined ? 0 : integer(base, 0);
    const entries = run.entries.all([document]);
    const whole = entries.every((entry, at) => integer(entry, 0) === from + at);
    if (!whole || from + entries.length !== position)
      throw new DocumentLogError(
        'unavailable',
        `${id.team}/${id.doc} is damaged: entries from ${from} to ${position} should be there, some are not`,
      );
    return {
      epoch,
      base: base === undefined ? undefined : checkedBytes(id, base),
      entries: entries.map((entry) => checkedBytes(id, entry)),
      position,
    };
  }

  function transact(requests: readonly LogRequest[]): LogOutcome[] {
    run.begin.run([]);
    step('begun');
    const outcomes = requests.map(answer);
    step('before commit');
    run.commit.run([]);
    step('committed');
    return outcomes;
  }

  function attempt(requests: readonly LogRequest[]): LogOutcome[] {
    // Also between those of one batch that are tried one by one.
    if (broken)
      return requests.map(() => failure('unavailable', 'the document log failed and has to be opened again'));
    try {
      return transact(requests);
    } catch (error) {
      const code = codeOf(error);
      broken ||= BREAKING.test(code) || !rolledBack(database);
      // One that cannot be stored must not take the others with it.
      if (!broken && requests.length > 1) return requests.flatMap((request) => attempt([request]));
      const outcome =
        code === 'SQLITE_FULL' && !broken
          ? failure('full', `there is no room for the document log: ${messageOf(error)}`)
          : failureOf(error);
      return requests.map(() => outcome);
    }
  }

  return {
    execute: (requests) => (requests.length === 0 ? [] : attempt(requests)),
    get broken() {
      return broken;
    },
    close: () => {
      // Statements that wait for the collector keep the file from being folded on closing.
      if (!broken) run.fold.all([]);
      database.close();
    },
  };
}

function statements(database: Database.Database) {
  const write = (sql: string) => database.prepare<unknown[]>(sql);
  const read = (sql: string) => database.prepare<unknown[]>(sql).raw(true);
  return {
    begin: write('BEGIN IMMEDIATE'),
    commit: write('COMMIT'),
    take: write(`INSERT INTO document (team, doc, epoch, position) VALUES (?, ?, 1, 0)
                 ON CONFLICT (team, doc) DO UPDATE SET epoch = epoch + 1`),
    advance: write(
      'UPDATE document SET position = ? WHERE team = ? AND doc = ? AND epoch = ? AND position = ?',
    ),
    addEntry: write('INSERT INTO log_entry (document, position, crc, data) VALUES (?, ?, ?, ?)'),
    putBase: write(`INSERT INTO log_base (document, position, crc, data) VALUES (?, ?, ?, ?)
                    ON CONFLICT (document) DO UPDATE SET position = excluded.position, crc = excluded.crc,
                    data = excluded.data WHERE excluded.position >= log_base.position`),
    dropEntries: write('DELETE FROM log_entry WHERE document = ? AND position < ?'),
    head: read('SELECT id, epoch, position FROM document WHERE team = ? AND doc = ?'),
    base: read('SELECT position, crc, data FROM log_base WHERE document = ?'),
    entries: read('SELECT position, crc, data FROM log_entry WHERE document = ? ORDER BY position'),
    fold: read('PRAGMA wal_checkpoint(TRUNCATE)'),
    docs: read('SELECT doc FROM document WHERE team = ? ORDER BY doc'),
  };
}

/** False when even that failed: then nothing is known of this connection. */
function rolledBack(database: Database.Database): boolean {
  try {
    if (database.inTransaction) database.exec('ROLLBACK');
    return !database.inTransaction;
  } catch {
    return false;
  }
}

/** Data of a row of position, crc, data, in a buffer of its own: large ones in one that threads share. */
function checkedBytes(id: DocumentId, row: unknown): Uint8Array {
  const [position, crc, data] = columns(row);
  if (!(data instanceof Uint8Array) || (crc !== null && crc !== Bun.hash.crc32(data)))
    throw new DocumentLogError(
      'unavailable',
      `${id.team}/${id.doc} is damaged: what is stored at ${position} is not what was written`,
    );
  return sharedCopy(data);
}

function columns(row: unknown): unknown[] {
  if (!Array.isArray(row)) throw new DocumentLogError('unavailable', 'a row of the document log is missing');
  return row;
}

function integer(row: unknown, column: number): number {
  const value = columns(row)[column];
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new DocumentLogError('unavailable', 'a number of the document log is damaged');
  return value;
}

function text(row: unknown, column: number): string {
  return String(columns(row)[column]);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
